"""A filter of system calls (seccomp): no sockets, no new namespaces, no look into other processes.

It refuses what Landlock does not know: UDP, named sockets such as that of ssh-agent, the keys that the kernel keeps
for a user, shared memory that would outlive its process, and limits of other processes. system_calls.py has the
list. Refused calls fail with EPERM. It needs no privilege.
"""

from __future__ import annotations

import os
import struct

from . import libc, system_calls

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    from collections.abc import Iterable, Sequence

UNIX, INET, INET6 = 1, 2, 10  # families of sockets

_ARCHITECTURES = {  # machine → column there, number for the audit, and of the calls socket, clone, prctl
    "x86_64": (0, 0xC000003E, 41, 56, 157),
    "aarch64": (1, 0xC00000B7, 198, 220, 167),
}
_CLONE3 = 435  # its flags are out of a filter's sight; ENOSYS makes the C library use clone
_X32 = 0x40000000  # numbers from here on belong to another set of calls
_NAMESPACES = 0x7E020000  # the flags of clone that make new ones
_THREAD, _SHARED_FILES = 0x10000, 0x400  # flags of clone; a thread with open files of its own would not be counted
_SET_DUMPABLE = 4  # of prctl: would hide the open files from the supervisor
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in what a filter sees
_FIRST, _SECOND = 16, 24  # of the lower halves of arguments
_NOT_PERMITTED, _NO_CALL, _NOT_SUPPORTED = 1, 38, 95  # EPERM, ENOSYS, EOPNOTSUPP
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


def supported() -> bool:
    """Return whether there is a filter for this machine."""
    return _machine() in _ARCHITECTURES and os.path.exists("/proc/sys/kernel/seccomp")  # noqa: PTH110


def program(families: Sequence[int]) -> bytes:
    """Return the filter in the kernel's form; only sockets of these families can be made."""
    column, audit, socket, clone, prctl = _ARCHITECTURES[_machine()]
    refused = system_calls.REFUSED if families else system_calls.REFUSED | system_calls.SENDING
    return b"".join(
        [
            _step(_LOAD, _ARCHITECTURE) + _step(_EQUAL, audit, 1, 0) + _refuse(),
            _step(_LOAD, _NUMBER) + _step(_AT_LEAST, _X32, 0, 1) + _refuse(),
            *(_always(numbers[column], _NOT_PERMITTED) for numbers in refused.values()),
            *(_always(numbers[column], _NOT_SUPPORTED) for numbers in system_calls.UNSUPPORTED.values()),
            *(_call(numbers[column], _only_itself()) for numbers in system_calls.OF_ITSELF.values()),
            *(_call(numbers[column], _only_own(name)) for name, numbers in system_calls.OF_A_KIND.items()),
            _always(_CLONE3, _NO_CALL),
            _call(prctl, _load(_FIRST) + _step(_EQUAL, _SET_DUMPABLE, 0, 1) + _refuse()),
            _call(clone, _only_ordinary()),
            _call(socket, _only_of(families)),
            _step(_RETURN, _ALLOW),
        ]
    )


def _only_itself() -> bytes:
    return _load(_FIRST) + _step(_EQUAL, 0, 1, 0) + _refuse()


def _only_own(name: str) -> bytes:
    itself = _load(_SECOND) + _step(_EQUAL, 0, 1, 0) + _refuse()
    return itself + _load(_FIRST) + _step(_EQUAL, system_calls.ALL_OF_A_USER[name], 0, 1) + _refuse()


def _only_ordinary() -> bytes:
    """Return the steps that let processes and threads begin, but for those nobody could count."""
    apart = _step(_ANY_BIT, _NAMESPACES, 0, 1) + _refuse()
    return _load(_FIRST) + apart + _step(_ANY_BIT, _THREAD, 0, 2) + _step(_ANY_BIT, _SHARED_FILES, 1, 0) + _refuse()


def _only_of(families: Iterable[int]) -> bytes:
    allowed = (_step(_EQUAL, family, 0, 1) + _step(_RETURN, _ALLOW) for family in families)
    return _load(_FIRST) + b"".join(allowed) + _refuse()


def install(filter_: bytes) -> None:
    """Filter the calls of this process and all it will start, for good; raises OSError."""
    import ctypes

    steps = ctypes.create_string_buffer(filter_, len(filter_))
    header = struct.pack("@HxxxxxxP", len(filter_) // 8, ctypes.addressof(steps))
    kept = ctypes.create_string_buffer(header, len(header))
    libc.prctl(libc.SET_SECCOMP, 2, ctypes.addressof(kept))


def _machine() -> str:
    return os.uname().machine if hasattr(os, "uname") else ""


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(error: int = _NOT_PERMITTED) -> bytes:
    return _step(_RETURN, _ERROR | error)


def _load(offset: int) -> bytes:
    return _step(_LOAD, offset)


def _always(number: int | None, error: int) -> bytes:
    return b"" if number is None else _step(_EQUAL, number, 0, 1) + _refuse(error)


def _call(number: int, steps: bytes) -> bytes:
    """Return the steps for one call, which may load its arguments; it is allowed when they end."""
    inner = steps + _step(_RETURN, _ALLOW)
    return _step(_EQUAL, number, 0, len(inner) // 8) + inner
