"""The processes below one process, as /proc has them.

What cannot be looked at raises OSError, unless it is gone: who counts must not take it for nothing.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    from collections.abc import Iterator

GONE = (FileNotFoundError, ProcessLookupError)
_PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes


class ProcessState:
    """One process: ids of it, its parent and its group, state letter, threads, bytes in memory, clock ticks run."""

    def __init__(self, folder: str, text: str) -> None:
        self.folder = folder  # in /proc, of the process, or of a living thread where the first has ended
        name, _, rest = text.rpartition(")")  # it may have spaces, and brackets
        fields = rest.split()
        self.pid = int(name.split()[0])
        self.parent, self.group = int(fields[1]), int(fields[2])
        self.state, self.threads = fields[0], int(fields[17])
        self.ticks = int(fields[11]) + int(fields[12])
        self.memory = int(fields[21]) * _PAGE

    @property
    def ended(self) -> bool:
        """Return whether only its exit code is left; with more threads only the first of them has ended."""
        return self.state in "ZX" and self.threads <= 1


def descendants(root: int, most: int | None = None) -> list[ProcessState]:
    """Return the processes below `root`, which is not among them; at most a few more than `most`."""
    processes: list[ProcessState] = []
    parents = [root]
    while parents and (most is None or len(processes) <= most):
        states = [state for pid in children(parents.pop()) if (state := process_state(pid))]
        processes += states
        parents += [child.pid for child in states]
    return processes


def process_state(pid: int) -> ProcessState | None:
    """Return the state of a process; None when it is gone."""
    state = _state(f"/proc/{pid}")
    if state and state.state in "ZX" and not state.ended:
        _look_at_a_living_thread(state)
    return state


def _look_at_a_living_thread(process: ProcessState) -> None:
    """Take memory and open files from it: of a thread that has ended, /proc shows none."""
    for thread in _threads(process.pid):
        state = _state(f"/proc/{process.pid}/task/{thread}")
        if state and state.state not in "ZX":
            process.folder, process.memory = state.folder, state.memory
            return


def _state(folder: str) -> ProcessState | None:
    try:
        return ProcessState(folder, _read(f"{folder}/stat"))
    except GONE:
        return None


def memory(processes: list[ProcessState], limit: int) -> int:
    """Return the bytes in memory of all; pages that several share count once when it would be over the limit."""
    total = sum(process.memory for process in processes)
    if total <= limit:
        return total
    return sum(_proportional(process) for process in processes)


def _proportional(process: ProcessState) -> int:
    try:
        lines = _read(f"{process.folder}/smaps_rollup").splitlines()
    except OSError:  # ended, or it cannot be looked into
        return process.memory
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), process.memory)


def children(pid: int) -> Iterator[int]:
    """Yield the ids of the processes that a process has started, or taken over."""
    if not _LISTS_CHILDREN:
        yield from (state.pid for state in _all() if state.parent == pid)
        return
    for thread in _threads(pid):
        try:
            yield from map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
        except GONE:
            continue


def of_machine() -> int:
    """Return how many processes and threads this machine runs."""
    return int(_read("/proc/loadavg").split()[3].partition("/")[2])


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - twenty times a second
    except GONE:
        return []


def _all() -> Iterator[ProcessState]:
    pids = (int(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208
    yield from (state for pid in pids if (state := process_state(pid)))


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - see the package
        return file.read()


# A kernel need not be built with it (CONFIG_PROC_CHILDREN).
_LISTS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")  # noqa: PTH110
