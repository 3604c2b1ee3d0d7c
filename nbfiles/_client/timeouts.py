"""How long the client waits, and the deadline that a whole reply has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import httpx2


@dataclass(frozen=True, slots=True)
class Timeouts:
    """What the client waits for at most, in seconds."""

    connect_s: float = 5.0  # the SDK's own; a host that is there answers far sooner
    read_s: float = 60.0  # between two reads; the API pings a stream more often, so silence means a dead line
    # In a stream without any event but pings. Code in the container may run for minutes in silence; after as
    # long, the SDK gives a whole request up.
    silence_s: float = 600.0
    # For each 64 KiB of a download. A line of 1990 brings twice as much; whoever sends less holds it up for ever.
    slow_s: float = 60.0
    retry_s: float = 60.0  # for a busy server; the SDK would obey a header for weeks
    first_backoff_s: float = 0.5  # the SDK's own steps
    last_backoff_s: float = 8.0


DEFAULTS = Timeouts()


def limit_body_time(response: httpx2.Response, seconds: float) -> None:
    """Let the body of a response that is read at once take `seconds`; raises ReadTimeout while it is read.

    A read timeout alone never ends a body that drips byte by byte. An answer in events and the content of a
    file may take as long as they go on.
    """
    is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
    if is_stream or response.request.url.path.endswith("/content"):
        return
    body = cast("httpx2.SyncByteStream", response.stream)  # of a client that is not async
    response.stream = _limited_body()(body, response.request, time.monotonic() + seconds)


@cache
def _limited_body() -> Callable[[httpx2.SyncByteStream, httpx2.Request, float], httpx2.SyncByteStream]:
    """Return the class of a body with a deadline; httpx2 is loaded with the first client."""
    import httpx2

    class LimitedBody(httpx2.SyncByteStream):
        """It holds no response, which holds it: what was sent would stay until the garbage collector comes."""

        def __init__(self, body: httpx2.SyncByteStream, request: httpx2.Request, deadline: float) -> None:
            self._body, self._request, self._deadline = body, request, deadline

        def __iter__(self) -> Iterator[bytes]:
            for chunk in self._body:
                if time.monotonic() > self._deadline:
                    raise httpx2.ReadTimeout("the body took too long", request=self._request)
                yield chunk

        def close(self) -> None:
            self._body.close()

    return LimitedBody
