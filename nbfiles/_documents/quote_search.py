"""Where a quote stands: in a text, on a page, and on the page's picture. Files are read in the limited child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nbfiles._documents import reader_pool

FOUND, NOT_FOUND, NO_TEXT = "found", "not found", "no text"
# Of a quote on the picture of a page: it is marked; it is, and goes on on the next page; only its beginning is there;
# it is in the text of the page, and not to be seen on it.
MARKED, GOES_ON, BEGINNING, UNSEEN = "marked", "goes on", "beginning", "unseen"


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
class QuoteResult:
    """Whether a quote was found, and the labels of its pages, such as `217`, where the sheets are counted otherwise."""

    result: str
    page_label: str = ""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a picture, and what it is called; `state` tells how much of the quote is marked on it.

    `page` counts from 1, `label` is what is printed on it, where that is another one. `is_comment` tells that the
    quote is in a comment, whose place is marked.
    """

    data: bytes
    mime_type: str
    page: int
    label: str = ""
    state: str = NOT_FOUND
    is_comment: bool = False

    @property
    def name(self) -> str:
        """What the page is called."""
        return named_pages(str(self.page), self.label)

    @property
    def marked(self) -> bool:
        """Whether anything is marked on the page."""
        return self.state in (MARKED, GOES_ON, BEGINNING)


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """A quote in the text around it."""

    before: str
    quote: str
    after: str


def named_pages(numbers: str, label: str) -> str:
    """Name pages of a PDF: `page 5`, or `pages 217–218 (sheets 1–2)` where others are printed on them."""
    plural = "s" * ("–" in numbers)
    return f"page{plural} {label} (sheet{plural} {numbers})" if label else f"page{plural} {numbers}"


def look_up(path: Path, positions: Sequence[QuotePosition]) -> list[QuoteResult]:
    """Return for each quote FOUND, NOT_FOUND, or NO_TEXT where its pages have none.

    Raises DocumentError for a file that cannot be read.
    """
    results = reader_pool.read("quotes", path, positions=[asdict(position) for position in positions]).value
    return [QuoteResult(*result) for result in results]


def page_picture(path: Path, position: QuotePosition) -> PagePicture | None:
    """Return the page on which a quote stands, or else the first one named, with the quote marked.

    None where there is no such page. Raises DocumentError for a file that cannot be read, or a page that takes too
    long to draw.
    """
    reply = reader_pool.read("page picture", path, position=asdict(position))
    return None if reply.value is None else PagePicture(reply.data, **reply.value)


def passage(path: Path, position: QuotePosition, around: int) -> QuoteContext | None:
    """Return a quote with `around` characters of the text on each side; None where it is not there.

    Raises DocumentError for a file that cannot be read.
    """
    parts = reader_pool.read("passage", path, position=asdict(position), around=around).value
    return QuoteContext(*parts) if parts else None
