"""Another Messages API behind this one: it answers, this server keeps the files.

Status, body and the headers that mean something pass through unchanged, streams chunk by chunk as they come.
"""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from nbfiles.server.errors import ApiProblem
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages import inline_files
from nbfiles.server.storage.store import Store

if TYPE_CHECKING:
    import httpx2

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 600.0  # seconds; the SDK's own
STATUSES = range(200, 600)  # of replies; HTTP has no others, and the server could not pass them on (RFC 9110, 15)
LOOPBACK = ("localhost", "127.0.0.1", "::1")

# What of a request the upstream should see; keys, hosts and workspaces are this server's own.
_FORWARDED = ("anthropic-version", "anthropic-beta", "content-type", "user-agent")
_RETURNED = ("content-type", "retry-after", "retry-after-ms", "request-id", "x-should-retry", "cache-control")


class Upstream:
    """One Messages API, spoken to with the credentials of whoever started this server."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        import httpx2

        self.url = url.rstrip("/")
        # A compressed stream would come in lumps.
        self._headers = {**headers, "accept-encoding": "identity"}
        # A proxy must not see what this machine says to itself.
        direct = urlsplit(url).hostname in LOOPBACK
        timeout = httpx2.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
        self._options: JsonObject = {"timeout": timeout, "trust_env": not direct}
        if url.startswith("https:"):
            # Made once: loading the certificates takes long, and a client lives for one request.
            self._options["verify"] = httpx2.create_ssl_context()
        self._knows_documents = True

    async def message(self, request: Request, body: object, store: Store) -> Response:
        """Forward a Messages or count_tokens request."""
        body = await run_in_threadpool(self._prepared, body, store)
        exchange = await self._send(request, body)
        if self._refused_documents(exchange.reply.status_code, body):
            await exchange.reply.aread()
            if "document" in exchange.reply.text:
                self._knows_documents = False
                await exchange.close()
                exchange = await self._send(request, await run_in_threadpool(inline_files.flattened, body))
        return _passed_on(request, exchange)

    async def get(self, request: Request) -> Response:
        """Forward a request that reads something, such as the list of models."""
        return _passed_on(request, await self._send(request, None))

    def complete(self, body: object, store: Store, stop: threading.Event) -> JsonObject:
        """Return the answer to one request of a batch."""
        del stop
        import httpx2

        with httpx2.Client(**self._options) as client:
            outgoing = self._prepared(body, store)
            reply = client.post(f"{self.url}/v1/messages", json=outgoing, headers=self._own())
        if reply.status_code not in STATUSES:
            raise _odd_status(reply.status_code)
        content = reply.json()
        if reply.status_code != 200:
            error = content.get("error") or {}
            details = error.get("details") or {}
            code = details.get("error_code")
            raise ApiProblem(reply.status_code, str(error.get("message", "")), code=code, details=details)
        message: JsonObject = content
        return message

    def _prepared(self, body: object, store: Store) -> object:
        body = inline_files.inlined(body, store)
        return body if self._knows_documents else inline_files.flattened(body)

    def _refused_documents(self, status: int, body: object) -> bool:
        return status in (400, 422) and self._knows_documents and inline_files.has_documents(body)

    async def _send(self, request: Request, body: object) -> _Exchange:
        import httpx2

        forwarded = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        content = None if body is None else json.dumps(body).encode()
        url = httpx2.URL(self.url + request.url.path, query=request.url.query.encode())
        client = httpx2.AsyncClient(**self._options)
        outgoing = client.build_request(request.method, url, content=content, headers={**forwarded, **self._headers})
        try:
            exchange = _Exchange(client, await client.send(outgoing, stream=True))
        except httpx2.TransportError as problem:
            await client.aclose()
            reason = type(problem).__name__
            raise ApiProblem(502, f"The upstream {self.url} cannot be reached ({reason}).") from None
        if exchange.reply.status_code not in STATUSES:
            await exchange.close()
            raise _odd_status(exchange.reply.status_code)
        return exchange

    def _own(self) -> dict[str, str]:
        return {"anthropic-version": "2026-10-21", **self._headers}


def _odd_status(status: int) -> ApiProblem:
    return ApiProblem(502, f"The upstream answered with the status {status}, which HTTP does not have.")


@dataclass(frozen=True)
class _Exchange:
    """A reply whose body is still to come, and the client that must live as long."""

    client: httpx2.AsyncClient
    reply: httpx2.Response

    async def close(self) -> None:
        await self.reply.aclose()
        await self.client.aclose()


def _passed_on(request: Request, exchange: _Exchange) -> Response:
    headers = {
        name: value
        for name, value in exchange.reply.headers.items()
        if name in _RETURNED or name.startswith("anthropic-")
    }
    request.state.headers.clear()  # the upstream's own request-id and limits are the ones that count
    return StreamingResponse(_chunks(exchange), exchange.reply.status_code, headers)


async def _chunks(exchange: _Exchange) -> AsyncIterator[bytes]:
    try:
        async for chunk in exchange.reply.aiter_bytes():
            yield chunk
    finally:
        await exchange.close()
