"""Several files at once: in the order they were named, each with its own luck, and kept when stopped."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nbfiles._files.index import FileIndex
from nbfiles._files.progress import WORKERS, TransferGroup
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles._files.upload import Upload
from nbfiles._files.upload_cache import UploadCache
from nbfiles._files.upload_call import UploadOptions
from nbfiles.errors import BadInput, ServerError, Stopped
from nbfiles.records import RemoteFile
from tests.waiting import HANG_S


class Workspace:
    """Takes files; `before` is called with each name and decides when and whether it arrives."""

    def __init__(self, before=lambda _name: None):
        self.before = before
        self.names = []

    def upload(self, handle, name, mime_type, _expires_in=None, _on_repeat=None):
        content = handle.read()
        self.before(name)
        self.names.append(name)
        return RemoteFile(f"file_{name}", name, mime_type, len(content), datetime.now(UTC))

    def alive(self, _file_ids):
        return {}


@pytest.fixture
def upload(tmp_path):
    """Upload `count` small files past a workspace; `rows` is what was shown last."""

    def run(workspace, count=4):
        found = []
        for number in range(count):
            path = Path(tmp_path, f"n{number}.txt")
            path.write_text(f"note {number}")
            found.append(ResolvedSource(path))
        run.index = FileIndex(lambda: workspace, UploadCache(tmp_path / "data", "test"))
        return Upload(run.index, found, lambda rows: setattr(run, "rows", list(rows)), UploadOptions()).run()

    return run


def kept(upload):
    return [record.name for record in upload.index.registry]


def test_records_come_in_the_order_of_the_files_whatever_arrives_first(upload):
    others = threading.Semaphore(0)

    def first_comes_last(name):
        if name == "n0.txt":
            assert all(others.acquire(timeout=HANG_S) for _ in range(3))
        else:
            others.release()

    workspace = Workspace(first_comes_last)
    records = upload(workspace)
    assert workspace.names[-1] == "n0.txt"
    assert [r.name for r in records] == kept(upload) == ["n0.txt", "n1.txt", "n2.txt", "n3.txt"]


def test_a_file_that_fails_does_not_stop_the_others(upload):
    def no_room(name):
        if name == "n1.txt":
            raise ServerError("No room.")

    with pytest.raises(ServerError, match="No room"):
        upload(Workspace(no_room))
    assert kept(upload) == ["n0.txt", "n2.txt", "n3.txt"]
    assert [row.state for row in upload.rows] == ["uploaded", "failed", "uploaded", "uploaded"]
    assert upload.rows[1].note == "No room."


def test_many_failures_are_one_line(upload):
    def no_room(name):
        raise ServerError(f"No room for {name}.")

    with pytest.raises(BadInput, match=r"n0.txt.*n1.txt.*n2.txt.*And 7 more files failed") as caught:
        upload(Workspace(no_room), count=10)
    assert "\n" not in str(caught.value)


def test_stop_keeps_what_is_done_and_begins_no_other_file(upload, monkeypatch):
    held, started, others = threading.Event(), [], set(threading.enumerate())

    def hold_all_but_the_first(name):
        started.append(name)
        if name != "n0.txt":
            held.wait(HANG_S)

    def stop_when_one_is_done(thread, _timeout):
        while kept_ids():
            raise KeyboardInterrupt

    def kept_ids():
        return [row for row in getattr(upload, "rows", ()) if row.state == "uploaded"]

    monkeypatch.setattr(threading.Thread, "join", stop_when_one_is_done)  # where the cell's thread waits
    with pytest.raises(Stopped, match="1 of 20 files were uploaded and are kept"):
        upload(Workspace(hold_all_but_the_first), count=20)
    monkeypatch.undo()
    assert kept(upload) == ["n0.txt"]
    assert {row.state for row in upload.rows[1:]} == {"stopped"}
    held.set()
    for thread in set(threading.enumerate()) - others:
        thread.join(HANG_S)
    assert len(started) <= WORKERS + 1


def test_a_thread_that_notices_late_that_it_was_stopped_changes_nothing():
    shown = []
    batch = TransferGroup(["a.txt"], lambda rows: shown.append([row.state for row in rows]))
    batch.finish()
    batch.update(0, state="uploading")
    assert shown == [["stopped"]]
    assert batch.rows[0].state == "stopped"


def test_a_bug_in_one_file_is_raised_and_not_swallowed(upload):
    def bug(name):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        upload(Workspace(bug))
