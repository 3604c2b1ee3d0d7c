"""Where a quote stands: in a text, on a page, and on the page's picture."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw

from nbfiles._documents.pdf import opened, page_count
from nbfiles._documents.readers import limit

SCALE = 1.6  # of 72 dpi; small print is readable, a page stays near 200 KB
DRAWING_S = 5  # of processor time; a page may have any number of lines, most take a tenth of a second
MOST_PIXELS = 10_000_000  # of the picture; a page may claim any size
COLOURS = 128  # of the picture; text needs no more, and the notebook stays small
MARKER = (255, 236, 110)  # multiplied with the page, like a text marker
# The same character to a reader: quotation marks, dashes, and what a line break leaves of a word.
_SAME = {ord(a): b for a, b in zip("‘’‚′“”„″‐‑‒–—−", "''''\"\"\"\"------", strict=True)}
_LEFT_OUT = frozenset("-\u00ad\u0002\ufffe")


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a picture (PNG); `marked` tells whether the quote was found on it."""

    png: bytes
    marked: bool


def find(text: str, quote: str) -> tuple[int, int] | None:
    """Return where a quote begins and ends in a text, whatever its blanks, hyphens, and marks look like."""
    letters, positions = _letters(text)
    quote_letters, _ = _letters(quote)
    start = letters.find(quote_letters) if quote_letters else -1
    return None if start < 0 else (positions[start], positions[start + len(quote_letters) - 1] + 1)


def has_letters(text: str) -> bool:
    """Return whether there is anything to find in a text."""
    return bool(_letters(text)[0])


def page_text(source: Path | bytes, first: int, last: int) -> str:
    """Return the text of some pages, counted from 1; pages that are not there have none."""
    with opened(source) as document:
        pages = range(max(first, 1) - 1, min(last, len(document)))
        return "\n".join(_text(document[index]) for index in pages)


def page_picture(source: Path | bytes, number: int, quote: str) -> PagePicture | None:
    """Return a page, counted from 1, with the quote marked; None where there is no such page."""
    with opened(source) as document:
        if not 1 <= number <= len(document):
            return None
        page = document[number - 1]
        scale = min(SCALE, (MOST_PIXELS / (page.get_width() * page.get_height())) ** 0.5)
        image = page.render(scale=scale).to_pil().convert("RGB")
        boxes = _boxes(page, quote)
        page.close()
    for box in boxes:
        _mark(image, tuple(value * scale for value in box))
    buffer = BytesIO()
    image.quantize(COLOURS).save(buffer, "PNG", optimize=True)
    return PagePicture(buffer.getvalue(), bool(boxes))


def run() -> None:
    """As a program of its own, within limits: write the number of pages, and the first as a picture."""
    limit(DRAWING_S)
    source = Path(sys.argv[1])
    if page := page_picture(source, 1, ""):
        sys.stdout.buffer.write(b"%d\n" % page_count(source) + page.png)


def _letters(text: str) -> tuple[str, list[int]]:
    """Return what a reader would compare, and where each letter of it stands in the text."""
    letters: list[str] = []
    positions: list[int] = []
    for position, char in enumerate(text):
        plain = unicodedata.normalize("NFKC", char.translate(_SAME)).casefold()
        visible = [c for c in plain if not c.isspace() and c not in _LEFT_OUT]
        letters += visible
        positions += [position] * len(visible)
    return "".join(letters), positions


def _text(page: pdfium.PdfPage) -> str:
    text = page.get_textpage()
    try:
        return str(text.get_text_range())
    finally:
        text.close()
        page.close()


def _boxes(page: pdfium.PdfPage, quote: str) -> list[tuple[float, float, float, float]]:
    """Return the boxes of a quote in points from the top left; of a quote over two pages, its part here."""
    text, height = page.get_textpage(), page.get_height()
    try:
        whole = str(text.get_text_range())
        match = find(whole, quote) or _part(whole, quote)
        if match is None:
            return []
        count = text.count_rects(match[0], match[1] - match[0])
        rects = [text.get_rect(index) for index in range(count)]
    finally:
        text.close()
    return [(left, height - top, right, height - bottom) for left, bottom, right, top in rects]


def _part(whole: str, quote: str) -> tuple[int, int] | None:
    """Find the longest beginning of a quote that a page ends with, by words."""
    parts = quote.split()
    for count in range(len(parts) - 1, 3, -1):
        if match := find(whole, " ".join(parts[:count])):
            return match
    return None


def _mark(image: Image.Image, box: tuple[float, ...]) -> None:
    left, top, right, bottom = (round(value) for value in box)
    area = (max(left - 1, 0), max(top - 1, 0), min(right + 2, image.width), min(bottom + 2, image.height))
    if area[0] >= area[2] or area[1] >= area[3]:
        return
    part = image.crop(area)
    tint = Image.new("RGB", part.size, MARKER)
    image.paste(ImageChops.multiply(part, tint), area[:2])
    ImageDraw.Draw(image).rectangle(area, outline=(180, 120, 0))
