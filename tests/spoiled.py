"""The faults of docs/security.md as functions: the true reply → what the client gets.

Of requests: `Unread` answers, or resets the connection, before the body was read.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.scripted import Reply, as_json, error

Fault = Callable[[Reply], Reply]


@dataclass(frozen=True)
class Unread:
    """The front does not read the body, and passes nothing on; without a reply it resets the connection."""

    reply: Reply | None = None


@dataclass(frozen=True)
class Refused:
    """The front reads the body, passes nothing on, and answers this."""

    reply: Reply


def lost(reply: Reply) -> Reply:
    """The server did it, but its answer never arrives."""
    return replace(reply, cut=-1)


def silent(reply: Reply) -> Reply:
    """Not one byte arrives, and the connection stays open."""
    return replace(reply, cut=-1, hang=True)


def halved(reply: Reply) -> Reply:
    """The connection breaks in the middle of the body."""
    return replace(reply, cut=len(reply.body) // 2)


def torn(reply: Reply) -> Reply:
    """The connection is reset in the middle of the body."""
    return replace(reply, cut=len(reply.body) // 2, reset=True)


def short(reply: Reply) -> Reply:
    """The body ends too early, but cleanly: the declared length is that of the half."""
    half = reply.body[: len(reply.body) // 2]
    return replace(reply, body=half[: half.rfind(b"\n\n") + 2] if b"\n\n" in half else half)


def mid_event(reply: Reply) -> Reply:
    """The body ends cleanly, but within an event."""
    return replace(reply, body=reply.body[: reply.body.rfind(b"\ndata: ") + 12])


def unmeasured(reply: Reply) -> Reply:
    """Half a body without a length, so that its end looks like the end."""
    half = reply.body[: len(reply.body) // 2]
    return replace(reply, body=half, headers=reply.headers | {"content-length": ""}, cut=len(half))


def stalled(reply: Reply) -> Reply:
    """The body stops arriving, and the connection stays open."""
    return replace(reply, cut=len(reply.body) // 2, hang=True)


def pinging(reply: Reply) -> Reply:
    """Half a stream, then pings for ever."""
    return replace(_unending(reply), drip=b'event: ping\ndata: {"type": "ping"}\n\n')


def trickling(reply: Reply) -> Reply:
    """Half a body, then byte after byte of nothing for ever."""
    return replace(_unending(reply), drip=b"\n" if _is_stream(reply) else b" ")


def _unending(reply: Reply) -> Reply:
    cut = reply.body.rfind(b"\n\n", 0, len(reply.body) // 2) + 2 if _is_stream(reply) else len(reply.body) // 2
    return replace(reply, body=reply.body[:cut], headers=reply.headers | {"content-length": "1000000000"})


def login_page(reply: Reply) -> Reply:
    """A proxy answers in the server's place."""
    return Reply(b"<html>Please log in</html>", headers={"content-type": "text/html"})


def empty(reply: Reply) -> Reply:
    """A 200 without a body."""
    return replace(reply, body=b"")


def other_json(reply: Reply) -> Reply:
    """A 200 with JSON that has nothing to do with the question."""
    return as_json({"status": "ok"})


def broken(reply: Reply) -> Reply:
    """Something between the two rewrites the body."""
    return replace(reply, body=reply.body.replace(b'"', b"'"))


def garbled(reply: Reply) -> Reply:
    """A byte in the middle is not UTF-8."""
    return replace(reply, body=reply.body.replace(b'"text": "', b'"text": "\xff'))


def inflated(reply: Reply) -> Reply:
    """A small body that is 64 MB when unpacked."""
    packed = gzip.compress(bytes(64 * 1024 * 1024))
    return replace(reply, body=packed, headers=reply.headers | {"content-encoding": "gzip"})


def moved(reply: Reply) -> Reply:
    """Somebody wants the documents elsewhere."""
    return Reply(status=307, headers={"location": "http://127.0.0.1:9/elsewhere"})


def busy(reply: Reply) -> Reply:
    """The server is overloaded for a moment."""
    return error(529, "overloaded_error", "Overloaded", retry_after="0")


def slow_down(reply: Reply) -> Reply:
    """Too many requests."""
    return error(429, "rate_limit_error", "Slow down", retry_after="0")


def spend_limit(reply: Reply) -> Reply:
    """A limit that waiting does not lift."""
    return error(429, "rate_limit_error", "Spend limit", "enforced_spend_limit_reached")


def contract_limit(reply: Reply) -> Reply:
    """A limit that only another contract lifts."""
    return error(429, "rate_limit_error", "Contract spend limit", "contract_spend_limit_reached")


def refused(status: int, kind: str, code: str | None = None) -> Fault:
    """Return a fault that answers with a status."""
    return lambda _: error(status, kind, "Refused", code)


def error_event(reply: Reply) -> Reply:
    """The stream breaks off with an error of its own."""
    return _with(reply, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})


def bad_index(reply: Reply) -> Reply:
    """A delta for a block that never began."""
    delta = {"type": "content_block_delta", "index": 99, "delta": {"type": "text_delta", "text": "?"}}
    return _with(reply, delta)


def unknown_event(reply: Reply) -> Reply:
    """An event that no client knows yet."""
    return _with(reply, {"type": "tomorrow", "news": 1})


def unknown_delta(reply: Reply) -> Reply:
    """A delta that no client knows yet."""
    return _with(reply, {"type": "content_block_delta", "index": 0, "delta": {"type": "tomorrow_delta"}})


def without_start(reply: Reply) -> Reply:
    """The first event is missing."""
    return replace(reply, body=reply.body.partition(b"\n\n")[2])


def twice_started(reply: Reply) -> Reply:
    """The first event comes twice."""
    start, blank, _ = reply.body.partition(b"\n\n")
    return replace(reply, body=start + blank + reply.body)


def littered(reply: Reply) -> Reply:
    """A line that belongs to no event."""
    return replace(reply, body=reply.body.replace(b"\n\n", b"\n\n: comment\nrubbish\n\n", 1))


def without_last_blank(reply: Reply) -> Reply:
    """The blank line after the last event is missing."""
    return replace(reply, body=reply.body.rstrip(b"\n") + b"\n")


def _is_stream(reply: Reply) -> bool:
    return "event-stream" in reply.headers.get("content-type", "")


def _with(reply: Reply, event: dict[str, object]) -> Reply:
    """Put an event where the first block has begun to grow."""
    line = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
    place = reply.body.find(b"\n\n", reply.body.find(b"event: content_block_delta")) + 2
    return replace(reply, body=reply.body[:place] + line + reply.body[place:])
