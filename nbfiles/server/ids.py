"""Identifiers in the API's style: a prefix and 119 random bits, so nobody can guess another's."""

from __future__ import annotations

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new(prefix: str) -> str:
    """Return a fresh id such as `file_011CQ4…`."""
    return f"{prefix}_011C" + "".join(secrets.choice(_ALPHABET) for _ in range(20))
