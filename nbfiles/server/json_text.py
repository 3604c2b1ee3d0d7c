"""JSON of strangers → values that can be stored and sent on."""

from __future__ import annotations

import json
import math
from typing import Any

DEEPEST = 200  # objects and lists within one another; code that walks through a value calls itself as often
_HALVES = ("\\ud", "\\uD")  # how half of a pair begins where it is escaped


def read_json(text: str | bytes, *, finite: bool = True) -> Any:
    """Return the value of a text; raises ValueError where it has none, or one that JSON and UTF-8 cannot write again.

    NaN and Infinity, which Python would take, and 1e999 are such; without `finite` they are let through.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite) if finite else json.loads(text)
        if _may_have_halves(text):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("too deep") from None
    if _is_too_deep(value):
        raise ValueError("too deep")
    return value


def _is_too_deep(value: object) -> bool:
    level: list[Any] = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        parts = (parent.values() if isinstance(parent, dict) else parent for parent in level)
        level = [part for one in parts for part in one if isinstance(part, (dict, list))]
    return bool(level)


def _may_have_halves(text: str | bytes) -> bool:
    if isinstance(text, bytes):
        return any(half.encode() in text for half in _HALVES)
    return not text.isascii() or any(half in text for half in _HALVES)


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
