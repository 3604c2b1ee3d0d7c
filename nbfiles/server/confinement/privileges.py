"""Give up what a process may do beyond an ordinary user, for itself and all that it starts."""

from __future__ import annotations

import struct

from . import libc

# Root keeps this one capability, without which it cannot read a Python that another user has installed.
KEPT = "CAP_DAC_OVERRIDE"
_KEPT = 1
_LAST = 63  # capabilities are bits of 64
_VERSION = 0x20080522  # of the header of capset: sets of 64 bits


def give_up() -> None:
    """Drop all capabilities but one, and gain none by programs that are started; raises OSError."""
    libc.prctl(libc.SET_NO_NEW_PRIVS, 1)
    for capability in range(_LAST + 1):
        if capability != _KEPT:
            try:
                libc.prctl(libc.DROP_BOUNDING, capability)
            except OSError:  # not root, which has none; or no such capability
                break
    _set_capabilities()


def _set_capabilities() -> None:
    header = struct.pack("=Ii", _VERSION, 0)
    kept = 1 << _KEPT
    try:
        libc.capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))
    except OSError:  # not root
        libc.capset(header, bytes(24))
