"""Where a quote stands: in a text, on a page, and on the page's picture. Files are read in the limited child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nbfiles._documents import reader_pool

FOUND, NOT_FOUND, NO_TEXT = "found", "not found", "no text"


@dataclass(frozen=True, slots=True)
class QuotePosition:
    """A quote and where it is said to stand.

    Either on the pages from `first_page` to before `end_page`, counted from 1, or in a text, where the characters
    from `start` to before `end` are tried first.
    """

    quote: str
    first_page: int | None = None
    end_page: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a picture (PNG); `marked` tells whether the quote was found on it."""

    png: bytes
    marked: bool


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """A quote in the text around it."""

    before: str
    quote: str
    after: str


def look_up(path: Path, positions: Sequence[QuotePosition]) -> list[str]:
    """Return for each quote FOUND, NOT_FOUND, or NO_TEXT where its pages have none.

    Raises DocumentError for a file that cannot be read.
    """
    return list(reader_pool.read("quotes", path, positions=[asdict(position) for position in positions]).value)


def page_picture(path: Path, number: int, quote: str) -> PagePicture | None:
    """Return a page, counted from 1, with the quote marked; None where there is no such page.

    Raises DocumentError for a file that cannot be read, or a page that takes too long to draw.
    """
    reply = reader_pool.read("page picture", path, number=number, quote=quote)
    return None if reply.value is None else PagePicture(reply.data, bool(reply.value))


def passage(path: Path, position: QuotePosition, around: int) -> QuoteContext | None:
    """Return a quote with `around` characters of the text on each side; None where it is not there.

    Raises DocumentError for a file that cannot be read.
    """
    parts = reader_pool.read("passage", path, position=asdict(position), around=around).value
    return QuoteContext(*parts) if parts else None
