"""How many tokens one file adds to a question: the one estimate that every output uses (docs/wire-facts.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import NamedTuple

from nbfiles import limits, page_ranges
from nbfiles._documents import checks, pdf, pdf_parts
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord

TILE, LONGEST_SIDE = limits.TILE, limits.LONGEST_SIDE
KEPT_FILES = 256  # whose pages or pixels are remembered; a folder of PDFs is counted once, and not with each cell


class Range(NamedTuple):
    """At least and at most."""

    low: int
    high: int

    def __add__(self, other: object) -> Range:
        assert isinstance(other, Range)
        return Range(self.low + other.low, self.high + other.high)

    def __str__(self) -> str:
        return f"about {self.low:,}" + (f" to {self.high:,}" if self.high > self.low else "")


@redacted_repr
@dataclass(frozen=True, slots=True)
class Counting:
    """How a destination counts: characters a token, and tokens of what is no text, each at most and at least.

    `page` is what a page of a PDF has besides its text, `in_container` what tells the model of a file that code can
    read, `tool` the code execution tool; None counts the JSON of its declaration. With `is_known`, both ends are the
    same, and estimates are what `usage` says afterwards.
    """

    most_chars: float
    fewest_chars: float
    page: Range
    in_container: Range
    tool: Range | None
    is_known: bool = False

    def of_text(self, text: str | int) -> Range:
        """Return the tokens of a text, or of so many characters."""
        length = len(text) if isinstance(text, str) else text
        return Range(ceil(length / self.most_chars), ceil(length / self.fewest_chars))

    def of_pages(self, lengths: Sequence[int]) -> Range:
        """Return the tokens of pages of so many characters each."""
        each = [self.of_text(length) for length in lengths]
        return Range(
            sum(text.low for text in each) + self.page.low * len(each),
            sum(text.high for text in each) + self.page.high * len(each),
        )


# English prose in the older and in the newer tokenizer, which makes a third more; pages and tools as documented.
ESTIMATED = Counting(4.0, 2.5, Range(1_000, 3_000), Range(50, 200), Range(500, 3_000))
LOCAL = Counting(
    limits.LOCAL_CHARS,
    limits.LOCAL_CHARS,
    Range(limits.LOCAL_PAGE, limits.LOCAL_PAGE),
    Range(limits.LOCAL_FILE, limits.LOCAL_FILE),
    None,
    is_known=True,
)


def of_text_file(record: FileRecord, counting: Counting) -> Range:
    """Return the tokens of a file in text form, by its characters where they are known, else by its bytes.

    The most is counted by the bytes: a letter of other scripts has several, and is a token of its own more often.
    """
    characters = record.characters or record.size_bytes
    if counting.is_known:
        return counting.of_text(characters)
    return Range(counting.of_text(characters).low, counting.of_text(record.size_bytes).high)


def of_image(record: FileRecord, _counting: Counting) -> Range:
    """Return the tokens of an image, at most those of the largest one where it is not here."""
    most = (LONGEST_SIDE // TILE) ** 2
    path = _local(record)
    if path is None:
        return Range(1, most)
    try:
        width, height = pixels(path)
    except pdf.DocumentError:
        return Range(1, most)
    tiles = _tiles(width, height, min(LONGEST_SIDE, record.longest_side or LONGEST_SIDE))
    return Range(tiles, tiles)


def _tiles(width: int, height: int, longest: int) -> int:
    scale = min(1.0, longest / max(width, height, 1))
    return ceil(width * scale / TILE) * ceil(height * scale / TILE)


def of_pdf(record: FileRecord, counting: Counting) -> Range:
    """Count pages and text; of a PDF that is not here any more, only its size is known."""
    unread = Range(counting.page.low, counting.of_text(record.size_bytes).high + counting.page.high)
    path = _local(record)
    if path is None:
        return unread
    try:
        lengths = page_lengths(path)
    except pdf.DocumentError:
        return unread
    if record.pages:
        lengths = tuple(lengths[number - 1] for number in page_ranges.numbers(record.pages) if number <= len(lengths))
    return counting.of_pages(lengths)


def _local(record: FileRecord) -> Path | None:
    return record.path if record.path and record.path.is_file() else None


def page_lengths(path: Path) -> tuple[int, ...]:
    """Return the number of characters on each page of a PDF; raises DocumentError."""
    return _page_lengths(path, *_version(path))


def page_count(record: FileRecord) -> int:
    """Return how many pages a PDF on this machine has, and 0 for one that is not here; raises DocumentError."""
    path = _local(record)
    return _page_count(path, *_version(path)) if path else 0


def pixels(path: Path) -> tuple[int, int]:
    """Return width and height of an image; raises DocumentError."""
    return _pixels(path, *_version(path))


def _version(path: Path) -> tuple[int, int]:
    info = path.stat()
    return info.st_size, info.st_mtime_ns


@lru_cache(KEPT_FILES)
def _page_lengths(path: Path, _size: int, _changed_ns: int) -> tuple[int, ...]:
    return tuple(pdf.page_lengths(path))


@lru_cache(KEPT_FILES)
def _page_count(path: Path, _size: int, _changed_ns: int) -> int:
    return pdf_parts.count(path)


@lru_cache(KEPT_FILES)
def _pixels(path: Path, _size: int, _changed_ns: int) -> tuple[int, int]:
    return checks.pixels(path)
