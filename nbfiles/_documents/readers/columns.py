"""Columns that a PDF draws line by line, across all of them: read one after the other, as a person does.

Most PDFs draw a column to its end, and those are read as they are. Tables are drawn line by line, too, and read so:
their cells are short, where the lines of a column are nearly as wide as it is.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from ctypes import c_double
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium
from pypdfium2 import raw

from nbfiles._documents.readers.glyphs import Box, Glyph

LEAST_RECTS, MOST_RECTS = 12, 3_000  # pieces of text of a page; with fewer it has no columns, with more it is a drawing
LEAST_LINES = 6  # of a column
MOST_COLUMNS = 4
GUTTER = 6.0  # in the units of a page, at least, between two columns
CROSSING = 0.15  # of the lines that may cross it, such as titles
FILLED = 0.75  # of the width of a column that the line in the middle of them all fills
WIDE = 14.0  # times its height that such a line is wide, about thirty letters

Span = tuple[float, float]


def of_page(text: pdfium.PdfTextPage) -> list[Span]:
    """Return where the columns of a page begin and end that are drawn line by line; none where there are no such."""
    count = raw.FPDFText_CountRects(text, 0, -1)
    if not LEAST_RECTS <= count <= MOST_RECTS:
        return []
    rects = list(_rects(text, count))
    columns = _between_gutters(rects)
    if not 2 <= len(columns) <= MOST_COLUMNS:
        return []
    return columns if _are_interleaved(rects, columns) else []


def in_order(glyphs: Sequence[Glyph], columns: Sequence[Span]) -> list[Glyph]:
    """Return the characters column by column, as far as no line goes across them, such as a title."""
    gap = 0.5 * min(right[0] - left[1] for left, right in pairwise(columns))
    result: list[Glyph] = []
    waiting: defaultdict[int, list[Glyph]] = defaultdict(list)
    for piece in _pieces(glyphs, columns, gap):
        numbers = {_column(glyph.box, columns) for glyph in piece if glyph.box and not glyph.char.isspace()}
        number = next(iter(numbers)) if len(numbers) == 1 else None
        if number is not None:
            waiting[number] += [*piece, Glyph("\n")]
        elif numbers:
            result += [*_emptied(waiting), *piece, Glyph("\n")]
    return [*result, *_emptied(waiting)]


def _emptied(waiting: dict[int, list[Glyph]]) -> list[Glyph]:
    """Take out what is waiting, the columns from left to right."""
    glyphs = [glyph for number in sorted(waiting) for glyph in waiting[number]]
    waiting.clear()
    return glyphs


def _rects(text: pdfium.PdfTextPage, count: int) -> Iterator[Box]:
    left, top, right, bottom = (c_double() for _ in range(4))
    for index in range(count):
        if raw.FPDFText_GetRect(text, index, left, top, right, bottom) and right.value > left.value:
            yield left.value, bottom.value, right.value, top.value


def _between_gutters(rects: Sequence[Box]) -> list[Span]:
    """Return the stretches of a page's width that nearly no line goes beyond."""
    changes: defaultdict[int, int] = defaultdict(int)
    for left, _, right, _ in rects:
        changes[round(left)] += 1
        changes[round(right)] -= 1
    depth, starts = 0, sorted(changes)
    few = CROSSING * len({round(rect[1] / 2) for rect in rects})
    columns: list[Span] = []
    for start, end in pairwise(starts):
        depth += changes[start]
        if depth <= few:
            continue
        if columns and start - columns[-1][1] < GUTTER:
            columns[-1] = (columns[-1][0], end)
        else:
            columns.append((start, end))
    return columns


def _are_interleaved(rects: Sequence[Box], columns: Sequence[Span]) -> bool:
    """Return whether columns are full of lines, and drawn in turns."""
    lines: list[dict[int, list[Box]]] = [defaultdict(list) for _ in columns]
    order: list[int] = []
    for rect in rects:
        number = _column(rect, columns)
        if number is not None:
            lines[number][round((rect[1] + rect[3]) / 6)].append(rect)
            order.append(number)
    fewest = min(map(len, lines))
    turns = sum(one != two for one, two in pairwise(order))
    return (
        fewest >= LEAST_LINES
        and turns >= fewest
        and all(_is_prose(column, span) for column, span in zip(lines, columns, strict=True))
    )


def _is_prose(lines: dict[int, list[Box]], span: Span) -> bool:
    widths = [max(rect[2] for rect in line) - min(rect[0] for rect in line) for line in lines.values()]
    height = median(rect[3] - rect[1] for line in lines.values() for rect in line)
    usual = median(widths)
    return usual >= FILLED * (span[1] - span[0]) and usual >= WIDE * height


def _column(box: Box, columns: Sequence[Span]) -> int | None:
    """Return the number of the column that a box lies in, to the middle of the gutters; None where it goes across."""
    edges = [(one[1] + two[0]) / 2 for one, two in pairwise(columns)]
    first, last = bisect(edges, box[0]), bisect(edges, box[2])
    return first if first == last else None


def _pieces(glyphs: Sequence[Glyph], columns: Sequence[Span], gap: float) -> Iterator[list[Glyph]]:
    """Yield stretches of lines, which end where a line does, or where there is a gap as wide as between columns."""
    piece: list[Glyph] = []
    last: Box | None = None
    for glyph in glyphs:
        ends = glyph.char in "\r\n"
        box = None if glyph.char.isspace() else glyph.box
        if ends or (box and last and _apart(box, last) >= gap and _column(box, columns) != _column(last, columns)):
            yield piece
            piece, last = [], None
        piece += [] if ends else [glyph]
        last = box or last
    yield piece


def _apart(one: Box, other: Box) -> float:
    """Return how far two characters are apart from side to side."""
    return max(one[0] - other[2], other[0] - one[2])
