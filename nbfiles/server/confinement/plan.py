"""What the supervisor is told to start, and how it exits."""

from __future__ import annotations

import marshal

# How the program exits when it ended the code, or could not start it. Others are the worker's own.
NOT_CONFINED, TOO_MANY, TOO_MUCH_MEMORY, TOO_MUCH_DISK, NOT_COUNTED = 120, 121, 122, 123, 124
FILTER_HANDLE = 10  # where bubblewrap finds the filter of system calls


class Plan:
    """A command, what it may open, and what all its processes may take."""

    def __init__(
        self,
        *,
        server: int,
        command: list[str],
        landlock: bool,
        bubblewrap: bool,
        readable: list[str],
        writable: list[str],
        devices: list[str],
        call_filter: bytes,
        memory: int,
        disk: int,
        processes: int,
    ) -> None:
        self.server = server  # process id; when that ends, everything does
        self.command = command
        self.landlock = landlock
        self.bubblewrap = bubblewrap  # it begins the command
        self.readable = readable  # paths, for Landlock; those of bubblewrap are in the command
        self.writable = writable  # folders, whose files are counted
        self.devices = devices
        self.call_filter = call_filter  # for seccomp; empty for none
        self.memory = memory  # bytes
        self.disk = disk  # bytes
        self.processes = processes

    def packed(self) -> str:
        """Return the plan as an argument of the program, which has the same Python."""
        return marshal.dumps(vars(self)).hex()


def unpacked(argument: str) -> Plan:
    """Return the plan of an argument."""
    return Plan(**marshal.loads(bytes.fromhex(argument)))
