"""An HTTP/1.1 connection that waits a while for the headers of a request, and is one of not too many.

uvicorn times out a connection between two requests, but not one that stops within the headers: sixty-four of
those would keep everybody else out. Where there are so many, the one that has waited longest between two requests
gives way; a stranger's always waits, as it is refused at once. Where all are at work, who comes is told so in the
API's words.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from nbfiles.server import ids
from nbfiles.server.errors import envelope, invalid
from nbfiles.server.middleware.guard import crowded

CONNECTIONS = 64  # a notebook needs a handful
ENOUGH = 64 * 1024  # bytes that are worth a system call of their own
HEADER_SECONDS = 10  # for all headers of a request, counted from its first byte, or from the connection
REST_SECONDS = 2  # for the rest of a body, once the request is answered without it


class PatientProtocol(H11Protocol):
    """Close the connection when a request's headers are not whole in time."""

    _deadline: asyncio.TimerHandle | None = None
    _since = 0.0  # when it was made, or its last request answered

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        buffered: Any = BufferedTransport(transport, self.loop)
        super().connection_made(buffered)
        self._since = self.loop.time()
        self._make_room()
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting while the headers are not whole."""
        before = self.conn.their_state
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if before is h11.SEND_BODY:
                self._stop_waiting()
            self._wait()
        elif self.conn.their_state is not h11.SEND_BODY or self.conn.our_state is not h11.DONE:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Give the rest of a body a short time: who is answered need not send it, and must not stay by it."""
        super().on_response_complete()
        self._since = self.loop.time()
        if self.conn.their_state is h11.SEND_BODY:
            self._wait(REST_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the API's words."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # it is answered already
            self.transport.close()
            return
        request_id = ids.new("req")
        body = json.dumps(envelope(invalid(msg), request_id)).encode()
        headers = {"content-type": "application/json", "connection": "close", "request-id": request_id}
        reply = h11.Response(status_code=400, headers=[*headers.items(), ("content-length", str(len(body)))])
        for event in (reply, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        """Let the connection that has waited longest give way where there are too many, or refuse this one."""
        others = [one for one in self.connections if one is not self and not one.transport.is_closing()]
        if len(others) < CONNECTIONS:
            return
        idle = [one for one in others if isinstance(one, PatientProtocol) and one._is_idle]
        if idle:
            min(idle, key=lambda one: one._since).transport.close()
        else:
            self.app = crowded

    def _wait(self, seconds: float | None = None) -> None:
        if self._deadline is None:
            seconds = HEADER_SECONDS if seconds is None else seconds
            self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class BufferedTransport:
    """Hold writes back until the task that makes them lets the loop go on.

    The head and the body of a small reply then go out together: one system call, one packet.
    """

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
