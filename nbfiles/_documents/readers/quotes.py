"""Where a quote stands in a text or on the pages of a PDF, whatever its blanks, hyphens and marks look like."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from nbfiles._documents.quote_search import FOUND, NO_TEXT, NOT_FOUND, QuotePosition
from nbfiles._documents.readers.pdf import opened

# The same character to a reader: quotation marks, dashes, and what a line break leaves of a word.
_SAME = {ord(a): b for a, b in zip("‘’‚′“”„″‐‑‒–—−", "''''\"\"\"\"------", strict=True)}
_LEFT_OUT = frozenset("-\u00ad\u0002\ufffe")


def look_up(source: Path, positions: Sequence[dict[str, Any]]) -> list[str]:
    """Return for each quote whether it stands where it is said to stand."""
    quotes = [QuotePosition(**position) for position in positions]
    if all(quote.first_page is None for quote in quotes):
        text = source.read_text(encoding="utf-8")
        return [_result(text, quote) for quote in quotes]
    with opened(source) as document:
        return [_result(_pages(document, quote), quote) for quote in quotes]


def passage(source: Path, position: dict[str, Any], around: int) -> tuple[str, str, str] | None:
    """Return the text before a quote, the quote as it stands there, and the text after it."""
    text, quote = source.read_text(encoding="utf-8"), QuotePosition(**position)
    if (span := _at(text, quote) or find(text, quote.quote)) is None:
        return None
    start, end = span
    return text[max(start - around, 0) : start], text[start:end], text[end : end + around]


def find(text: str, quote: str) -> tuple[int, int] | None:
    """Return where a quote begins and ends in a text, whatever its blanks, hyphens, and marks look like."""
    if quote.strip() and (start := text.find(quote)) >= 0:
        return start, start + len(quote)
    letters, positions = _letters(text)
    quote_letters, _ = _letters(quote)
    start = letters.find(quote_letters) if quote_letters else -1
    return None if start < 0 else (positions[start], positions[start + len(quote_letters) - 1] + 1)


def has_letters(text: str) -> bool:
    """Return whether there is anything to find in a text."""
    return any(map(_visible, text))


@lru_cache(maxsize=4)  # several quotes are looked up in one text
def _letters(text: str) -> tuple[str, array[int]]:
    """Return what a reader would compare, and where each letter of it stands in the text."""
    letters: list[str] = []
    positions = array("Q")
    for position, char in enumerate(text):
        visible = _visible(char)
        letters += visible
        positions.extend([position] * len(visible))
    return "".join(letters), positions


def _visible(char: str) -> list[str]:
    """Return the letters that a reader sees of a character."""
    plain = unicodedata.normalize("NFKC", char.translate(_SAME)).casefold()
    return [c for c in plain if not c.isspace() and c not in _LEFT_OUT]


def text_of_page(page: pdfium.PdfPage) -> str:
    """Return the text of a page in the order of its characters, and close the page."""
    text = page.get_textpage()
    try:
        return str(text.get_text_range())
    finally:
        text.close()
        page.close()


def _result(text: str, quote: QuotePosition) -> str:
    if not has_letters(text):
        return NO_TEXT
    return FOUND if _at(text, quote) or find(text, quote.quote) else NOT_FOUND


def _at(text: str, quote: QuotePosition) -> tuple[int, int] | None:
    """Return where the quote is said to stand, if it does."""
    start, end = quote.start, quote.end
    if start is None or end is None or not 0 <= start < end <= len(text):
        return None
    return (start, end) if find(text[start:end], quote.quote) else None


def _pages(document: pdfium.PdfDocument, quote: QuotePosition) -> str:
    """Return the text of the pages that are named; those that are not there have none."""
    first = quote.first_page or 1
    last = max((quote.end_page or 0) - 1, first)
    return "\n".join(text_of_page(document[n]) for n in range(max(first, 1) - 1, min(last, len(document))))
