"""Identifiers in the API's style: a prefix and 119 random bits, so nobody can guess another's."""

from __future__ import annotations

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 20


def new(prefix: str) -> str:
    """Return a fresh id such as `file_011CQ4…`."""
    number, digits = secrets.randbelow(len(_ALPHABET) ** _LENGTH), []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return f"{prefix}_011C{''.join(digits)}"
