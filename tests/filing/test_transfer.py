"""A file on its way: whole, counted, and unchanged."""

from datetime import UTC, datetime

import pytest

from nbfiles.errors import CutOff, UnusableFile
from nbfiles.filing import sources
from nbfiles.filing.transfer import send
from nbfiles.records import RemoteFile


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(3_000_000))
    return path


def receive(handle, name, mime_type, *, lost=0):
    """Read like the SDK does: the length first, then from the start, twice as after a refusal."""
    for _ in range(2):
        handle.seek(0)
        size = sum(len(piece) for piece in iter(lambda: handle.read(65536), b""))
    return RemoteFile("file_1", name, mime_type, size - lost, datetime.now(UTC))


def test_progress_counts_bytes_and_starts_anew_on_a_second_try(path):
    counts = []
    assert send(sources.inspect(path), receive, counts.append).size_bytes == 3_000_000
    assert max(counts) == 3_000_000
    assert counts.count(3_000_000) == 4  # the last piece and the end, in both tries


def test_missing_bytes_are_noticed(path):
    with pytest.raises(CutOff, match="2,999,999 of 3,000,000"):
        send(sources.inspect(path), lambda *file: receive(*file, lost=1), lambda _count: None)


def test_a_file_that_changed_since_it_was_hashed_is_not_sent(path):
    source = sources.inspect(path)
    path.write_bytes(b"other")
    with pytest.raises(UnusableFile, match="changed"):
        send(source, pytest.fail, lambda _count: None)


def test_a_file_that_changes_while_it_is_sent_is_refused(path):
    def change(handle, name, mime_type):
        with path.open("ab") as other:
            other.write(b"more")
        return receive(handle, name, mime_type)

    with pytest.raises(UnusableFile, match="changed"):
        send(sources.inspect(path), change, lambda _count: None)
