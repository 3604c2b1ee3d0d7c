"""What a failed upload may have left: found by name, size and time (the API gives no hash), never removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from nbfiles._files.sources.paths import Source
from nbfiles.errors import NbfilesError, Spelled
from nbfiles.records import RemoteFile, typed

CLOCK_S = 1.0  # the API's times are whole seconds
CLOCKS_APART_S = 60.0  # how far the server's clock may be from ours, where no reply tells
NAMED = 3  # copies in one sentence


class Workspace(Protocol):
    """Where copies are looked for."""

    def newest(self) -> list[RemoteFile]:
        """Return the newest files."""


class Copies:
    """The copies of one file that tries of uploading it may have left.

    1. The client calls `search` before it sends the file again though a first try may have stored it.
    2. `note` says what a first try may have left beside the file that is there now, or
    3. `explain_errors` adds to the error what all tries may have left.

    With a key that several people share, a file that looks the same may be somebody else's: it is only named.
    """

    def __init__(
        self,
        source: Source,
        expires_in: int | None,
        workspace: Workspace,
        is_ours: Callable[[str], bool],
        restart: Callable[[], None],
    ) -> None:
        self._source = source
        self._lifetime = None if expires_in is None else timedelta(seconds=expires_in)
        self._workspace, self._is_ours, self._restart = workspace, is_ours, restart
        self._began, self._began_at = time.monotonic(), datetime.now(UTC)
        self._repeated = self._blind = False
        self._files: dict[str, RemoteFile] = {}

    def search(self, _why: str = "") -> None:
        """Remember the newest files that fit; raises where that is not to be learned."""
        self._repeated = self._blind = True
        self._restart()
        self._search()
        self._blind = False

    def note(self, remote: RemoteFile) -> str:
        """Say what a first try may have left beside the file that is there now; empty for nothing."""
        if not self._repeated:
            return ""
        took = timedelta(seconds=time.monotonic() - self._began + CLOCK_S)
        left = self._left(remote, took)
        if not left:  # what a gateway gave up may have been stored since
            try:
                self._search()
            except NbfilesError:
                return f"A first try may have left a copy. {self._to_see()}"
            left = self._left(remote, took)
        if not left:
            return ""
        return f"A first try may have left a copy{': ' if len(left) == 1 else ', one of '}{_offered(left)}"

    @contextmanager
    def explain_errors(self) -> Iterator[None]:
        """Add to an error what is known of copies."""
        try:
            yield
        except NbfilesError as error:
            if self._repeated or error.perhaps_done:
                if error.perhaps_done and not self._blind:
                    with suppress(NbfilesError):
                        self._search()
                error.add(self._message())
            raise

    def _search(self) -> None:
        expected = self._source.name, self._source.size_bytes
        for file in self._workspace.newest():
            if (file.filename, file.size_bytes) == expected and not self._is_ours(file.file_id):
                self._files[file.file_id] = file

    def _left(self, remote: RemoteFile, took: timedelta) -> list[RemoteFile]:
        """Return what is like the file that is there and came since the first try, by the server's clock."""
        others = [file for file in self._files.values() if file.file_id != remote.file_id]
        alike = [file for file in others if file.mime_type == remote.mime_type and _lives(file, _lifetime(remote))]
        soon = timedelta(seconds=CLOCK_S)
        return [file for file in alike if -took <= file.created_at - remote.created_at <= soon]

    def _message(self) -> str:
        since = self._began_at - timedelta(seconds=CLOCKS_APART_S)
        left = [
            file
            for file in self._files.values()
            if file.created_at >= since and file.mime_type == self._source.mime_type and _lives(file, self._lifetime)
        ]
        name = self._source.name
        if not left:
            return f"“{name}” may be in the workspace all the same. {self._to_see()}"
        return f"This may have left {'a copy' if len(left) == 1 else 'copies'}: {_offered(left)}"

    def _to_see(self) -> str:
        name = self._source.name
        see = Spelled(f"nbfiles.workspace.listed({name!r}, everything=True)", f"%files --all {typed(name)}")
        return f"To see what is there, type: {see}"


def _lifetime(file: RemoteFile) -> timedelta | None:
    return file.expires_at - file.created_at if file.expires_at else None


def _lives(file: RemoteFile, expected: timedelta | None) -> bool:
    """Return whether a file lives for as long as another."""
    lifetime = _lifetime(file)
    if lifetime is None or expected is None:
        return lifetime is expected
    return abs((lifetime - expected).total_seconds()) <= CLOCK_S


def _offered(files: Sequence[RemoteFile]) -> str:
    """Name files, and the line that deletes the one; of several, others may have put some there."""
    if len(files) == 1:
        return f"{_named(files[0])}. To delete it, type: {_remove(files[0], yes=True)}"
    listed = "; ".join(f"{_named(file)} ({file.label})" for file in files[:NAMED])
    return f"{listed}. To see one before you delete it, type: {_remove(files[0])}"


def _remove(file: RemoteFile, *, yes: bool = False) -> Spelled:
    python = f"nbfiles.workspace.remove({file.label!r}{', yes=True' if yes else ''})"
    return Spelled(python, f"%files rm {file.label}{' --yes' if yes else ''}")


def _named(file: RemoteFile) -> str:
    return f"{file.filename}, {file.size_bytes:,} bytes, {file.created_at.astimezone():%H:%M:%S}"
