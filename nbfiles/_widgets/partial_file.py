"""Write one file that comes from a page in pieces: checked, hashed, and in a private file as it comes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

from nbfiles.errors import UnusableFile
from nbfiles.limits import FILE_BYTES, FILE_LIMIT

MAX_PIECE = 8 << 20  # bytes; the page sends 4 MiB, and Jupyter's websocket closes a little above 10 MB
SPARE_BYTES = 100 * 1000 * 1000  # of disk that a file must leave free


class PartialFile:
    """A file of `size_bytes` on its way to `path`, of which `received` bytes are there.

    Opened for this user alone, in a folder of its own, which `discard` and `finish` remove.
    """

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self._path = path
        # In one value, as Stop may come between any two steps.
        self._state = (0, hashlib.sha256())
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._handle = os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)

    @property
    def received(self) -> int:
        """How many bytes are there."""
        return self._state[0]

    def write(self, offset: int, piece: memoryview) -> bool:
        """Write a piece, and return whether it was the next one; raises OSError, as on a full disk."""
        received, digest = self._state
        if offset != received or not len(piece) or received + len(piece) > self.size_bytes:
            return False
        self._handle.seek(received)
        written = 0
        while written < len(piece):
            written += self._handle.write(piece[written:]) or 0
        digest = digest.copy()
        digest.update(piece)
        self._state = (received + len(piece), digest)
        return True

    def finish(self, target: Path) -> None:
        """Move the whole file to where it stays; a file that is there already has the same bytes."""
        self._handle.close()
        if not target.exists():
            self._path.rename(target)
        self.discard()

    def discard(self) -> None:
        """Remove what arrived."""
        self._handle.close()
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._path.parent.rmdir()

    @property
    def sha256(self) -> str:
        """The hash of what is there."""
        return self._state[1].hexdigest()


def free_bytes(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


def check(size_bytes: int, free_bytes: int) -> None:
    """Raise UnusableFile for a size that cannot be uploaded, or that leaves too few bytes of the disk free."""
    if size_bytes == 0:
        raise UnusableFile("empty: there is nothing to ask about")
    if size_bytes > FILE_BYTES:
        size = -(-size_bytes // 1_000_000)
        raise UnusableFile(f"too large: {size:,} MB, the limit is {FILE_LIMIT}")
    if free_bytes < size_bytes + SPARE_BYTES:
        raise UnusableFile("no room: the disk of the kernel is nearly full")
