"""A filter of system calls (seccomp): no sockets, no new namespaces, no look into other processes.

It refuses what Landlock does not know: UDP, named sockets such as that of ssh-agent, the keys that the kernel keeps
for a user, and shared memory that would outlive its process. Refused calls fail with EPERM. It needs no privilege.
"""

from __future__ import annotations

import os
import struct

from . import libc

TYPE_CHECKING = False
if TYPE_CHECKING:  # see the package: this module is imported at each start of a container
    from collections.abc import Iterable

UNIX, INET, INET6 = 1, 2, 10  # families of sockets

# What is refused: call → its number on x86_64 and on aarch64 (io_uring makes sockets without the call for it).
_REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "io_uring_setup": (425, 425),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
}
_ARCHITECTURES = {  # machine → column above, number for the audit, and of the calls socket, clone, prctl
    "x86_64": (0, 0xC000003E, 41, 56, 157),
    "aarch64": (1, 0xC00000B7, 198, 220, 167),
}
_CLONE3 = 435  # its flags are out of a filter's sight; ENOSYS makes the C library use clone
_X32 = 0x40000000  # numbers from here on belong to another set of calls
_NAMESPACES = 0x7E020000  # the flags of clone that make new ones
_SET_DUMPABLE = 4  # of prctl: would hide the open files from the supervisor
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in what a filter sees; lower half of the first argument
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


def supported() -> bool:
    """Return whether there is a filter for this machine."""
    return _machine() in _ARCHITECTURES and os.path.exists("/proc/sys/kernel/seccomp")  # noqa: PTH110


def program(families: Iterable[int]) -> bytes:
    """Return the filter in the kernel's form; only sockets of these families can be made."""
    column, audit, socket, clone, prctl = _ARCHITECTURES[_machine()]
    allowed = [_step(_EQUAL, family, 0, 1) + _step(_RETURN, _ALLOW) for family in families]
    return b"".join(
        [
            _step(_LOAD, _ARCHITECTURE) + _step(_EQUAL, audit, 1, 0) + _refuse(1),
            _step(_LOAD, _NUMBER) + _step(_AT_LEAST, _X32, 0, 1) + _refuse(1),
            *(
                _step(_EQUAL, number, 0, 1) + _refuse(1)
                for number in (numbers[column] for numbers in _REFUSED.values())
            ),
            _step(_EQUAL, _CLONE3, 0, 1) + _refuse(38),
            _with_argument(prctl, _step(_EQUAL, _SET_DUMPABLE, 0, 1) + _refuse(1)),
            _with_argument(clone, _step(_ANY_BIT, _NAMESPACES, 0, 1) + _refuse(1)),
            _with_argument(socket, b"".join(allowed) + _refuse(1)),
            _step(_RETURN, _ALLOW),
        ]
    )


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


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _ERROR | error)


def _with_argument(number: int, steps: bytes) -> bytes:
    """Return the steps for one call, which see its first argument; what comes after them sees the number again."""
    inner = _step(_LOAD, _ARGUMENT) + steps + _step(_RETURN, _ALLOW)
    return _step(_EQUAL, number, 0, len(inner) // 8) + inner
