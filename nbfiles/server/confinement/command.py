"""The command that starts a Python program confined."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nbfiles.server.confinement import bubblewrap, paths, seccomp
from nbfiles.server.confinement.plan import FILTER_HANDLE, Plan

MEMORY = 5 * 1024**3  # bytes of all processes; the real container has 5 GiB, and as much disk
DISK = 5 * 1024**3  # bytes of all files
PROCESSES = 128  # at once; a pool of one for each processor of a large machine fits in

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_START = "import sys; sys.path.append(sys.argv[1]); from confinement.supervisor import main; main()"
_PARENT = Path(__file__).resolve().parents[1]  # of this package


class Mechanism(StrEnum):
    """What keeps code apart, from the most to the least."""

    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "Landlock"
    PLAIN = "plain"  # Linux without both: limits, and the filter of system calls
    NONE = "none"  # other systems: limits for one process


@dataclass(frozen=True)
class TreeLimits:
    """What all processes of a container may take together."""

    memory: int = MEMORY
    disk: int = DISK
    processes: int = PROCESSES


def command(
    python: Sequence[str],
    mechanism: Mechanism,
    limits: TreeLimits,
    *,
    readable: Sequence[Path],
    writable: Sequence[Path],
) -> list[str]:
    """Return the command that runs Python with the arguments `python`, in the first folder of `writable`."""
    program = [sys.executable, *python]
    if mechanism is Mechanism.NONE:
        return program
    # -I and -S: nothing of the environment and no package takes part before the code is confined.
    return [
        sys.executable,
        "-I",
        "-S",
        "-c",
        _START,
        str(_PARENT),
        _plan(program, mechanism, limits, readable, writable),
    ]


def _plan(
    program: list[str], mechanism: Mechanism, limits: TreeLimits, readable: Sequence[Path], writable: Sequence[Path]
) -> str:
    read, write = [*paths.programs(), *map(str, readable)], list(map(str, writable))
    wrapped = mechanism is Mechanism.BUBBLEWRAP
    if wrapped:
        program = [*bubblewrap.command(read, write, write[0], FILTER_HANDLE), *program]
    families = (seccomp.UNIX, seccomp.INET, seccomp.INET6) if wrapped else ()
    return Plan(
        server=os.getpid(),
        command=program,
        landlock=mechanism is Mechanism.LANDLOCK,
        readable=read,
        writable=write,
        devices=list(_DEVICES),
        bubblewrap=wrapped,
        call_filter=seccomp.program(families) if seccomp.supported() else b"",
        memory=limits.memory,
        disk=limits.disk,
        processes=limits.processes,
    ).packed()
