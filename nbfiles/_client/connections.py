"""Connections that Stop ends from another thread: a socket that waits for a silent server is shut down.

httpx2 has no public way to the socket of a request that waits for its reply. So the pools of a client get a network
backend of their own; where a later version has none to replace, Stop works as before, but closes late.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nbfiles.stop import stoppable

if TYPE_CHECKING:
    import httpx2


def make_stoppable(client: httpx2.Client) -> None:
    """Let Stop end what the connections of this client wait for."""
    for pool in _pools(client):
        if (backend := getattr(pool, "_network_backend", None)) is not None:
            pool._network_backend = _Backend(backend)


def _pools(client: httpx2.Client) -> Iterator[Any]:
    transports = [getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()]
    for transport in transports:
        if (pool := getattr(transport, "_pool", None)) is not None:
            yield pool


class _Backend:
    """Opens connections as `inner` does; their reading and writing ends on Stop."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def connect_tcp(self, *args: Any, **kwargs: Any) -> _Stream:
        with stoppable(_nothing):
            return _Stream(self._inner.connect_tcp(*args, **kwargs))

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> _Stream:
        with stoppable(_nothing):
            return _Stream(self._inner.connect_unix_socket(*args, **kwargs))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream:
    """A connection whose reading and writing ends on Stop, with KeyboardInterrupt."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with stoppable(self._shut_down):
            data: bytes = self._inner.read(max_bytes, timeout)
            return data

    def write(self, buffer: bytes | Iterable[bytes], timeout: float | None = None) -> None:
        with stoppable(self._shut_down):
            self._inner.write(buffer, timeout)

    def start_tls(self, *args: Any, **kwargs: Any) -> _Stream:
        with stoppable(self._shut_down):
            return _Stream(self._inner.start_tls(*args, **kwargs))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _shut_down(self) -> None:
        """Wake the thread that waits: closing would not, and another connection might get the same number."""
        with suppress(OSError):  # it has ended by itself
            # Of `socket`, as that of an SSLSocket takes away what the waiting thread reads from.
            socket.socket.shutdown(self._inner.get_extra_info("socket"), socket.SHUT_RDWR)


def _nothing() -> None:
    """Wake nobody: a connection has no socket before it is open, and five seconds at most for that."""
