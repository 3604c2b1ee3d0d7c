"""Which mechanism confines the code of questions on this system, and what holds with it, in words."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbfiles.server.confinement import bubblewrap, landlock, libc, seccomp
from nbfiles.server.confinement.command import Mechanism, TreeLimits, command

_TRIED_FOR = 60  # seconds; it takes 0.1
YOUR_RIGHTS = "code in questions runs with your rights here"


@dataclass(frozen=True)
class Confinement:
    """What holds for the code of questions on this system."""

    mechanism: Mechanism
    headline: str  # a clause without a full stop
    details: str  # sentences

    @property
    def confined(self) -> bool:
        """Return whether the user's files and other programs are out of the code's reach."""
        return self.mechanism in (Mechanism.BUBBLEWRAP, Mechanism.LANDLOCK)

    def __str__(self) -> str:
        """Return all of it as sentences."""
        return f"{self.headline[0].upper()}{self.headline[1:]}. {self.details}"


@cache
def works(mechanism: Mechanism) -> bool:
    """Return whether a mechanism can be used here, found out by trying: containers often forbid it."""
    if mechanism is Mechanism.NONE:
        return True
    return sys.platform == "linux" and libc.available() and _is_there(mechanism) and _starts(mechanism)


def _is_there(mechanism: Mechanism) -> bool:
    if mechanism is Mechanism.BUBBLEWRAP:
        return bubblewrap.program() is not None and seccomp.supported()
    return mechanism is not Mechanism.LANDLOCK or landlock.abi() > 0


def _starts(mechanism: Mechanism) -> bool:
    """Return whether this Python starts with it."""
    with tempfile.TemporaryDirectory() as folder:
        started = command(["-I", "-S", "-c", "pass"], mechanism, TreeLimits(), readable=[], writable=[Path(folder)])
        try:
            ended = subprocess.run(started, cwd=folder, env={}, capture_output=True, timeout=_TRIED_FOR, check=False)
        except (OSError, subprocess.SubprocessError):
            return False
    return ended.returncode == 0


@cache
def best() -> Mechanism:
    """Return the mechanism that confines most of those that work here."""
    return next(mechanism for mechanism in Mechanism if works(mechanism))


def confinement(mechanism: Mechanism | None = None) -> Confinement:
    """Return what holds on this system with a mechanism, by default the best."""
    used = mechanism or best()
    match used:
        case Mechanism.BUBBLEWRAP:
            return Confinement(used, "code in questions is confined by bubblewrap", f"{_BUBBLEWRAP} {_LIMITED}")
        case Mechanism.LANDLOCK:
            version = landlock.abi()
            headline = f"code in questions is confined by Landlock {version}"
            return Confinement(used, headline, f"{_LANDLOCK} {_LIMITED} {_open(version)}{_INSTALL}")
        case Mechanism.PLAIN:
            return Confinement(used, YOUR_RIGHTS, f"{_PLAIN} {_sockets()}{_LIMITED}{_INSTALL}")
    return Confinement(used, YOUR_RIGHTS, f"{_NONE.format(platform.system() or sys.platform)}")


_BUBBLEWRAP = (
    "It sees the files of its conversation and the installed programs, and no other file, process, socket or network."
)
_LANDLOCK = "It opens the files of its conversation and the installed programs, and no other files."
_LIMITED = "Its memory, disk and processes are limited together, and all that it starts ends with the server."
_PLAIN = "It can read and change your files, and end your programs: this Linux has neither Landlock nor bubblewrap."
_NONE = (
    "It can read and change your files, and use the network: nbfiles confines code on Linux only, and this is {}. "
    "Only time and, where the system has them, memory and file sizes of each process are limited."
)
_INSTALL = " For more, install bubblewrap."


def _open(version: int) -> str:
    """Say what this version of Landlock lets pass."""
    gaps = ["see whether a file exists, and change modes and times of yours"]
    if version < landlock.SCOPES_SINCE:
        gaps.append("send signals to your programs")
    if not seccomp.supported():
        gaps.append(f"use {'UDP' if version >= landlock.TCP_SINCE else 'the network'} and named sockets")
    return f"It can still {', and '.join(gaps)}."


def _sockets() -> str:
    return "It can make no sockets. " if seccomp.supported() else "It can use the network. "
