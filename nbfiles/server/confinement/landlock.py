"""Landlock: which files a process and its children may open; needs no privilege, only Linux 5.13 or later.

What is not allowed is refused. Each version (ABI) can refuse more: 2 moving between folders, 3 truncating,
4 TCP, 5 device commands, 6 abstract sockets and signals to processes outside. Reading another process's memory
or environment is refused by all. Modes, times and the existence of files are not covered by any of them.
"""

from __future__ import annotations

import os
import stat
import struct

from . import libc

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    from collections.abc import Iterable

TCP_SINCE, SCOPES_SINCE = 4, 6
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, alike on every architecture
_VERSION = 1  # flag of `_CREATE`
_BENEATH = 1  # a rule about a path and what is below it
_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_DEVICES = 1 << 6 | 1 << 11 | 1 << 15  # making devices, and commands to them: nowhere
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # ABI → number of rights on files; 16 since 5
_TCP, _SCOPES = 0b11, 0b11  # bind and connect; abstract sockets and signals


def abi() -> int:
    """Return the version of Landlock that this kernel has; 0 for none."""
    try:
        return libc.syscall(_CREATE, None, 0, _VERSION)
    except (ImportError, OSError, TypeError):  # no ctypes; no Landlock; no C library to load (Windows)
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str], devices: Iterable[str]) -> None:
    """Confine this thread and all processes it will start, for good; raises OSError.

    Parameters
    ----------
    readable, writable, devices
        Paths. What is below them can be read and executed; also changed; read and written but not replaced.
        Those that do not exist are left out.

    """
    version = abi()
    rights = (1 << _RIGHTS.get(version, 16)) - 1
    tcp, scopes = _TCP if version >= TCP_SINCE else 0, _SCOPES if version >= SCOPES_SINCE else 0
    rules = libc.syscall(_CREATE, struct.pack("=QQQ", rights, tcp, scopes), 24, 0)
    for paths, allowed in (
        (readable, _EXECUTE | _READ | _LIST),
        (writable, rights & ~_DEVICES),
        (devices, _READ | _WRITE | _TRUNCATE),
    ):
        for path in paths:
            _allow(rules, path, allowed & rights)
    libc.syscall(_RESTRICT, rules, 0)
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this system
        return
    if not stat.S_ISDIR(os.fstat(target).st_mode):
        rights &= _ON_FILES
    libc.syscall(_ADD, rules, _BENEATH, struct.pack("=Qi", rights, target), 0)
    os.close(target)
