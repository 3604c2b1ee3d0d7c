"""What all resources read alike: JSON bodies, numbers within bounds, page cursors."""

from __future__ import annotations

import base64

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from nbfiles.server.errors import invalid
from nbfiles.server.json_text import read_json

MOST_OBJECTS = 2_000_000  # of a body; each takes twenty times the memory that it takes there
SMALL = 256 * 1024  # bytes of JSON that are read at once: other requests do not wait noticeably


async def json_body(request: Request) -> object:
    """Return the request's body, or raise the documented 400."""
    body = await request.body()
    if body.count(b"{") + body.count(b"[") > MOST_OBJECTS:
        raise invalid(f"The request body has more than {MOST_OBJECTS:,} objects and lists.")
    try:
        return await run_in_threadpool(read_json, body) if len(body) > SMALL else read_json(body)
    except ValueError:
        raise invalid("The request body is not valid JSON.") from None


def whole_number(name: str, text: str, low: int, high: int) -> int:
    """Read a parameter that is a number within bounds."""
    if not text.isascii() or not text.isdigit() or len(text) > 18 or not low <= int(text) <= high:
        raise invalid(f"{name}: must be a whole number from {low} to {high}")
    return int(text)


def cursor_position(cursor: str) -> int:
    """Return the number in a page cursor of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor.removeprefix("page_") + "===").decode("ascii")
    except ValueError:
        raise invalid("page: not a cursor of this server") from None
    return whole_number("page", text, 0, 2**53)
