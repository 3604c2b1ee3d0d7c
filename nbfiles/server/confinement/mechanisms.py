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
            limited = _LIMITED if version >= landlock.SCOPES_SINCE else _UNLESS_ENDED
            return Confinement(used, headline, f"{_LANDLOCK} {limited} {_open(version)} {_more()}")
        case Mechanism.PLAIN:
            return Confinement(used, YOUR_RIGHTS, f"{_PLAIN} {_sockets()}{_UNLESS_ENDED} {_more()}")
    return Confinement(used, YOUR_RIGHTS, f"{_NONE.format(platform.system() or sys.platform)}")


_BUBBLEWRAP = (
    "It sees the files of its conversation and the installed programs, and no other file of yours, process, socket or "
    "network."
)
_LANDLOCK = "It opens the files of its conversation and the installed programs, and no other files of yours."
_COUNTED = "Its memory, disk and processes are limited together, as far as docs/security.md says"
_LIMITED = f"{_COUNTED}, and all that it starts ends with the server."
_UNLESS_ENDED = f"{_COUNTED}, and end with the server, unless it ends the program that watches it first, as it can."
_PLAIN = "It can read and change your files, and end your programs: neither Landlock nor bubblewrap works here."
_NONE = (
    "It can read and change your files, and use the network: nbfiles confines code on Linux only, and this is {}. "
    "Only time and, where the system has them, memory and file sizes of each process are limited."
)


def _more() -> str:
    if bubblewrap.program() is None:
        return "For more, install bubblewrap."
    if works(Mechanism.BUBBLEWRAP):
        return "Bubblewrap, which is installed, confines more."
    return "Bubblewrap, which confines more, is installed but cannot start this Python here."


def _open(version: int) -> str:
    """Say what this version of Landlock lets pass."""
    gaps = [
        "see which files exist, their sizes and times, and where links lead",
        "change modes and times of your files",
    ]
    if version < landlock.SCOPES_SINCE:
        gaps.append("send signals to your programs")
    if not seccomp.supported():
        gaps.append(f"use {'UDP' if version >= landlock.TCP_SINCE else 'the network'} and named sockets")
    return f"It can still {', and '.join(gaps)}."


def _sockets() -> str:
    return "It can make no sockets. " if seccomp.supported() else "It can use the network. "
