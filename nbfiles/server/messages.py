"""The Messages API: JSON, server-sent events, and count_tokens."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nbfiles.server import reply, validate
from nbfiles.server.ask import Ask
from nbfiles.server.errors import envelope, invalid
from nbfiles.server.pieces import Piece
from nbfiles.server.reading import Reader

Engine: TypeAlias = Callable[[Ask, threading.Event], Iterator[Piece]]

PING_EVERY = 5  # seconds of silence; proxies and clients give up on a stream at about a minute
LOOK_EVERY = 0.2  # seconds between two looks whether the client is still there

_logger = logging.getLogger("nbfiles.server")


async def create(request: Request) -> Response:
    """POST /v1/messages."""
    body = await _body(request)
    ask = await run_in_threadpool(_read, request.app.state.reader, body)
    stop = threading.Event()
    batches = reply.batches(ask, request.app.state.engine(ask, stop))
    if body.get("stream"):
        events = _events(batches, stop, request.state.request_id)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )
    return JSONResponse(await _whole(request, batches, stop))


async def count_tokens(request: Request) -> Response:
    """POST /v1/messages/count_tokens."""
    body = await _body(request)
    validate.check_count(body)
    ask = await run_in_threadpool(lambda: request.app.state.reader.read(body, to_count=True))
    return JSONResponse({"input_tokens": ask.prompt.tokens})


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        raise invalid("The request body is not valid JSON.") from None


def _read(reader: Reader, body: Any) -> Ask:
    validate.check_message(body)
    return reader.read(body)


async def _whole(request: Request, batches: Iterator[list[reply.Event]], stop: threading.Event) -> Any:
    """Return the finished message; give up when the client does."""
    work = asyncio.ensure_future(run_in_threadpool(lambda: reply.fold(e for batch in batches for e in batch)))
    while not (await asyncio.wait({work}, timeout=LOOK_EVERY))[0]:
        if await request.is_disconnected():
            stop.set()
    return work.result()


async def _events(
    batches: Iterator[list[reply.Event]], stop: threading.Event, request_id: str
) -> AsyncIterator[bytes]:
    """Yield the stream; when the client leaves, this is closed and the engine told to stop."""
    try:
        while True:
            work = asyncio.ensure_future(run_in_threadpool(next, batches, None))
            while not (await asyncio.wait({work}, timeout=PING_EVERY))[0]:
                yield reply.encode([reply.PING])
            batch = work.result()
            if batch is None:
                return
            yield reply.encode(batch)
    except Exception:
        _logger.exception("an answer broke off")
        yield reply.encode([envelope(500, "Internal server error", request_id)])
    finally:
        stop.set()


def routes() -> list[Route]:
    """Return the resource's routes."""
    return [
        Route("/v1/messages", create, methods=["POST"]),
        Route("/v1/messages/count_tokens", count_tokens, methods=["POST"]),
    ]
