"""How many tokens one file adds to a question: the one estimate that every output uses (docs/wire-facts.md)."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import NamedTuple

from nbfiles._documents import checks, pdf

# Characters a token: English prose in the older and in the newer tokenizer, which makes a third more.
MOST_CHARS, FEWEST_CHARS = 4.0, 2.5
PAGE_PICTURE = (1_000, 3_000)  # tokens of a PDF page besides its text
TILE, LONGEST_SIDE = 28, 2_576  # pixels; an image is counted in tiles, after it was made smaller


class Range(NamedTuple):
    """At least and at most."""

    low: int
    high: int

    def __add__(self, other: object) -> Range:
        assert isinstance(other, Range)
        return Range(self.low + other.low, self.high + other.high)

    def __str__(self) -> str:
        return f"about {self.low:,}" + (f" to {self.high:,}" if self.high > self.low else "")


IN_CONTAINER = Range(50, 200)  # to tell the model of a file that code can read


def of_text(text: str | int) -> Range:
    """Return the tokens of a text, or of so many characters."""
    length = len(text) if isinstance(text, str) else text
    return Range(ceil(length / MOST_CHARS), ceil(length / FEWEST_CHARS))


def of_text_file(_path: Path | None, size_bytes: int) -> Range:
    """Return the tokens of a file in text form."""
    return of_text(size_bytes)


def of_image(path: Path | None, _size_bytes: int) -> Range:
    """Return the tokens of an image, at most those of the largest one where it is not here."""
    most = (LONGEST_SIDE // TILE) ** 2
    if path is None:
        return Range(1, most)
    try:
        width, height = checks.pixels(path)
    except pdf.DocumentError:
        return Range(1, most)
    scale = min(1.0, LONGEST_SIDE / max(width, height, 1))
    tiles = ceil(width * scale / TILE) * ceil(height * scale / TILE)
    return Range(tiles, tiles)


def of_pdf(path: Path | None, size_bytes: int) -> Range:
    """Count pages and text; of a PDF that is not here any more, only its size is known."""
    unread = Range(PAGE_PICTURE[0], of_text(size_bytes).high + PAGE_PICTURE[1])
    if path is None:
        return unread
    try:
        pages = pdf.page_lengths(path)
    except pdf.DocumentError:
        return unread
    text = of_text(sum(pages))
    return Range(text.low + PAGE_PICTURE[0] * len(pages), text.high + PAGE_PICTURE[1] * len(pages))
