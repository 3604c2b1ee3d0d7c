"""The folders of a container, as the server touches them.

Code writes there, so a link, a pipe or a folder may stand where a file was, or take its place at any moment. Nothing
here follows a link: what comes in is made elsewhere and renamed, what goes out is opened and then looked at.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from nbfiles.server import ids
from nbfiles.server.errors import deleted_meanwhile
from nbfiles.server.storage.removal import open_up, remove

_OURS = 0o700  # mode of a folder
_AT_A_TIME = 1024 * 1024  # bytes
_HOLE = bytes(_AT_A_TIME)
_AS_A_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_AS_A_FILE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_BY_HANDLE = os.open in os.supports_dir_fd  # not on Windows, where a link needs a privilege


class TooLarge(Exception):
    """A file has more bytes than may be kept."""


def own_folder(path: Path) -> Path:
    """Make a folder of this user alone; what is not a folder gives way."""
    try:
        path.mkdir(mode=_OURS, parents=True)
    except FileExistsError:
        mode = path.lstat().st_mode
        if not stat.S_ISDIR(mode):
            path.unlink()
            path.mkdir(mode=_OURS)
        elif stat.S_IMODE(mode) != _OURS:
            open_up(path)
    return path


def put(source: Path, target: Path, staging: Path) -> None:
    """Copy a file or a folder to `target`, in place of what is there.

    `staging` is a folder on the same disk that code cannot reach.
    """
    copied, old = staging / ids.new("part"), staging / ids.new("part")
    try:
        with deleted_meanwhile("A file or a skill of this request", source):
            shutil.copytree(source, copied) if source.is_dir() else shutil.copyfile(source, copied)
        with _folder(target.parent) as handle:
            with suppress(FileNotFoundError):
                _let_go(target.name, handle)
                _rename(target, old, src_dir_fd=handle)
            _rename(copied, target, dst_dir_fd=handle)
    finally:
        remove(copied)
        remove(old)


def regular_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return time and size of the regular files in a folder, by name; none when it is gone."""
    files: dict[str, tuple[int, int]] = {}
    try:
        with _folder(folder) as handle, os.scandir(folder if handle is None else handle) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    files[entry.name] = (status.st_mtime_ns, status.st_size)
    except OSError:
        return files
    return files


def copy_out(folder: Path, name: str, target: Path, limit: int) -> None:
    """Copy a regular file of a folder; raises OSError for anything else, and TooLarge beyond `limit` bytes."""
    with opened(folder, name) as source, target.open("xb") as copy:
        target.chmod(0o600)
        size = 0
        while block := source.read(_AT_A_TIME):
            size += len(block)
            if size > limit:
                raise TooLarge
            if block == _HOLE[: len(block)]:
                copy.seek(size)  # what took no room in the container takes none here
            else:
                copy.write(block)
        copy.truncate(size)


@contextmanager
def opened(folder: Path, name: str) -> Iterator[BinaryIO]:
    """Open a regular file in a folder for reading; raises OSError for anything else."""
    with _folder(folder) as handle:
        number = os.open(name if handle is not None else folder / name, os.O_RDONLY | _AS_A_FILE, dir_fd=handle)
    with os.fdopen(number, "rb") as source:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "not a file")
        yield source


@contextmanager
def opened_within(root: Path, path: Path, *, write: bool = False) -> Iterator[BinaryIO]:
    """Open a regular file somewhere below `root`, for reading or to be written anew; raises OSError for anything else.

    To be written, its folders are made. A link on the way, which was none when the path was made, is refused.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC if write else os.O_RDONLY
    with _walked(root, path.parent, make=write) as handle:
        number = os.open(path.name if handle is not None else path, flags | _AS_A_FILE, 0o600, dir_fd=handle)
    with os.fdopen(number, "wb" if write else "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "not a file")
        yield file


def names_within(root: Path, folder: Path) -> list[str]:
    """Return the names in a folder somewhere below `root`, those of folders with a slash."""
    with _walked(root, folder) as handle, os.scandir(folder if handle is None else handle) as entries:
        return sorted(f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in entries)


@contextmanager
def _walked(root: Path, folder: Path, *, make: bool = False) -> Iterator[int | None]:
    """Hold a folder below `root`, reached one name at a time and by no link."""
    if not _BY_HANDLE:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        yield None
        return
    handle = os.open(root, os.O_RDONLY | _AS_A_FOLDER)
    try:
        for name in folder.relative_to(root).parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=handle)
            next_handle = os.open(name, os.O_RDONLY | _AS_A_FOLDER, dir_fd=handle)
            os.close(handle)
            handle = next_handle
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _folder(path: Path) -> Iterator[int | None]:
    """Hold a folder, which must be none by a link; None where the system has no handles of folders."""
    if not _BY_HANDLE:
        yield None
        return
    handle = os.open(path, os.O_RDONLY | _AS_A_FOLDER)
    try:
        yield handle
    finally:
        os.close(handle)


def _rename(source: Path, target: Path, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
    """Rename; a path whose folder is held is taken by its name in there."""
    from_, to = (source.name if src_dir_fd is not None else source), (target.name if dst_dir_fd is not None else target)
    os.rename(from_, to, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)


def _let_go(name: str, handle: int | None) -> None:
    """Make a folder writable, as only such a one can be moved; anything else can be anyway."""
    if handle is not None and stat.S_ISDIR(os.lstat(name, dir_fd=handle).st_mode):
        open_up(name, handle)
