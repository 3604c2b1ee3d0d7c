import os
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from nbfiles.server.storage.store import DAY, SWEEP_EVERY, Store, private_directory

DAYS = st.integers(3600, 90 * DAY)


def add(store, content=b"x", **more):
    staged = store.staging()
    staged.write_bytes(content)
    return store.add(staged, filename="a.txt", mime_type="text/plain", **more)


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "s")
    yield opened
    opened.close()


def test_a_file_is_kept_with_its_bytes(store):
    file = add(store, b"bytes")
    assert store.content(file.id).read_bytes() == b"bytes"
    assert store.require(file.id).size_bytes == 5


def test_a_wide_open_directory_is_closed_to_others(tmp_path):
    folder = tmp_path / "wide"
    folder.mkdir(mode=0o755)
    assert private_directory(folder).stat().st_mode & 0o077 == 0


def test_sweeping_drops_expired_content_and_keeps_its_row(store):
    file = add(store, expires_in=1)
    with sqlite3.connect(store.root / "server.db") as db:
        db.execute("UPDATE files SET expires_at = 1e9 + strftime('%s') - 1e9 - 5")
    db.close()
    store.sweep()
    assert not store.content(file.id).exists()
    assert store.require(file.id).expired()


def aged(path):
    os.utime(path, (time.time() - 2 * DAY,) * 2)


def test_sweeping_drops_what_a_crash_left_without_a_row(store):
    kept, fresh, old = add(store), store.content("file_new"), store.content("file_old")
    fresh.write_bytes(b"being added just now")
    old.write_bytes(b"left behind")
    aged(old)
    aged(store.content(kept.id))
    store.sweep()
    assert (store.content(kept.id).exists(), fresh.exists(), old.exists()) == (True, True, False)


def test_sweeping_passes_over_what_another_kernel_takes_away_meanwhile(store):
    for folder in (store.incoming, store.files):
        (folder / "taken").symlink_to("nothing")  # listed, and not there when it is looked at
    store.sweep()


def test_a_server_that_runs_for_long_lets_go_of_what_expires(tmp_path, open_store):
    moments = [time.time()]
    store = open_store(tmp_path, clock=lambda: moments[-1])
    file = add(store, expires_in=60)
    moments.append(moments[0] + 2 * SWEEP_EVERY)
    add(store)
    assert not store.content(file.id).exists()


def test_an_expired_container_loses_its_files(store):
    folder = store.containers / "container_1"
    folder.mkdir()
    store.keep_container("container_1", time.time() - 1)
    store.sweep()
    assert not folder.exists()


def test_a_database_that_was_in_use_may_be_closed_and_used_again(store):
    file = add(store)
    store.close()
    assert store.require(file.id).id == file.id


def test_a_database_that_is_in_use_while_it_is_closed_is_closed_afterwards(store):
    with store.database.connection() as db:
        store.close()
        assert db.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        db.execute("SELECT 1")


def test_who_will_not_wait_for_a_writer_is_told_at_once(store):
    file = add(store)
    with closing(sqlite3.connect(store.root / "server.db", isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            store.require(file.id, wait=False)
        with ThreadPoolExecutor() as beside:
            found = beside.submit(store.require, file.id)
            writer.execute("COMMIT")
            assert found.result().id == file.id
    assert store.require(file.id, wait=False).id == file.id


def test_a_row_that_cannot_be_written_leaves_an_error_not_a_promise(store):
    (store.root / "server.db").write_bytes(b"this is not a database, but long enough to be read as one" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        add(store)


class StoreAgainstModel(RuleBasedStateMachine):
    """The store does what a list of (id, bytes, when it expires) would do, opened by two processes' worth."""

    ids = Bundle("ids")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.sides = [Store(Path(self.folder.name)) for _ in "12"]
        self.model = []

    def teardown(self):
        for side in self.sides:
            side.close()
        self.folder.cleanup()

    @rule(target=ids, side=st.sampled_from([0, 1]), content=st.binary(max_size=9), expires_in=st.none() | DAYS)
    def add(self, side, content, expires_in):
        file = add(self.sides[side], content, expires_in=expires_in)
        self.model.insert(0, (file.id, content, file.expires_at))
        return file.id

    @rule(file_id=ids, side=st.sampled_from([0, 1]))
    def delete(self, file_id, side):
        known = [one for one, *_ in self.model]
        assert self.sides[side].delete(file_id) == (file_id in known)
        self.model = [entry for entry in self.model if entry[0] != file_id]

    @rule(limit=st.integers(1, 3), side=st.sampled_from([0, 1]))
    def pages(self, limit, side):
        seen, before = [], None
        while found := self.sides[side].page(limit, before):
            seen += [file.id for file in found]
            before = found[-1].seq
        assert seen == [one for one, *_ in self.model]

    @rule(limit=st.integers(1, 3), place=st.integers(0, 9))
    def pages_backwards(self, limit, place):
        if place < len(self.model):
            than = self.sides[0].require(self.model[place][0]).seq
            newer = [file.id for file in self.sides[0].newer(limit, than)]
            assert newer == [one for one, *_ in self.model[max(0, place - limit) : place]]

    @rule(file_ids=st.lists(ids, max_size=3), side=st.sampled_from([0, 1]))
    def by_ids(self, file_ids, side):
        found = [file.id for file in self.sides[side].by_ids([*file_ids, "file_unknown"])]
        assert found == [one for one, *_ in self.model if one in file_ids]

    @rule(side=st.sampled_from([0, 1]))
    def reopen(self, side):
        self.sides[side].close()
        self.sides[side] = Store(self.sides[side].root)

    @invariant()
    def bytes_and_rows_agree(self):
        store = self.sides[0]
        assert {path.name for path in store.files.iterdir()} == {one for one, *_ in self.model}
        for file_id, content, expires_at in self.model:
            file = store.require(file_id)
            assert store.content(file_id).read_bytes() == content
            assert (file.size_bytes, file.expires_at) == (len(content), expires_at)


StoreAgainstModel.TestCase.settings = settings(max_examples=15, stateful_step_count=15)
test_the_store_agrees_with_a_list = StoreAgainstModel.TestCase
