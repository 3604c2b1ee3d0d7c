"""What all resources read alike: JSON bodies, numbers within bounds, page cursors."""

from __future__ import annotations

import base64
import json

from starlette.requests import Request

from nbfiles.server.errors import invalid


async def json_body(request: Request) -> object:
    """Return the request's body, or raise the documented 400."""
    try:
        body = await request.body()
        value = json.loads(body, parse_constant=_refuse)
        if b"\\ud" in body.lower():
            json.dumps(value, ensure_ascii=False).encode()  # half of a pair cannot be stored or sent
        return value
    except (ValueError, RecursionError):
        raise invalid("The request body is not valid JSON.") from None


def _refuse(constant: str) -> object:
    raise ValueError(constant)  # NaN and Infinity, which Python would take


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
