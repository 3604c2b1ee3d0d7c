"""Who may talk to the server at all: checked before any route, for every request.

A page in the user's browser can reach a loopback port, so Host is compared exactly (DNS rebinding),
any Origin is refused, and there are no CORS headers and no cookies (docs/security.md).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbfiles.server import ids
from nbfiles.server.errors import ApiProblem, envelope
from nbfiles.server.rules.sizes import BATCH_LIMIT, JSON_LIMIT, SKILL_LIMIT, UPLOAD_LIMIT, too_large

SLOWEST = 1_000  # bytes a second of a body, beyond the time that it may be silent
LINGER = 30  # seconds that a body which is refused may go on arriving, as nginx's `lingering_time` has it
HEADER_LIMIT = 32 * 1024  # bytes of all headers; a client of ours sends about 1 KB

ORGANIZATION = "00000000-0000-4000-8000-6e6266696c65"  # the one organization of every local server

# What browsers say of a request, https://www.w3.org/TR/fetch-metadata/; of those that are allowed, `fetch` of Node.js
# says `cors` and `empty`. A page that is opened, framed or embedded says something else, and so does a script in one.
_FETCH = {
    "sec-fetch-site": ("none", "same-origin"),
    "sec-fetch-mode": ("cors", "same-origin"),
    "sec-fetch-dest": ("empty",),
}

_ONCE = ("host", "authorization", "x-api-key", "content-length", "content-type", "transfer-encoding", *_FETCH)


class Guard:
    """Refuse strangers, bound bodies, and give every response its `request-id`."""

    def __init__(self, app: ASGIApp, *, key: str, hosts: Iterable[str], idle: float) -> None:
        self.idle = idle
        self.app = app
        self.key = key.encode()
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            raise RuntimeError(f"this server speaks HTTP only, not {scope['type']}")
        scope, authority = _in_origin_form(scope)
        request_id = ids.new("req")
        headers = {"request-id": request_id, "anthropic-organization-id": ORGANIZATION}
        scope.setdefault("state", {}).update(request_id=request_id, headers=headers)
        reply = _with_headers(send, headers)
        try:
            self.check(Headers(scope=scope), scope.get("server"), authority)
        except ApiProblem as problem:
            headers["connection"] = "close"  # a stranger's connection takes the room of the owner's
            await refuse(reply, problem, request_id)
        else:
            await self._let_in(scope, receive, reply, headers)

    async def _let_in(self, scope: Scope, receive: Receive, reply: Send, headers: dict[str, str]) -> None:
        """Answer the owner's request; where its body is too large, read on until the client has sent it."""
        limit = body_limit(scope)
        if _declared(Headers(scope=scope)) > limit:
            headers["connection"] = "close"
            rest = _rest(receive, min(LINGER, self.idle))
            await refuse(reply, too_large(limit), headers["request-id"], rest)
        else:
            await self.app(scope, _bounded(receive, limit, self.idle), reply)

    def check(self, headers: Headers, reached: Sequence[object] | None = None, authority: str | None = None) -> None:
        """Raise the documented error when the request does not come from the owner's own client."""
        _check_shape(headers)
        host = headers.get("host", "")
        named = {host.lower(), (host if authority is None else authority).lower()}
        if not named <= {*self.hosts, *_own_address(reached)}:
            raise ApiProblem(421, "This server does not answer to that host name.")
        if "origin" in headers or any(headers.get(name, allowed[0]) not in allowed for name, allowed in _FETCH.items()):
            raise ApiProblem(403, "Requests from web pages are not allowed.")
        if not any(secrets.compare_digest(key, self.key) for key in _keys(headers)):
            raise ApiProblem(401, "invalid x-api-key")


def _in_origin_form(scope: Scope) -> tuple[Scope, str | None]:
    """Return a request as if its target were a path, and the host that the target names, if it is a whole address.

    RFC 9112, section 3.2.2: a server must take `GET http://host/path`, and believe that host. Here, both must be ours.
    """
    scheme, mark, rest = scope["path"].partition("://")
    if not mark or "/" in scheme:
        return scope, None
    authority, _, path = rest.partition("/")
    raw_path = scope["raw_path"].partition(b"://")[2].partition(b"/")[2]
    origin = {**scope, "path": f"/{path}", "raw_path": b"/" + raw_path}
    return origin, authority if scheme.lower() == "http" else ""


def _own_address(reached: Sequence[object] | None) -> tuple[str, ...]:
    """Return the address that a connection came in on: a name that lies can lead here, a number cannot."""
    host, port = reached or (None, None)
    return (f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}",) if port else ()


def body_limit(scope: Scope) -> int:
    """Return how many bytes the request may carry."""
    if scope["path"].startswith("/v1/skills"):
        return SKILL_LIMIT
    return {"/v1/files": UPLOAD_LIMIT, "/v1/messages/batches": BATCH_LIMIT}.get(scope["path"], JSON_LIMIT)


def _check_shape(headers: Headers) -> None:
    """Refuse what two HTTP parsers could read in two ways."""
    if sum(len(name) + len(value) for name, value in headers.raw) > HEADER_LIMIT:
        raise ApiProblem(431, "The request headers are too large.")
    count = Counter(headers.keys())
    if any(count[name] > 1 for name in _ONCE):
        raise ApiProblem(400, "A header that may appear once appears twice.")
    if "content-length" in headers and "transfer-encoding" in headers:
        raise ApiProblem(400, "Content-Length and Transfer-Encoding exclude each other.")
    if "upgrade" in headers:
        raise ApiProblem(400, "This server does not change protocols.")


def _keys(headers: Headers) -> list[bytes]:
    """Return the keys that the request shows, in either of the two accepted headers."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    keys = [token.strip()] if scheme.lower() == "bearer" else []
    return [key.encode("latin-1") for key in [*keys, headers.get("x-api-key", "")] if key]


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdigit() else 0


async def _rest(receive: Receive, seconds: float) -> None:
    """Read what still arrives of a body: a client that is cut off while it sends reports that, not the answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive()).get("more_body", False):
                pass


def _bounded(receive: Receive, limit: int, idle: float) -> Receive:
    """Count a body whose length is not declared, and give up on one that stops arriving, or comes in single bytes."""
    received, whole, clock = 0, False, asyncio.get_running_loop().time
    begin = clock()

    async def counted() -> Message:
        nonlocal received, whole
        latest = min(clock() + idle, begin + idle + received / SLOWEST)
        try:
            async with asyncio.timeout_at(None if whole else latest):
                message = await receive()
        except TimeoutError:
            raise ApiProblem(408, "The request body stopped arriving.") from None
        whole = not message.get("more_body", False)
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large(limit)
        return message

    return counted


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    """Add the headers that routes and the guard have collected when the response begins."""

    async def reply(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(name.encode(), value.encode()) for name, value in headers.items()]
            nosniff = (b"x-content-type-options", b"nosniff")
            message = {**message, "headers": [*message.get("headers", ()), *extra, nosniff]}
        await send(message)

    return reply


async def crowded(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request on a connection too many, as an application of its own."""
    del scope, receive
    headers = {"request-id": ids.new("req"), "retry-after": "1", "connection": "close"}
    problem = ApiProblem(529, "Too many connections; close some, or try again in a moment.")
    await refuse(_with_headers(send, headers), problem, headers["request-id"])


async def refuse(send: Send, problem: ApiProblem, request_id: str, rest: Awaitable[None] | None = None) -> None:
    """Send the error envelope, and end the reply after `rest`."""
    body = json.dumps(envelope(problem, request_id)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": rest is not None})
    if rest is not None:
        await rest
        await send({"type": "http.response.body"})
