"""Words for Markdown: text of a document as it should read in a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Not within a word (`sales_2026`), nor where it compares (`p < 0.05`): there Markdown takes it as it is.
_SPECIAL = re.compile(r"[\\`*\[\]~|$]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?m:^)>")
_SPACE = re.compile(r"\s+")


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def tidy(text: str) -> str:
    """Return a passage on one line."""
    return _SPACE.sub(" ", text).strip()


def on_a_line(text: str) -> str:
    """Return a name or a value within a sentence: as it is, but on one line."""
    return escaped(tidy(text))


def clipped(text: str, limit: int) -> str:
    """Return at most `limit` characters, cut between words and not within a bracket."""
    if len(text) <= limit:
        return text
    short = text[:limit].rsplit(" ", 1)[0]
    bracket = short.rfind("(")
    if bracket > limit // 2 and ")" not in short[bracket:]:
        short = short[:bracket].rstrip()
    return f"{short} …"


def listed(names: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
