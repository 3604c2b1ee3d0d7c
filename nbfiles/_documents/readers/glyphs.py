"""The characters of a PDF page, each with its box, in the orders in which they can be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from ctypes import c_double
from dataclasses import dataclass
from statistics import median

import pypdfium2 as pdfium
from pypdfium2 import raw

Box = tuple[float, float, float, float]  # left, bottom, right, top, in the units of the page

MOST_GLYPHS = 100_000  # of a page; one with more is a drawing made of letters


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character and where it is drawn; None where it is drawn nowhere, as the blank that stands for a gap.

    `note` says what it belongs to where that is no text of the page: a field of a form, or a comment.
    """

    char: str
    box: Box | None = None
    note: str = ""


def of_page(text: pdfium.PdfTextPage) -> list[Glyph]:
    """Return the characters in the order in which they are stored."""
    glyphs: list[Glyph] = []
    corners = tuple(c_double() for _ in range(4))
    for index in range(min(text.count_chars(), MOST_GLYPHS)):
        code = raw.FPDFText_GetUnicode(text, index)
        if 0xDC00 <= code < 0xE000 and glyphs and 0xD800 <= ord(glyphs[-1].char) < 0xDC00:  # half a character
            high = glyphs.pop()
            glyphs.append(Glyph(chr(0x10000 + (ord(high.char) - 0xD800) * 0x400 + code - 0xDC00), high.box))
        elif 0 < code < 0x110000:
            glyphs.append(Glyph(chr(code), _box(text, index, corners)))
    return glyphs


def _box(text: pdfium.PdfTextPage, index: int, corners: tuple[c_double, ...]) -> Box | None:
    """Return what a character covers, or the box of its font where its own is not known."""
    left, right, bottom, top = corners
    if raw.FPDFText_IsGenerated(text, index) == 1 or not raw.FPDFText_GetCharBox(text, index, left, right, bottom, top):
        return None
    box = (left.value, bottom.value, right.value, top.value)
    if box[2] > box[0] and box[3] > box[1]:
        return box
    loose = text.get_charbox(index, loose=True)
    return loose if loose[2] > loose[0] and loose[3] > loose[1] else None


def text_of(glyphs: Sequence[Glyph]) -> str:
    """Return the characters as a text; the one at each index is that of the glyph there."""
    return "".join(glyph.char for glyph in glyphs)


def without_copies(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters without those that stand on their like: bold print is made by printing twice."""
    usual = _usual_height(glyphs)
    seen: defaultdict[tuple[str, int, int], list[Box]] = defaultdict(list)
    kept: list[Glyph] = []
    for glyph in glyphs:
        if glyph.box is None or glyph.char.isspace():
            kept.append(glyph)
            continue
        if not any(_is_copy(glyph.box, other, usual) for key in _cells(glyph) for other in seen.get(key, ())):
            kept.append(glyph)
        seen[next(iter(_cells(glyph)))].append(glyph.box)
    return kept


def _cells(glyph: Glyph) -> Iterator[tuple[str, int, int]]:
    """Yield the cell of a grid that a character is in, and then those around it."""
    assert glyph.box
    left, bottom, right, top = glyph.box
    column, row = int((left + right) // 8), int((bottom + top) // 8)
    yield glyph.char, column, row
    for x in (column - 1, column, column + 1):
        yield from ((glyph.char, x, y) for y in (row - 1, row, row + 1) if (x, y) != (column, row))


def _is_copy(box: Box, other: Box, usual: float) -> bool:
    """Return whether two characters stand on one another, as far as one is shifted to print bold."""
    width, height = box[2] - box[0], box[3] - box[1]
    least = 0.06 * usual
    across = abs(box[0] + box[2] - other[0] - other[2]) / 2
    along = abs(box[1] + box[3] - other[1] - other[3]) / 2
    return across <= max(width / 4, height / 10, least) and along <= max(height / 4, width / 10, least)


def line_by_line(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters of upright text from top to bottom and from left to right, whatever their order."""
    lines: list[list[Glyph]] = []
    drawn = [glyph for glyph in glyphs if glyph.box and not glyph.char.isspace()]
    apart = 1.3 * _usual_height(drawn)  # less than a line, more than from a quotation mark down to a comma
    for glyph in sorted(drawn, key=_middle, reverse=True):
        if lines and _middle(lines[-1][0]) - _middle(glyph) <= apart:
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [glyph for line in lines for glyph in [*_spaced(sorted(line, key=_left)), Glyph("\n")]]


def _usual_height(glyphs: Sequence[Glyph]) -> float:
    heights = [box[3] - box[1] for glyph in glyphs if (box := glyph.box)]
    return median(heights) if heights else 0.0


def _middle(glyph: Glyph) -> float:
    assert glyph.box
    return (glyph.box[1] + glyph.box[3]) / 2


def _left(glyph: Glyph) -> float:
    assert glyph.box
    return glyph.box[0]


def _spaced(line: Sequence[Glyph]) -> Iterator[Glyph]:
    """Yield the characters of a line with blanks where there is a gap."""
    end = None
    for glyph in line:
        assert glyph.box
        if end is not None and glyph.box[0] - end > 0.2 * (glyph.box[3] - glyph.box[1]):
            yield Glyph(" ")
        yield glyph
        end = glyph.box[2]
