"""How much of a disk some folders take, and files that have no name any more but are still open."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    from collections.abc import Iterable, Iterator

_BLOCK = 512  # bytes, the unit of st_blocks everywhere


def used(folders: Iterable[str], pids: Iterable[int], most_files: int) -> tuple[int, int]:
    """Return the bytes on disk and the number of files; stops counting beyond `most_files`."""
    total = count = 0
    seen: set[tuple[int, int]] = set()
    for status in _all(folders, pids):
        if status.st_nlink != 1 and not stat.S_ISDIR(status.st_mode):
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
        total += status.st_blocks * _BLOCK
        count += 1
        if count > most_files:
            break
    return total, count


def _all(folders: Iterable[str], pids: Iterable[int]) -> Iterator[os.stat_result]:
    for folder in folders:
        yield from _below(folder)
    for pid in pids:
        yield from _without_name(pid)


def _below(top: str) -> Iterator[os.stat_result]:
    waiting = [top]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:  # removed while it is read
            continue


def _without_name(pid: int) -> Iterator[os.stat_result]:
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)  # noqa: PTH208 - ten times a second, for each process
    except OSError:  # ended
        return
    for name in names:
        try:
            status = os.stat(f"{folder}/{name}")  # noqa: PTH116
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
            yield status
