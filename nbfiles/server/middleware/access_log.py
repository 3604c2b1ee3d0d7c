"""One line a request on the server's log: method, path without ids, status, time. No query, no header, no body."""

from __future__ import annotations

import logging
import time
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbfiles.redact import redact

_logger = logging.getLogger("nbfiles.server")


class Logged:
    """Log what the application answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and log it when it is done."""
        status, begin = 0, time.monotonic()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            took = (time.monotonic() - begin) * 1000
            _logger.info("%s %s %d %.0f ms", scope["method"], _logged_path(scope["path"]), status, took)


@lru_cache(maxsize=256)
def _logged_path(path: str) -> str:
    """Return a path as it is logged; it is the client's text: repr keeps line breaks and escape codes out."""
    return redact(repr(path)[1:-1])
