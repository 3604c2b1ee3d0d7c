"""The cache of uploads keeps what was acknowledged, and never stands in the way of the kernel."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nbfiles._files import upload_cache as module
from nbfiles._files.upload_cache import UploadCache
from nbfiles.records import FileRecord, Kind

RECORD = FileRecord(
    "a.pdf",
    "file_1",
    Kind.PDF,
    "application/pdf",
    7,
    datetime.now(UTC),
    sha256="ab" * 32,
    path=Path("/x/a.pdf"),
)


def test_a_record_comes_back_whole_in_the_next_kernel(tmp_path):
    UploadCache(tmp_path, "here").keep(RECORD, 7)
    cache = UploadCache(tmp_path, "here")
    assert cache.by_key([RECORD.key]) == [RECORD]
    assert cache.by_id(["file_1", "file_2"]) == {"file_1": RECORD}
    assert {record.kind.value for record in (RECORD, *cache.by_key([RECORD.key]))} == {"PDF"}
    assert cache.has_size(7)
    assert not cache.has_size(8)
    assert cache.problem is None


def test_another_workspace_knows_nothing_of_it(tmp_path):
    UploadCache(tmp_path, "here").keep(RECORD, 7)
    assert UploadCache(tmp_path, "there").by_key([RECORD.key]) == []


def test_the_text_of_a_file_is_another_upload_than_the_file(tmp_path):
    cache = UploadCache(tmp_path, "here")
    cache.keep(replace(RECORD, mime_type="text/plain", converted=True, file_id="file_2"), 7)
    assert cache.by_key([RECORD.key, (RECORD.sha256, "text/plain")]) == []


def test_the_same_bytes_have_a_row_for_each_name(tmp_path):
    cache = UploadCache(tmp_path, "here")
    other = replace(RECORD, name="b.pdf", file_id="file_2", remote_name="b.pdf")
    cache.keep_all([(RECORD, 7), (other, 7)])
    assert sorted(r.remote_name for r in cache.by_key([RECORD.key])) == ["a.pdf", "b.pdf"]
    cache.forget(["file_2"])
    assert cache.by_key([RECORD.key]) == [RECORD]


def test_rows_of_the_version_before_are_still_found(tmp_path):
    cache = UploadCache(tmp_path, "here")
    cache.keep(RECORD, 7)
    row = ("here", RECORD.sha256, RECORD.mime_type, RECORD.file_id, 7)
    with closing(sqlite3.connect(tmp_path / module.FILE_NAME)) as db, db:
        (text,) = db.execute("SELECT row FROM files").fetchone()
        db.execute("DELETE FROM files")
        db.execute("INSERT INTO files VALUES (?,?,?,?,?,?,?)", module._sealed(*row, text))
    assert cache.by_key([RECORD.key]) == [RECORD]


def test_what_is_forgotten_is_gone(tmp_path):
    cache = UploadCache(tmp_path, "here")
    cache.keep(RECORD, 7)
    cache.forget(["file_1"])
    assert cache.by_key([RECORD.key]) == []


def test_many_are_looked_up_at_once(tmp_path):
    cache = UploadCache(tmp_path, "here")
    cache.keep(RECORD, 7)
    keys = [(f"{n:064x}", "text/plain") for n in range(2000)]
    assert cache.by_key([*keys, RECORD.key]) == [RECORD]


def test_an_unchanged_file_has_its_hash_and_a_changed_one_does_not(tmp_path):
    cache = UploadCache(tmp_path, "here")
    path, old = Path("/x/a.pdf"), time.time_ns() - 10**10
    cache.saw([(path, (7, old, 1), "ab")])
    assert cache.hashes([(path, (7, old, 1))]) == {path: "ab"}
    for other in ((8, old, 1), (7, old + 1, 1), (7, old, 2)):
        assert cache.hashes([(path, other)]) == {}


def test_a_file_written_a_moment_ago_is_hashed_again(tmp_path):
    cache = UploadCache(tmp_path, "here")
    path, now = Path("/x/a.pdf"), time.time_ns() + 10**12  # a moment ago for as long as this takes
    cache.saw([(path, (7, now, 1), "ab")])
    assert cache.hashes([(path, (7, now, 1))]) == {}


def test_a_path_that_is_no_text_is_not_kept_and_breaks_nothing(tmp_path):
    cache = UploadCache(tmp_path, "here")
    cache.saw([(Path("/x/\udcff"), (7, 1, 1), "ab")])
    cache.keep(replace(RECORD, path=Path("/x/\udcff")), 7)
    assert cache.by_key([RECORD.key])[0].path is None


def test_it_is_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        UploadCache(tmp_path / "data", "here").keep(RECORD, 7)
    finally:
        os.umask(before)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / module.FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000, "head", "cut"])
def test_a_damaged_database_is_set_aside_and_a_new_one_begins(tmp_path, damage):
    path = tmp_path / module.FILE_NAME
    UploadCache(tmp_path, "here").keep(RECORD, 7)
    whole = path.read_bytes()
    path.write_bytes({"head": bytes(100) + whole[100:], "cut": whole[: len(whole) // 3]}.get(damage, damage))
    cache = UploadCache(tmp_path, "here")
    cache.keep(RECORD, 7)
    cache.keep(RECORD, 7)  # the first may be what finds the damage
    assert cache.by_key([RECORD.key])
    assert damage == b"" or ("damaged" in cache.problem and "\n" not in cache.problem)


def test_a_flipped_bit_in_a_row_is_noticed(tmp_path):
    UploadCache(tmp_path, "here").keep(RECORD, 7)
    with sqlite3.connect(tmp_path / module.FILE_NAME) as db:
        db.execute("UPDATE files SET row = replace(row, 'a.pdf', 'b.pdf')")
    db.close()
    assert UploadCache(tmp_path, "here").by_key([RECORD.key]) == []


def test_a_folder_that_cannot_be_made_leaves_a_cache_in_memory(tmp_path):
    (tmp_path / "file").touch()
    cache = UploadCache(tmp_path / "file" / "data", "here")
    cache.keep(RECORD, 7)
    assert cache.by_key([RECORD.key])
    assert "cannot be opened" in cache.problem
    cache.close()
    assert not cache.by_key([RECORD.key])
    cache.close()


def test_a_database_that_cannot_be_written_is_still_read(tmp_path, monkeypatch):
    UploadCache(tmp_path, "here").keep(RECORD, 7)
    connect = sqlite3.connect
    monkeypatch.setattr(module.sqlite3, "connect", lambda path, **o: connect(f"file:{path}?mode=ro", uri=True, **o))
    cache = UploadCache(tmp_path, "here")
    cache.keep(replace(RECORD, file_id="file_2"), 7)
    assert cache.by_key([RECORD.key]) == [RECORD]
    assert "readonly" in cache.problem


def test_a_full_disk_is_said_and_the_rows_stay(tmp_path, monkeypatch):
    first = UploadCache(tmp_path, "here")
    first.keep(RECORD, 7)
    connect = sqlite3.connect

    def tiny(path, **options):
        db = connect(path, **options)
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        return db

    monkeypatch.setattr(module.sqlite3, "connect", tiny)
    cache = UploadCache(tmp_path, "here")
    cache.keep(replace(RECORD, sha256="cd" * 32, remote_name="x" * 100_000), 7)
    assert "full" in cache.problem
    assert cache.by_key([RECORD.key])


def test_a_locked_database_is_waited_for_and_then_said(tmp_path, monkeypatch):
    cache = UploadCache(tmp_path, "here")
    monkeypatch.setattr(module, "BUSY_S", 0.05)
    with sqlite3.connect(tmp_path / module.FILE_NAME) as other:
        other.execute("BEGIN EXCLUSIVE")
        cache.keep(RECORD, 7)
    other.close()
    assert "locked" in cache.problem
    cache.keep(RECORD, 7)
    assert cache.by_key([RECORD.key])


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from nbfiles._files.upload_cache import UploadCache
from tests.files.test_upload_cache import RECORD
cache = UploadCache(Path(sys.argv[1]), "here")
for number in range(int(sys.argv[2]), 10**6):
    cache.keep(replace(RECORD, sha256=f"{number:064x}"), 7)
    print(number, flush=True)
"""


def test_two_kernels_at_once_and_kill_9_lose_nothing_that_was_acknowledged(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), start], stdout=subprocess.PIPE, text=True)
        for start in ("0", "500000")
    ]
    acknowledged = []
    for writer in writers:
        for _ in range(random.randint(5, 25)):
            acknowledged.append(int(writer.stdout.readline()))
        writer.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
    keys = [(f"{number:064x}", RECORD.variant) for number in acknowledged]
    cache = UploadCache(tmp_path, "here")
    assert {record.key for record in cache.by_key(keys)} == set(keys)
    assert cache.problem is None
