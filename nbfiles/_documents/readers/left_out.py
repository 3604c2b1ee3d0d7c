"""What a file holds and its text does not: counted while it is read, and said in one line."""

from __future__ import annotations

from collections import Counter

LeftOut = Counter[str]  # how many of each: `image`, `chart`


def sentence(left_out: LeftOut) -> str:
    """Return `3 images, 1 chart not read`; empty where nothing is left out."""
    parts = [f"{count:,} {name}{'s' if count != 1 else ''}" for name, count in left_out.items() if count]
    return f"{', '.join(parts)} not read" if parts else ""
