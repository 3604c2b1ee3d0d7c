"""A file on its way: whole, counted, unchanged, and never twice."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nbfiles._files.sources import paths
from nbfiles._files.transfer import send
from nbfiles.errors import CutOff, ServerError, UnusableFile
from nbfiles.records import RemoteFile

NOW = datetime.now(UTC)


class Target:
    """Reads like the SDK does (the length first, then from the start) and keeps what arrived.

    A reply that is lost is followed by one more try, as by the client.
    """

    def __init__(self, *, lost: int = 0, replies_lost: int = 0, tries: int = 1, keeps_lost: bool = True) -> None:
        self.files: list[RemoteFile] = []
        self.lost, self.replies_lost, self.tries = lost, replies_lost, tries
        self.keeps_lost = keeps_lost
        self.late: list[RemoteFile] = []  # what is there only when somebody looks for the second time

    def upload(self, handle, name, mime_type, _expires_in=None, on_repeat=None):
        try:
            return self.once(handle, name, mime_type)
        except CutOff as error:
            on_repeat(str(error))
            return self.once(handle, name, mime_type)

    def once(self, handle, name, mime_type):
        for _ in range(self.tries):
            handle.seek(0)
            size = sum(len(piece) for piece in iter(lambda: handle.read(65536), b""))
        now = datetime.now(UTC)
        remote = RemoteFile(f"file_{len(self.files)}_{name[0]}abc", name, mime_type, size - self.lost, now)
        if self.keeps_lost or not self.replies_lost:
            self.files.append(remote)
        if self.replies_lost:
            self.replies_lost -= 1
            error = CutOff("The connection broke off.")
            error.perhaps_done = not self.replies_lost
            raise error
        return remote

    def newest(self):
        found, self.files, self.late = list(self.files), self.files + self.late, []
        return found

    def delete(self, file_id):
        self.files = [file for file in self.files if file.file_id != file_id]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(3_000_000))
    return path


def looked(path):
    return paths.hashed(paths.inspect(path))


def test_progress_counts_bytes_and_starts_anew_on_a_second_try(path):
    counts = []
    remote, _ = send(looked(path), Target(tries=2), counts.append)
    assert remote.size_bytes == max(counts) == 3_000_000
    assert counts.count(3_000_000) == 4  # the last piece and the end, in both tries


@pytest.mark.parametrize("tries", [1, 2])
def test_a_source_without_a_hash_has_one_afterwards(path, tries):
    path.write_bytes(b"x" * 2_500_000)
    _, source = send(paths.inspect(path), Target(tries=tries), lambda _count: None)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_missing_bytes_are_noticed_and_not_left_behind(path):
    target = Target(lost=1)
    with pytest.raises(CutOff, match="2,999,999 of 3,000,000"):
        send(looked(path), target, lambda _count: None)
    assert target.files == []


def test_a_file_that_changed_since_it_was_hashed_is_not_sent(path):
    source = looked(path)
    path.write_bytes(b"other")
    target = Target()
    with pytest.raises(UnusableFile, match="changed"):
        send(source, target, lambda _count: None)
    assert target.files == []


def test_a_file_that_changes_while_it_is_sent_is_refused(path):
    source, target = looked(path), Target()

    def write_more(count):
        if count == 1 << 20:
            with path.open("ab") as other:
                other.write(b"more")

    with pytest.raises(UnusableFile, match="changed"):
        send(source, target, write_more)
    assert target.files == []


def test_after_a_lost_reply_the_twin_is_named_and_nothing_is_deleted(path):
    target = Target(replies_lost=1)
    remote, sent = send(looked(path), target, lambda _count: None)
    twin, kept = target.files
    assert kept == remote
    assert sent.note == (
        f"A first try may have left a copy: a.bin, 3,000,000 bytes, {twin.created_at.astimezone():%H:%M:%S}. "
        "To delete it, type: nbfiles.workspace.remove('…aabc', yes=True)"
    )
    assert twin.file_id not in sent.note


def test_a_twin_that_comes_late_is_named_too(path):
    target = Target(replies_lost=1, keeps_lost=False)
    target.late = [namesake(created_at=datetime.now(UTC))]
    _, sent = send(looked(path), target, lambda _count: None)
    assert "nbfiles.workspace.remove('…eirs', yes=True)" in sent.note


def namesake(file_id="file_theirs", **changes):
    same = RemoteFile(file_id, "a.bin", "application/octet-stream", 3_000_000, datetime.now(UTC))
    return replace(same, **changes)


@pytest.mark.parametrize(
    "other",
    [
        namesake(created_at=NOW - timedelta(days=1)),
        namesake(created_at=NOW + timedelta(hours=1)),
        namesake("file_known"),
        namesake(filename="b.bin"),
        namesake(mime_type="text/plain"),
        namesake(size_bytes=2_999_999),
        namesake(expires_at=NOW + timedelta(days=30)),
    ],
)
@pytest.mark.parametrize("keeps_lost", [True, False])
def test_a_namesake_that_something_else_accounts_for_is_not_named(path, other, keeps_lost):
    target = Target(replies_lost=1, keeps_lost=keeps_lost)
    target.files = [other]
    _, sent = send(looked(path), target, lambda _count: None, is_ours=lambda file_id: file_id == "file_known")
    assert other in target.files
    assert other.label not in sent.note
    assert bool(sent.note) == keeps_lost


def test_where_others_upload_the_same_file_all_are_named(path):
    target = Target(replies_lost=1)
    theirs = target.files = [namesake(created_at=datetime.now(UTC))]
    _, sent = send(looked(path), target, lambda _count: None)
    assert len(target.files) == 3
    assert theirs[0] in target.files
    assert "A first try may have left a copy, one of a.bin" in sent.note
    assert "(…eirs)" in sent.note
    assert "(…aabc)" in sent.note


def test_a_try_that_left_nothing_has_no_note(path):
    target = Target(replies_lost=1, keeps_lost=False)
    remote, sent = send(looked(path), target, lambda _count: None)
    assert target.files == [remote]
    assert sent.note == ""


def test_a_reply_that_is_lost_twice_is_an_error_that_names_the_copies(path):
    target = Target(replies_lost=2)
    with pytest.raises(
        CutOff, match=r"may have left copies: a\.bin, 3,000,000 bytes.*nbfiles\.workspace\.remove\('…aabc'\)"
    ):
        send(looked(path), target, lambda _count: None)
    assert len(target.files) == 2


def test_a_reply_that_is_lost_twice_with_nothing_to_see_says_how_to_look(path):
    target = Target(replies_lost=2, keeps_lost=False)
    with pytest.raises(CutOff, match=r"all the same.*nbfiles\.workspace\.listed\('a\.bin'"):
        send(looked(path), target, lambda _count: None)


def test_where_the_list_fails_the_file_is_not_sent_again(path):
    target = Target(replies_lost=1)

    def fail():
        raise ServerError("No list today.")

    target.newest = fail
    with pytest.raises(ServerError, match=r"No list today.*all the same.*nbfiles\.workspace\.listed\('a\.bin'"):
        send(looked(path), target, lambda _count: None)
    assert len(target.files) == 1


def test_a_first_error_without_doubt_says_nothing_of_copies(path):
    target = Target()

    def refuse(*_, **__):
        raise ServerError("Busy.")

    target.upload = refuse
    with pytest.raises(ServerError, match=r"\ABusy\.\Z"):
        send(looked(path), target, lambda _count: None)
