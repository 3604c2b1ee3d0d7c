"""The Messages API: JSON, server-sent events, and count_tokens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nbfiles.server import workspaces
from nbfiles.server.errors import envelope
from nbfiles.server.messages import events as reply
from nbfiles.server.messages.upstream import Upstream
from nbfiles.server.routes.common import json_body
from nbfiles.server.rules import versions
from nbfiles.server.unexpected import as_problem

PING_EVERY = 5  # seconds of silence; proxies and clients give up on a stream at about a minute
ANSWERED_BY = {"nbfiles-answered-by": "local"}  # tells a client that no model did, and that nothing is charged
LOOK_EVERY = 0.2  # seconds between two looks whether the client is still there


async def create(request: Request) -> Response:
    """POST /v1/messages."""
    body = versions.modern(await json_body(request), request.headers)
    workspace, stop = workspaces.of(request), threading.Event()
    if upstream := request.app.state.workspaces.upstream:
        return await _forwarded(upstream, request, body)
    query, bursts = await run_in_threadpool(workspace.begin, body, stop)
    limits = request.app.state.limits.headers(query.prompt, query.max_tokens)
    request.state.headers |= limits | request.state.headers  # a rate that is enforced is the one that counts
    if isinstance(body, dict) and body.get("stream"):
        events = _events(bursts, stop, request.state.request_id)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-cache"} | ANSWERED_BY
        )
    return JSONResponse(await _whole(request, bursts, stop), headers=ANSWERED_BY)


async def count_tokens(request: Request) -> Response:
    """POST /v1/messages/count_tokens."""
    body = versions.modern(await json_body(request), request.headers)
    if upstream := request.app.state.workspaces.upstream:
        return await _forwarded(upstream, request, body)
    workspace = workspaces.of(request)
    valid = workspace.check(body, "count")
    query = await run_in_threadpool(lambda: workspace.reader.read(valid, to_count=True))
    return JSONResponse({"input_tokens": query.prompt.tokens})


async def _forwarded(upstream: Upstream, request: Request, body: object) -> Response:
    return await upstream.message(request, body, workspaces.of(request).store)


async def _whole(request: Request, bursts: Iterator[list[reply.Event]], stop: threading.Event) -> object:
    """Return the finished message; give up when the client does."""
    work = asyncio.ensure_future(run_in_threadpool(lambda: reply.fold(e for burst in bursts for e in burst)))
    while not (await asyncio.wait({work}, timeout=LOOK_EVERY))[0]:
        if await request.is_disconnected():
            stop.set()
    return work.result()


async def _events(bursts: Iterator[list[reply.Event]], stop: threading.Event, request_id: str) -> AsyncIterator[bytes]:
    """Yield the stream; when the client leaves, this is closed and the engine told to stop."""
    try:
        while True:
            work = asyncio.ensure_future(run_in_threadpool(next, bursts, None))
            while not (await asyncio.wait({work}, timeout=PING_EVERY))[0]:
                yield reply.encode([reply.PING])
            burst = work.result()
            if burst is None:
                return
            yield reply.encode(burst)
    except Exception as problem:  # noqa: BLE001, the stream has begun: it ends with the error
        yield reply.encode([envelope(as_problem("an answer broke off", problem), request_id)])
    finally:
        stop.set()


def routes() -> list[Route]:
    """Return the resource's routes."""
    return [
        Route("/v1/messages", create, methods=["POST"]),
        Route("/v1/messages/count_tokens", count_tokens, methods=["POST"]),
    ]
