"""The names that are closest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def close_matches(name: str, names: Iterable[str], n: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return at most `n` of the names, the closest first, as similar as `cutoff`, from 0 to 1 (difflib's default)."""
    from difflib import get_close_matches  # needed by mistakes only, and not by `%load_ext`

    return get_close_matches(name, list(names), n=n, cutoff=cutoff)
