"""The program between the server and the code: it starts it confined, watches all its processes, and ends them.

1. `main` forks; the child confines itself and becomes the worker, or bubblewrap, which starts it;
2. the parent, which the code cannot reach where it is confined, looks at the processes below it: their number, their
memory, the files they wrote; 3. when the worker or the server ends, the server asks, or there is too much of
anything, every process is killed, also those that left their parents, as they become children of this one.

Limits of the system hold for one process each, or, that on processes, for a user, and not for root; so they are
counted here.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time

from . import landlock, libc, privileges, process_tree, seccomp
from .disk_usage import DiskWatch
from .plan import FILTER_HANDLE, NOT_CONFINED, NOT_COUNTED, TOO_MANY, TOO_MUCH_DISK, TOO_MUCH_MEMORY, Plan, unpacked
from .process_tree import ProcessState

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    from typing import NoReturn

BUSY, IDLE = 0.05, 0.2  # seconds between two looks; a bomb makes some 100 processes in the shorter
ENDING = 10.0  # seconds after which what cannot be killed is left
_A_GLIMPSE = 50  # processes, whose groups are ended first
_SPARE = 1024  # processes and threads that a user may have beyond those of the machine
_THREADS = 8  # for each process that is allowed, on average
_WATCHED = (signal.SIGTERM, signal.SIGCHLD)


def main() -> NoReturn:
    """Run the plan of the last argument and exit as the worker did, with 128 + n for signal n."""
    plan = unpacked(sys.argv[-1])
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    libc.prctl(libc.SET_SUBREAPER, 1)
    child = os.fork()
    if child == 0:
        _become_worker(plan)
    _come_first()
    watch = _Watch(plan)
    code = _watch(child, watch, plan.server)
    _end_all(child, watch.processes)
    os._exit(code)


def _come_first() -> None:
    """Be served before what is watched, where that is allowed."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    except PermissionError:  # a user may not
        return


def _become_worker(plan: Plan) -> NoReturn:
    try:
        os.setsid()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        _limit_processes()
        if plan.bubblewrap:
            _offer(plan.call_filter)
        else:
            _confine(plan)
        os.execv(plan.command[0], plan.command)
    finally:  # nothing may run that is not confined
        os._exit(NOT_CONFINED)


def _limit_processes() -> None:
    """Let the system bound what a look comes too late for; it counts all of a user's, and none of root's."""
    most = process_tree.of_machine() + _SPARE
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _confine(plan: Plan) -> None:
    privileges.give_up()
    if plan.landlock:
        landlock.restrict(plan.readable, plan.writable, plan.devices)
    libc.prctl(libc.SET_PDEATHSIG, signal.SIGKILL)
    if plan.call_filter:
        seccomp.install(plan.call_filter)


def _offer(filter_: bytes) -> None:
    """Give bubblewrap the filter, which it sets after it has made the namespaces."""
    if filter_:
        read, write = os.pipe()
        os.write(write, filter_)  # far less than a pipe holds
        os.close(write)
        os.dup2(read, FILTER_HANDLE)


class _Watch:
    """Looks at the processes and files of a plan until there is too much of something."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._disk = DiskWatch(plan.writable, plan.disk)
        self._ticks = 0
        self.processes: list[ProcessState] = []  # at the last look
        self.pause = BUSY  # seconds until the next look

    def measure(self) -> int:
        """Return the exit code for what there is too much of, or cannot be counted; 0 for nothing."""
        try:
            return self._measure()
        except OSError:
            return NOT_COUNTED

    def _measure(self) -> int:
        self.processes = processes = process_tree.descendants(os.getpid(), self._plan.processes)
        ticks = sum(process.ticks for process in processes)
        self.pause, self._ticks = BUSY if ticks != self._ticks else IDLE, ticks
        if len(processes) > self._plan.processes or _threads(processes) > self._plan.processes * _THREADS:
            return TOO_MANY
        if process_tree.memory(processes, self._plan.memory) > self._plan.memory:
            return TOO_MUCH_MEMORY
        return TOO_MUCH_DISK if self._disk.over(processes) else 0


def _threads(processes: list[ProcessState]) -> int:
    return sum(process.threads for process in processes)


def _watch(child: int, watch: _Watch, server: int) -> int:
    """Return with the exit code of this program when it is time to end everything."""
    while True:
        received = signal.sigtimedwait(_WATCHED, watch.pause)
        ended = _reap()
        if child in ended:
            return ended[child]
        if (received and received.si_signo == signal.SIGTERM) or os.getppid() != server:
            return 0
        if code := watch.measure():
            return code


def _reap() -> dict[int, int]:
    """Return the exit codes of the children that have ended."""
    codes: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return codes
        if pid == 0:
            return codes
        code = os.waitstatus_to_exitcode(status)
        codes[pid] = code if code >= 0 else 128 - code


def _end_all(child: int, known: list[ProcessState]) -> None:
    """Kill every process below this one, faster than they can start others.

    Where one cannot look, as no file can be opened any more, `child` and those `known` are killed, which makes room.
    """
    deadline = time.monotonic() + ENDING
    while time.monotonic() < deadline and _has_children():
        try:
            known = [state for state in process_tree.descendants(os.getpid(), _A_GLIMPSE) if not state.ended]
            if not known:
                return
            _kill_groups({process.group for process in known})
            pids = _stopped()
        except OSError:
            _kill_groups({child, *(process.group for process in known)})
            pids = [process.pid for process in known]
        for pid in pids:
            _send(pid, signal.SIGKILL)
        signal.sigtimedwait((signal.SIGCHLD,), 0.01)
        _reap()


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _kill_groups(groups: set[int]) -> None:
    for group in groups - {os.getpgrp(), 0, 1}:  # -1 would be everything
        _send(-group, signal.SIGKILL)  # all of it at once


def _stopped() -> list[int]:
    """Stop the processes below this one, each before its children are looked up, so that none is missed."""
    pids: list[int] = []
    parents = [os.getpid()]
    while parents:
        children = list(process_tree.children(parents.pop()))
        for pid in children:
            _send(pid, signal.SIGSTOP)
        pids += children
        parents += children
    return pids


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
