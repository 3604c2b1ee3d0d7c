"""A page of a PDF as a picture, with a quote marked on it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw

from nbfiles._documents.reader_table import ReaderResult
from nbfiles._documents.readers.pdf import opened
from nbfiles._documents.readers.quotes import find

SCALE = 1.6  # of 72 dpi; small print is readable, a page stays near 200 KB
MOST_PIXELS = 10_000_000  # of the picture; a page may claim any size
COLOURS = 128  # of the picture; text needs no more, and the notebook stays small
MARKER = (255, 236, 110)  # multiplied with the page, like a text marker


def first_page(source: Path) -> tuple[bytes, int]:
    """Return the first page of a PDF as a picture (PNG), and the number of pages."""
    with opened(source) as document:
        return (_drawn(document, 0, "")[0] if len(document) else b""), len(document)


def page_picture(source: Path, number: int, quote: str) -> ReaderResult:
    """Return a page, counted from 1, as PNG and whether the quote is marked on it; None where there is no such page."""
    with opened(source) as document:
        if not 1 <= number <= len(document):
            return ReaderResult(None)
        png, marked = _drawn(document, number - 1, quote)
    return ReaderResult(marked, png)


def _drawn(document: pdfium.PdfDocument, index: int, quote: str) -> tuple[bytes, bool]:
    page = document[index]
    scale = min(SCALE, (MOST_PIXELS / (page.get_width() * page.get_height())) ** 0.5)
    image = page.render(scale=scale).to_pil().convert("RGB")
    boxes = _boxes(page, quote)
    page.close()
    for box in boxes:
        _mark(image, tuple(value * scale for value in box))
    buffer = BytesIO()
    image.quantize(COLOURS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue(), bool(boxes)


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
