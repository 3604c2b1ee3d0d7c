"""Removal of folders that code has written, whatever is in them.

Such a tree may be deeper than Python's stack and than the longest path, hold folders that nobody may list, and links
that lead out. So nothing here recurses or follows a link, and no path grows: folders that lie deeper are first moved
up to the top. What cannot be removed is left, and said in the log: a removal never stops what goes on after it.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbfiles.redact import redact
from nbfiles.server import ids

_BY_HANDLE = os.open in os.supports_dir_fd  # not on Windows, where a link needs a privilege
_AS_A_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_TO_CHANGE_ITS_MODE = getattr(os, "O_PATH", 0) | _AS_A_FOLDER
_logger = logging.getLogger("nbfiles.server")


def remove(path: Path) -> bool:
    """Remove a file, a link or a whole folder; return whether nothing of it is left."""
    try:
        if not stat.S_ISDIR(path.lstat().st_mode):
            path.unlink()
            return True
        problems = _emptied(path)
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError as problem:
        problems = [problem]
    if problems:
        why = problems[0].strerror or type(problems[0]).__name__
        _logger.warning("%s could not be removed: %s", redact(path.name), redact(why))
    return not problems


def _emptied(path: Path) -> list[OSError]:
    """Remove what is in a folder; return why something was left."""
    problems: list[OSError] = []
    with _folder(path) as top:
        todo = _entries(top)
        while todo:
            name, is_folder = todo.pop()
            try:
                todo += _dissolved(top, name) if is_folder else _unlinked(top, name)
            except OSError as problem:
                problems.append(problem)
    return problems


def _dissolved(top: int | Path, name: str) -> list[tuple[str, bool]]:
    """Remove a folder; its own folders are moved up, and returned."""
    moved = []
    with _folder(_within(top, name), _handle(top)) as folder:
        for entry, is_folder in _entries(folder):
            if is_folder:
                open_up(_within(folder, entry), _handle(folder))  # to move it, it must be writable
                moved.append((ids.new("part"), True))
                target = _within(top, moved[-1][0])
                os.rename(_within(folder, entry), target, src_dir_fd=_handle(folder), dst_dir_fd=_handle(top))
            else:
                _unlinked(folder, entry)
    os.rmdir(_within(top, name), dir_fd=_handle(top))
    return moved


def _unlinked(folder: int | Path, name: str) -> list[tuple[str, bool]]:
    os.unlink(_within(folder, name), dir_fd=_handle(folder))
    return []


def _entries(folder: int | Path) -> list[tuple[str, bool]]:
    """Return the names in a folder, and whether each is one itself."""
    with os.scandir(folder) as entries:
        return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]


@contextmanager
def _folder(path: str | Path, parent: int | None = None) -> Iterator[int | Path]:
    """Hold a folder that may be listed and changed from now on: by handle, or by path where the system has none."""
    open_up(path, parent)
    if not _BY_HANDLE:
        yield Path(path)
        return
    handle = os.open(path, os.O_RDONLY | _AS_A_FOLDER, dir_fd=parent)
    try:
        yield handle
    finally:
        os.close(handle)


def open_up(path: str | Path, parent: int | None = None) -> None:
    """Let its owner list and change a folder; a link that has taken its place is not followed."""
    if os.chmod in os.supports_follow_symlinks or not _BY_HANDLE:
        os.chmod(path, 0o700, dir_fd=parent, follow_symlinks=not _BY_HANDLE)
        return
    handle = os.open(path, _TO_CHANGE_ITS_MODE, dir_fd=parent)
    try:
        Path(f"/proc/self/fd/{handle}").chmod(0o700)
    finally:
        os.close(handle)


def _within(folder: int | Path, name: str) -> str:
    """Return what a name in a folder is called: itself beside a handle, else its path."""
    return name if isinstance(folder, int) else str(folder / name)


def _handle(folder: int | Path) -> int | None:
    return folder if isinstance(folder, int) else None
