"""The keys and headers that this kernel sends: hidden as they are, wherever they would be shown.

A server that says them back, in an error or in a header, is no reason to show them. A destination that is made, and
the client that gets a token for it, say here what they send; `redaction` asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST = 32  # values; the one that was used longest ago makes room
LEAST, LEAST_OF_WORDS = 8, 16  # characters; “ollama” and “not-needed” are typed where a server wants any key
_WORDS = r"(?:(?:[A-Z]?[a-z]++|[A-Z]++)[-_./:;,=]*+)++"
_NO_SECRET = r"(?i:anthropic-(?:beta|version)|user-agent|accept.*|content-type)"

_values: tuple[str, ...] = ()


def hide(*values: str | None) -> None:
    """Hide these from now on; a header of several words word by word."""
    global _values
    parts = [part for value in values if value for part in value.split() if _is_secret(part)]
    _values = tuple(dict.fromkeys([*reversed(parts), *_values]))[:MOST]


def hide_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Hide what headers say, but for those that say no secret."""
    hide(*(value for name, value in headers if not re.fullmatch(_NO_SECRET, name)))


def values_in_use() -> tuple[str, ...]:
    """Return what is hidden."""
    return _values


def _is_secret(part: str) -> bool:
    least = LEAST_OF_WORDS if re.fullmatch(_WORDS, part[:LEAST_OF_WORDS]) else LEAST
    return len(part) >= least and "://" not in part
