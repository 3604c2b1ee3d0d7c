"""One file on its way to the workspace: streamed from an open handle, counted, and checked afterwards."""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import IO, Protocol

from nbfiles._files.copies import Copies
from nbfiles._files.sources.paths import Source, check_unchanged, opened
from nbfiles.errors import CutOff, NbfilesError, UnusableFile
from nbfiles.records import RemoteFile

READ_BYTES = 1 << 20  # the SDK asks for 64 KiB at a time; fewer, larger reads are 1.7 times as fast
AHEAD = 8  # pieces that may wait for the hash: 8 MiB, so that memory stays flat when hashing is slower


class Target(Protocol):
    """What sending needs of a workspace."""

    def upload(
        self,
        handle: IO[bytes],
        name: str,
        mime_type: str,
        expires_in: int | None = None,
        on_repeat: Callable[[str], None] = ...,
    ) -> RemoteFile:
        """Send a file; `on_repeat` is told before that is repeated though it may have been stored."""

    def newest(self) -> list[RemoteFile]:
        """Return the newest files."""

    def delete(self, file_id: str) -> None:
        """Delete a file."""


class Hasher:
    """A SHA-256 that keeps up with the reading in a thread of its own, which OpenSSL lets run beside."""

    def __init__(self) -> None:
        self._pieces: queue.Queue[bytes | None] = queue.Queue(AHEAD)
        self._hash = hashlib.sha256()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def update(self, piece: bytes) -> None:
        """Take the next piece; waits where too many wait already."""
        self._pieces.put(piece)

    def hexdigest(self) -> str:
        """Return the hash of all pieces, and end."""
        self._pieces.put(None)
        self._thread.join()
        return self._hash.hexdigest()

    def _run(self) -> None:
        while (piece := self._pieces.get()) is not None:
            self._hash.update(piece)


class UploadReader:
    """A seekable handle that reads in large pieces, counts, and can hash what was read since the rewind."""

    def __init__(self, handle: IO[bytes], on_read: Callable[[int], None], *, hashing: bool = False) -> None:
        self._handle = handle
        self._on_read = on_read
        self._count = 0
        self._hashing = hashing
        self._hasher: Hasher | None = None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, up to READ_BYTES whatever smaller `size` is asked for."""
        data = self._handle.read(size if size < 0 else max(size, READ_BYTES))
        self._count += len(data)
        if self._hashing:
            self._hasher = self._hasher or Hasher()
            self._hasher.update(data)
        self._on_read(self._count)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move in the file; the SDK rewinds before every try, so counting and hashing start anew."""
        self._count = 0
        self.sha256()
        return self._handle.seek(offset, whence)

    def restart(self) -> None:
        """Say that nothing is sent yet, which also leaves when the user pressed Stop meanwhile."""
        self._on_read(0)

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._handle.tell()

    def fileno(self) -> int:
        """Return the descriptor, from which the SDK learns the length."""
        return self._handle.fileno()

    def sha256(self) -> str:
        """Return the hash of what was read since the last rewind, and stop hashing; empty without one."""
        hasher, self._hasher = self._hasher, None
        return hasher.hexdigest() if hasher else ""


def send(
    source: Source,
    target: Target,
    on_sent: Callable[[int], None],
    expires_in: int | None = None,
    *,
    is_ours: Callable[[str], bool] = lambda _file_id: False,
) -> tuple[RemoteFile, Source]:
    """Upload a source; returns what is there now, and the source with its hash and notes.

    Raises UnusableFile when the file changed meanwhile, CutOff when bytes are missing. A copy that a failed
    try may have left is named in the note, or in the error, and stays where it is.
    """
    with opened(source.path) as handle:
        check_unchanged(source, handle)
        reader = UploadReader(handle, on_sent, hashing=not source.sha256)
        copies = Copies(source, expires_in, target, is_ours, reader.restart)
        with copies.explain_errors():
            try:
                remote = target.upload(reader, source.name, source.mime_type, expires_in, copies.search)  # type: ignore[arg-type]
            finally:
                digest = reader.sha256()
            note = copies.note(remote)
        try:
            check_unchanged(source, handle)
        except UnusableFile as error:
            target.delete(remote.file_id)  # half of it is the old file, half the new one
            raise _with(error, note) from None
    if remote.size_bytes != source.size_bytes:
        target.delete(remote.file_id)
        missing = CutOff(
            f"“{source.name}” arrived with {remote.size_bytes:,} of {source.size_bytes:,} bytes. Upload it again."
        )
        raise _with(missing, note)
    notes = "; ".join(filter(None, (source.note, note)))
    return remote, replace(source, sha256=source.sha256 or digest, note=notes)


def _with(error: NbfilesError, note: str) -> NbfilesError:
    if note:
        error.add(note)
    return error
