"""Identifiers and moments as the API writes them."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 20


def new(prefix: str) -> str:
    """Return a fresh id such as `file_011CQ4…`: 119 random bits, so that nobody can guess another's."""
    number, digits = secrets.randbelow(len(_ALPHABET) ** _LENGTH), []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return f"{prefix}_011C{''.join(digits)}"


def timestamp(seconds: float) -> str:
    """Return a moment as the API writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
