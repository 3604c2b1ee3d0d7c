"""Files that come back: saved whole or not at all, under safe names, and never over something that exists."""

from __future__ import annotations

import filecmp
import os
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from nbfiles._files import filenames
from nbfiles.errors import UnusableFile, WrongSize

try:
    import fcntl
except ImportError:  # on Windows, where the parts of killed kernels stay
    fcntl = None  # type: ignore[assignment]

OUT_FOLDER = "nbfiles_out"  # never the notebook's own folder: that is on sys.path
MAX_BYTES = 2 * 10**9  # more than the API stores in one file; stops a reply that never ends
SIGNED_BYTES = 1_000_000  # that a file may grow on its way: the API signs pictures that it hands out
FOLDER_CHARS = 48  # of an answer's folder; enough to know the question again
SETTLED_S = 60  # since a part was written to; a newer one may not have its lock yet
_PART = re.compile(r"\.[0-9a-f]{16}\.part")
_FENCED = re.compile(r"```.*?(```|\Z)", re.DOTALL)


def folder_of(question: str, first_file: str = "") -> Path:
    """Return the folder for what an answer's code makes, named after a file and the question's beginning."""
    text = f"{Path(first_file).stem} {_FENCED.sub(' ', question)}"[: 4 * FOLDER_CHARS]
    slug = re.sub(r"[\W_]+", "-", text.lower()).strip("-")
    if len(slug) > FOLDER_CHARS:
        slug = slug[:FOLDER_CHARS].rpartition("-")[0] or slug[:FOLDER_CHARS]
    return Path(OUT_FOLDER) / filenames.safe_name(slug or "answer")


def save(chunks: Iterable[bytes], folder: Path, name: str, *, size: int | None, growth: int = 0) -> Path:
    """Write `chunks` to a new file in `folder` and return its path.

    `size` is what the server said, in bytes, where it is known; up to `growth` more may come. Raises WrongSize where
    fewer or more came: something else than the file. Then nothing is left behind. A name
    that holds something else is kept; this file gets a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    part = folder / f".{secrets.token_hex(8)}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            _lock(descriptor)
            _write(chunks, handle.write, size, growth)
            handle.flush()
            os.fsync(handle.fileno())
        return _link(part, folder, name)
    finally:
        part.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove the parts of kernels that were killed: nobody holds their locks."""
    if fcntl is None:
        return
    for part in folder.glob(".*.part"):
        with suppress(OSError):
            info = part.lstat()
            settled = time.time() - info.st_mtime > SETTLED_S
            if _PART.fullmatch(part.name) and settled and info.st_uid == os.getuid() and _is_free(part):
                part.unlink()


def _is_free(part: Path) -> bool:
    descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        return _lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Hold a file until it is closed or the process ends; return whether that was possible."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another one holds it, or there are no locks here
        return False
    return True


def _write(chunks: Iterable[bytes], write: object, size: int | None, growth: int) -> None:
    assert callable(write)
    written, limit = 0, MAX_BYTES if size is None else min(size + growth, MAX_BYTES)
    for chunk in chunks:
        written += write(chunk)
        if written > limit and size is None:
            raise UnusableFile(f"The download is larger than {limit / 1e6:,.0f} MB and was stopped.")
        if written > limit:
            raise WrongSize(
                f"The download is larger than the file, which has {size:,} bytes: something else came, perhaps a page "
                "of a proxy, and was not kept. Try again."
            )
    if size is not None and written < size:
        raise WrongSize(f"The download broke off after {written:,} of {size:,} bytes. Try again.")


def _link(part: Path, folder: Path, name: str) -> Path:
    """Give the finished file a safe name that nothing else has, and return its path."""
    names_in_use: list[str] = []
    while True:
        target = folder / filenames.unique(name, names_in_use)
        try:
            _move(part, target)
        except FileExistsError:
            if filecmp.cmp(part, target, shallow=False):
                return target
            names_in_use.append(target.name)
        else:
            return target


def _move(part: Path, target: Path) -> None:
    """Move a file to a name that must be free; raises FileExistsError where it is not.

    A link fails where the name exists. Where there are no links (exFAT, SMB, folders that notebook services mount), an
    empty file takes the name first, and the whole one replaces it.
    """
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            part.replace(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
