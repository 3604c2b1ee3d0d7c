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
from nbfiles._documents.readers import glyphs, page_labels, reading_order
from nbfiles._documents.readers.pdf import opened, opened_page

MOST_PAGES = 20  # that one quote is looked for on; a quote of more is none
EDGE = 400  # letters between the parts of a quote over two pages: footnotes and numbers of pages
LONG_PART = 40  # letters of a part that is on its page by no accident, wherever it stands
LEAST_PART = 4  # letters of a part
FEW_WORDS = 16  # letters of the beginning of a quote that is worth to be marked

# The same character to a reader: quotation marks, dashes, and what a line break leaves of a word.
_SAME = {ord(a): b for a, b in zip("‘’‚′“”„″‐‑‒–—−", "''''\"\"\"\"------", strict=True)}
_LEFT_OUT = frozenset("-\u00ad\u0002\ufffe")


def look_up(source: Path, positions: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return for each quote whether it stands where it is said to stand, and the labels of its pages, if any."""
    quotes = [QuotePosition(**position) for position in positions]
    if all(quote.first_page is None for quote in quotes):
        text = source.read_text(encoding="utf-8")
        return [(_result(text, quote), "") for quote in quotes]
    with opened(source) as document:
        pages = PdfPages(document)
        return [(pages.result(quote), page_labels.of_range(document, pages_of(document, quote))) for quote in quotes]


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


def split(first: str, second: str, quote: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return where a quote that begins on one page and ends on the next one stands on both of them.

    Below and above it there may be the foot of the one page and the head of the other.
    """
    (letters, positions), (more, more_positions) = _letters(first), _letters(second)
    wanted, _ = _letters(quote)
    count = _longest_beginning(letters, wanted)
    rest = wanted[count:]
    start, rest_start = letters.rfind(wanted[:count]), more.find(rest)
    if count < LEAST_PART or not rest or rest_start < 0:
        return None
    ends = len(letters) - start - count <= EDGE or count >= LONG_PART
    begins = rest_start <= EDGE or len(rest) >= LONG_PART
    if not (ends and begins):
        return None
    end, rest_end = positions[start + count - 1] + 1, more_positions[rest_start + len(rest) - 1] + 1
    return (positions[start], end), (more_positions[rest_start], rest_end)


def beginning(text: str, quote: str) -> tuple[int, int] | None:
    """Return where the beginning of a quote stands, as much of it as there is, if it is a few words."""
    (letters, positions), (wanted, _) = _letters(text), _letters(quote)
    count = _longest_beginning(letters, wanted)
    start = letters.find(wanted[:count])
    return (positions[start], positions[start + count - 1] + 1) if count >= FEW_WORDS else None


def _longest_beginning(letters: str, wanted: str) -> int:
    """Return how many letters of a quote are in a text; where so many are, fewer are, too."""
    least, most = 0, len(wanted)
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if wanted[:middle] in letters else (least, middle - 1)
    return least


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


def pages_of(document: pdfium.PdfDocument, quote: QuotePosition) -> range:
    """Return the pages that a quote is said to stand on, counted from 0; those that are not there are left out."""
    first = max(quote.first_page or 1, 1)
    end = max(quote.end_page or 0, first + 1)
    return range(first - 1, min(end - 1, len(document), first - 1 + MOST_PAGES))


class PdfPages:
    """The pages of a PDF as texts to look for quotes in; each is read once."""

    def __init__(self, document: pdfium.PdfDocument) -> None:
        self._document = document
        self._texts: dict[int, str] = {}
        self._orders: dict[int, list[str]] = {}

    def result(self, quote: QuotePosition) -> str:
        """Return whether a quote stands on the pages that are named."""
        numbers = pages_of(self._document, quote)
        if find("\n".join(map(self._text, numbers)), quote.quote):
            return FOUND
        orders = [text for number in numbers for text in self._in_orders(number)]
        if not any(map(has_letters, orders)):
            return NO_TEXT
        if any(find(text, quote.quote) for text in orders) or any(self._goes_on(n, quote.quote) for n in numbers):
            return FOUND
        return NOT_FOUND

    def _goes_on(self, number: int, quote: str) -> bool:
        """Return whether a quote begins on a page and ends on the next one."""
        is_last = number + 1 >= len(self._document)
        return not is_last and split(self._text(number), self._text(number + 1), quote) is not None

    def _text(self, number: int) -> str:
        """Return the text of a page as it is read."""
        if number not in self._texts:
            with opened_page(self._document, number) as page:
                self._texts[number] = reading_order.text_of_page(page)
        return self._texts[number]

    def _in_orders(self, number: int) -> list[str]:
        """Return the text of a page in each order in which a quote may have it, which takes longer."""
        if number not in self._orders:
            with opened_page(self._document, number) as page:
                self._orders[number] = [glyphs.text_of(order) for order in reading_order.orders(page)]
        return self._orders[number]
