"""A page of a PDF as a picture, with a quote marked on it."""

from __future__ import annotations

from io import BytesIO
from math import sqrt
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, ImageOps

from nbfiles._documents.quote_search import BEGINNING, GOES_ON, MARKED, UNSEEN, QuotePosition
from nbfiles._documents.reader_table import ReaderResult
from nbfiles._documents.readers import marks, page_labels
from nbfiles._documents.readers.page_notes import COMMENT
from nbfiles._documents.readers.pdf import opened, opened_page
from nbfiles._documents.readers.quote_finder import Match, QuoteFinder
from nbfiles._documents.readers.quotes import pages_of

SCALE = 1.6  # of 72 dpi; small print is readable, a page stays near 200 KB
LEAST_SIDE, MOST_SCALE = 900, 8.0  # pixels of the longer side; a page may count in units of an inch
MOST_PIXELS = 6_000_000  # of the picture; a page may claim any size, and a poster is to take less than a second
SMALL_PIXELS = 2_000_000  # of a picture whose colours are chosen with care, which takes longer
MEDIAN_CUT, OCTREE = Image.Quantize.MEDIANCUT, Image.Quantize.FASTOCTREE
COLOURS = 128  # of the picture; text needs no more, and the notebook stays small
PHOTO_COLOURS = 400  # of 4,096, of a picture that is made small; a page with more is a photo, which is larger as PNG
LARGE_PNG = 600_000  # bytes; a larger picture may be smaller as JPEG
QUALITY = 80  # of such a page as JPEG


def first_page(source: Path) -> tuple[bytes, int]:
    """Return the first page of a PDF as a picture, and the number of pages."""
    with opened(source) as document:
        return (_drawn(document, Match(0))[0] if len(document) else b""), len(document)


def page_picture(source: Path, position: dict[str, Any]) -> ReaderResult:
    """Return the fields of a PagePicture, and as its bytes the picture; None where there is no such page."""
    quote = QuotePosition(**position)
    with opened(source) as document:
        pages = pages_of(document, quote)
        if not pages:
            return ReaderResult(None)
        match = QuoteFinder(document, quote.quote).match(pages)
        data, mime_type, is_marked = _drawn(document, match)
        label = page_labels.of_range(document, range(match.page, match.page + 1))
    state = UNSEEN if match.state in (MARKED, GOES_ON, BEGINNING) and not is_marked else match.state
    comment = any(glyph.note == COMMENT for glyph in match.glyphs)
    fields = {"mime_type": mime_type, "page": match.page + 1, "label": label, "state": state, "is_comment": comment}
    return ReaderResult(fields, data)


def _drawn(document: pdfium.PdfDocument, match: Match) -> tuple[bytes, str, bool]:
    """Return a page as a picture, its type, and whether the characters of the match are marked on it."""
    with opened_page(document, match.page) as page:
        bitmap = page.render(scale=_scale(page.get_width(), page.get_height()), rev_byteorder=True)
        image = bitmap.to_pil().convert("RGB")
        is_marked = marks.draw(image, bitmap.get_posconv(page), match.glyphs)
        bitmap.close()
    return (*_encoded(image), is_marked)


def _scale(width: float, height: float) -> float:
    """Return by how much a page of this size is enlarged."""
    usual = min(max(SCALE, LEAST_SIDE / max(width, height, 1)), MOST_SCALE)
    return min(usual, sqrt(MOST_PIXELS / max(width * height, 1)))


def _encoded(image: Image.Image) -> tuple[bytes, str]:
    """Return a picture as PNG, or as JPEG where it is a photo, and its type."""
    jpeg, png = BytesIO(), BytesIO()
    if ImageOps.posterize(image.reduce(4), 4).getcolors(PHOTO_COLOURS) is not None:
        is_small = image.width * image.height <= SMALL_PIXELS
        image.quantize(COLOURS, method=MEDIAN_CUT if is_small else OCTREE).save(png, "PNG", optimize=is_small)
        if png.tell() <= LARGE_PNG:
            return png.getvalue(), "image/png"
    image.save(jpeg, "JPEG", quality=QUALITY)
    if 0 < png.tell() <= jpeg.tell():
        return png.getvalue(), "image/png"
    return jpeg.getvalue(), "image/jpeg"
