"""A transport that sends the head and the body of a small reply together: one system call, one packet."""

from __future__ import annotations

import asyncio
from typing import Any

ENOUGH = 64 * 1024  # bytes that are worth a system call of their own


class Gathering:
    """Hold writes back until the task that makes them lets the loop go on."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._writes: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send soon, or at once when it is much."""
        if not self._writes:
            self._loop.call_soon(self._flush)
        self._writes.append(data)
        self._size += len(data)
        if self._size > ENOUGH:
            self._flush()

    def close(self) -> None:
        """Close the connection when all is sent."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._writes:
            writes, self._writes, self._size = self._writes, [], 0
            self._transport.write(b"".join(writes))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
