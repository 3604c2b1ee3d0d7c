import sqlite3

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from nbfiles.server.store import Store, private_directory


def add(store, content=b"x", **more):
    staged = store.staging()
    staged.write_bytes(content)
    return store.add(staged, filename="a.txt", mime_type="text/plain", **more)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "s")


def test_a_file_is_kept_with_its_bytes(store):
    file = add(store, b"bytes")
    assert store.content(file.id).read_bytes() == b"bytes"
    assert store.get(file.id).size_bytes == 5


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
    assert store.get(file.id).expired()


def test_a_row_that_cannot_be_written_leaves_an_error_not_a_promise(store):
    (store.root / "server.db").write_bytes(b"this is no database, but long enough to be read as one" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        add(store)


class StoreAgainstModel(RuleBasedStateMachine):
    """The store does what a plain list of ids would do."""

    ids = Bundle("ids")

    def __init__(self):
        super().__init__()
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))
        self.model = []

    def teardown(self):
        self.folder.cleanup()

    @rule(target=ids)
    def add(self):
        file_id = add(self.store).id
        self.model.insert(0, file_id)
        return file_id

    @rule(file_id=ids)
    def delete(self, file_id):
        assert self.store.delete(file_id) == (file_id in self.model)
        self.model = [known for known in self.model if known != file_id]

    @rule(limit=st.integers(1, 3))
    def pages(self, limit):
        seen, before = [], None
        while found := self.store.page(limit, before):
            seen += [file.id for file in found]
            before = found[-1].seq
        assert seen == self.model

    @rule()
    def reopen(self):
        self.store = Store(self.store.root)

    @invariant()
    def bytes_and_rows_agree(self):
        assert {path.name for path in self.store.files.iterdir()} == set(self.model)


StoreAgainstModel.TestCase.settings = settings(max_examples=10, stateful_step_count=12, deadline=None)
test_the_store_agrees_with_a_list = StoreAgainstModel.TestCase
