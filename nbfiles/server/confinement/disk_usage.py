"""How much of a disk some folders take, and files that have no name any more but are still open.

What cannot be looked at raises OSError, unless it is gone: who counts must not take it for nothing.
"""

from __future__ import annotations

import os
import stat
import time

from .process_tree import GONE, ProcessState

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    from collections.abc import Callable, Iterable, Iterator

SHARE = 10  # looking at files takes at most a tenth of the time
HIDDEN = 5.0  # seconds for which a process may not show its open files: bubblewrap does not while it sets up
MOST_FILES = 200_000  # also empty ones use up a disk
_BLOCK = 512  # bytes, the unit of st_blocks everywhere
_SOCKET = 416 * 1024  # bytes that nobody has read yet, which a socket may hold by the system's usual settings


class DiskWatch:
    """Looks at folders and open files, each as often as a share of the time allows."""

    def __init__(self, folders: list[str], limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._folders, self._limit, self._clock = folders, limit, clock
        self._in_folders = self._open = 0  # bytes
        self._folders_at = self._open_at = clock()
        self._hidden_since: float | None = None  # when a process began not to show its open files
        self._free = 0  # bytes of the disk, when the folders were looked at

    def over(self, processes: Iterable[ProcessState]) -> bool:
        """Return whether there is too much by now."""
        if self._clock() >= self._open_at:
            self._look_at_open_files(processes)
        if self._clock() >= self._folders_at or self._is_filling():
            begin, self._free = self._clock(), _free(self._folders)
            self._in_folders, count = used(self._folders, MOST_FILES)
            self._folders_at = self._next(begin)
            if count > MOST_FILES:
                return True
        return self._in_folders + self._open > self._limit

    def _look_at_open_files(self, processes: Iterable[ProcessState]) -> None:
        begin = self._clock()
        self._open, hidden = _without_name(processes)
        self._hidden_since = (self._hidden_since or begin) if hidden else None
        if self._hidden_since is not None and begin - self._hidden_since > HIDDEN:
            raise PermissionError
        self._open_at = self._next(begin)

    def _next(self, begin: float) -> float:
        now = self._clock()
        return now + SHARE * (now - begin)

    def _is_filling(self) -> bool:
        """Return whether the disk has lost, to whomever, what the folders may still take."""
        return self._free - _free(self._folders) > self._limit - self._in_folders - self._open


def used(folders: Iterable[str], most_files: int) -> tuple[int, int]:
    """Return the bytes on disk and the number of files; stops counting beyond `most_files`."""
    total = count = 0
    seen: set[tuple[int, int]] = set()
    for status in (status for folder in folders for status in _below(folder)):
        if status.st_nlink != 1 and not stat.S_ISDIR(status.st_mode):
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
        total += status.st_blocks * _BLOCK
        count += 1
        if count > most_files:
            break
    return total, count


def _below(top: str) -> Iterator[os.stat_result]:
    waiting = [top]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                yield from _of_entries(entries, waiting)
        except (*GONE, NotADirectoryError):  # removed while it is read
            continue


def _of_entries(entries: Iterable[os.DirEntry[str]], folders: list[str]) -> Iterator[os.stat_result]:
    """Yield the state of what lies in a folder, and add the folders among it to `folders`."""
    for entry in entries:
        try:
            status = entry.stat(follow_symlinks=False)
        except GONE:
            continue
        yield status
        if stat.S_ISDIR(status.st_mode):
            folders.append(entry.path)


def _without_name(processes: Iterable[ProcessState]) -> tuple[int, bool]:
    """Return the bytes of open files without a name and in sockets, and whether a process does not show its files."""
    found: dict[tuple[int, int], int] = {}
    hidden = False
    for process in processes:
        try:
            found.update(((file.st_dev, file.st_ino), _bytes_of(file)) for file in _open_files(process))
        except PermissionError:
            hidden = True
    return sum(found.values()), hidden


def _bytes_of(status: os.stat_result) -> int:
    if stat.S_ISSOCK(status.st_mode):
        return _SOCKET
    return status.st_blocks * _BLOCK if stat.S_ISREG(status.st_mode) and status.st_nlink == 0 else 0


def _open_files(process: ProcessState) -> Iterator[os.stat_result]:
    if process.ended:
        return
    folder = f"{process.folder}/fd"
    try:
        names = os.listdir(folder)  # noqa: PTH208 - ten times a second, for each process
    except GONE:
        return
    for name in names:
        try:
            yield os.stat(f"{folder}/{name}")  # noqa: PTH116
        except OSError:  # closed since
            continue


def _free(folders: Iterable[str]) -> int:
    """Return the bytes that the disk of some folders, which are on the same, has left."""
    for folder in folders:
        status = os.statvfs(folder)
        return status.f_bfree * status.f_frsize
    return 0
