"""A whole reply has a deadline: a read timeout alone never ends a body that drips byte by byte."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2


def bound(response: httpx2.Response, seconds: float) -> None:
    """Let the body of a response that is read at once take `seconds`; raises ReadTimeout while it is read.

    An answer in events and the content of a file may take as long as they go on.
    """
    import httpx2

    events = response.headers.get("content-type", "").startswith("text/event-stream")
    if events or response.request.url.path.endswith("/content"):
        return
    whole, deadline = response.stream, time.monotonic() + seconds

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for chunk in whole:  # type: ignore[union-attr]
                if time.monotonic() > deadline:
                    raise httpx2.ReadTimeout("the body took too long", request=response.request)
                yield chunk

        def close(self) -> None:
            whole.close()  # type: ignore[union-attr]

    response.stream = Bounded()
