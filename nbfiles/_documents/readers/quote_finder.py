"""Where a quote stands on the pages of a PDF: on which of them, and which of its characters are the quote's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium

from nbfiles._documents.quote_search import BEGINNING, GOES_ON, MARKED, NO_TEXT, NOT_FOUND
from nbfiles._documents.readers import reading_order
from nbfiles._documents.readers.glyphs import Glyph, text_of
from nbfiles._documents.readers.pdf import opened_page
from nbfiles._documents.readers.quotes import beginning, find, has_letters, split

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """The page on which a quote stands, counted from 0, its characters there, and how much of it they are."""

    page: int
    glyphs: Sequence[Glyph] = ()
    state: str = NOT_FOUND


class QuoteFinder:
    """Finds one quote on pages of a document; each is read once."""

    def __init__(self, document: pdfium.PdfDocument, quote: str) -> None:
        self._document = document
        self._quote = quote
        self._orders: dict[int, list[list[Glyph]]] = {}

    def match(self, pages: range) -> Match:
        """Return where the quote stands, as much of it as there is."""
        attempts = (self._whole, self._over_the_end, self._beginning)
        matches = (match for attempt in attempts for number in pages if (match := attempt(number)))
        has_text = any(has_letters(text_of(order)) for number in pages for order in self._page(number))
        return next(matches, None) or Match(pages[0], state=NOT_FOUND if has_text else NO_TEXT)

    def _whole(self, number: int) -> Match | None:
        return self._first(number, lambda text: find(text, self._quote), MARKED)

    def _over_the_end(self, number: int) -> Match | None:
        """Return the part of a quote that ends on the next page."""
        if number + 1 >= len(self._document):
            return None
        rest = text_of(self._page(number + 1)[0])
        return self._first(number, lambda text: (split(text, rest, self._quote) or (None,))[0], GOES_ON)

    def _beginning(self, number: int) -> Match | None:
        return self._first(number, lambda text: beginning(text, self._quote), BEGINNING)

    def _first(self, number: int, search: Callable[[str], Span | None], state: str) -> Match | None:
        """Return the characters of what a search finds in the first order of a page in which it finds anything."""
        for order in self._page(number):
            if span := search(text_of(order)):
                return Match(number, order[span[0] : span[1]], state)
        return None

    def _page(self, number: int) -> list[list[Glyph]]:
        if number not in self._orders:
            with opened_page(self._document, number) as page:
                self._orders[number] = list(reading_order.orders(page))
        return self._orders[number]
