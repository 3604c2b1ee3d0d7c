"""Files that come back: saved whole or not at all, under safe names, and never over something that exists."""

from __future__ import annotations

import filecmp
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from nbfiles.errors import CutOff, UnusableFile
from nbfiles.filing import names

OUT_FOLDER = "nbfiles_out"  # never the notebook's own folder: that is on sys.path
MAX_BYTES = 2 * 10**9  # more than the API stores in one file; stops a reply that never ends


def save(chunks: Iterable[bytes], folder: Path, name: str, *, size: int | None) -> Path:
    """Write `chunks` to a new file in `folder` and return its path.

    `size` is what the server said, in bytes, where it is known to be exact. Raises CutOff where fewer
    came; then nothing is left behind. A name that holds something else is kept; this file gets a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{secrets.token_hex(8)}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            _write(chunks, handle.write, size)
            handle.flush()
            os.fsync(handle.fileno())
        return _link(part, folder, names.safe_name(name))
    finally:
        part.unlink(missing_ok=True)


def _write(chunks: Iterable[bytes], write: object, size: int | None) -> None:
    assert callable(write)
    written = 0
    for chunk in chunks:
        written += write(chunk)
        if written > MAX_BYTES:
            raise UnusableFile(f"The download is larger than {MAX_BYTES / 1e9:.0f} GB and was stopped.")
    if size is not None and written < size:
        raise CutOff(f"The download broke off after {written:,} of {size:,} bytes. Try again.")


def _link(part: Path, folder: Path, name: str) -> Path:
    """Give the finished file its name; `link` fails where the name exists, so nothing is overwritten."""
    taken: list[str] = []
    while True:
        target = folder / names.unique(name, taken)
        try:
            os.link(part, target)
        except FileExistsError:
            if filecmp.cmp(part, target, shallow=False):
                return target
            taken.append(target.name)
        else:
            return target
