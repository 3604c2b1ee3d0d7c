"""Whether files are still there: not asked again and again, and not trusted for ever."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from nbfiles._files.index import FileIndex
from nbfiles._files.upload_cache import UploadCache
from nbfiles.records import FileRecord, Kind, Origin, Preview, RemoteFile

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RECORD = FileRecord("a.txt", "file_1", Kind.TEXT, "text/plain", 1, NOW)


class Workspace:
    """A workspace that counts how often it is asked."""

    def __init__(self):
        self.asked = []
        self.files = {"file_1": RemoteFile("file_1", "a.txt", "text/plain", 1, NOW)}

    def alive(self, file_ids):
        self.asked.append(list(file_ids))
        return {file_id: self.files[file_id] for file_id in file_ids if file_id in self.files}


class Clock:
    """Seconds that pass when the test says so."""

    seconds = 1_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def index(tmp_path):
    workspace, clock = Workspace(), Clock()
    cache = UploadCache(tmp_path, "test")
    index = FileIndex(lambda: workspace, cache, clock)
    yield index, workspace, clock
    cache.close()


def test_a_file_that_was_there_a_minute_ago_is_not_asked_about(index):
    index, workspace, clock = index
    assert index.alive([RECORD]) == {"file_1"}
    clock.seconds += 60
    assert index.alive([RECORD]) == {"file_1"}
    assert workspace.asked == [["file_1"]]


def test_a_file_that_was_there_an_hour_ago_is_looked_for_again(index):
    index, workspace, clock = index
    index.alive([RECORD])
    workspace.files.clear()  # somebody else deleted it
    clock.seconds += 3600
    assert index.alive([RECORD]) == set()


def test_the_repr_of_a_file_holds_neither_its_id_nor_a_path_nor_what_is_in_it(tmp_path):
    path = tmp_path / "private" / "a.txt"
    values = {"expires_at": NOW + timedelta(days=1), "sha256": "5ec4e7" * 8, "path": path, "made_by_code": True}
    preview = Preview(lines=("a secret line",), page="<p>a secret page</p>", drawing=b"<svg>secret</svg>")
    record = FileRecord(
        "a.txt", "file_011CNha8iCJcU1wXNR6q4V8w", Kind.TEXT, "text/plain", 1, NOW, **values,
        origin=Origin(1, (("sales.csv", "5ec4e7"),), "7f3a"), preview=preview,
    )  # fmt: skip
    for text in (repr(record), str(record), repr([record])):
        for secret in ("file_011", str(tmp_path), "private", "5ec4e7", "secret"):
            assert secret not in text
    assert {field.name for field in fields(record) if field.repr} == {"name", "kind", "mime_type", "size_bytes"}
