"""Calls of the C library that Python has no function for; on Linux only."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    import ctypes

# Options of prctl (linux/prctl.h).
SET_PDEATHSIG, SET_DUMPABLE, SET_SECCOMP, DROP_BOUNDING, SET_SUBREAPER, SET_NO_NEW_PRIVS = 1, 4, 22, 24, 36, 38


def available() -> bool:
    """Return whether this Python can call the C library; one may be built without ctypes."""
    try:
        _library()
    except (ImportError, OSError, TypeError):  # TypeError: Windows
        return False
    return True


def prctl(option: int, value: int = 0, address: int = 0) -> None:
    """Set an attribute of this process; raises OSError."""
    _call("prctl", option, value, address, 0, 0)


def capset(header: bytes, sets: bytes) -> None:
    """Set the capabilities of this process; raises OSError."""
    _call("capset", header, sets)


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call and return its result; raises OSError."""
    return _call("syscall", number, *arguments)


def _call(name: str, *arguments: int | bytes | None) -> int:
    import ctypes

    converted = (ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)
    result = int(getattr(_library(), name)(*converted))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _library() -> ctypes.CDLL:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)
