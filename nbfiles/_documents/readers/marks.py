"""Mark characters of a PDF page on its picture, where there is something to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw

from nbfiles._documents.readers.glyphs import Glyph

MARKER = (255, 236, 110)  # multiplied with the page, like a text marker
OUTLINE = (180, 120, 0)
INK_LEVELS = 24  # of 255 that ink differs from its background
LEAST_INK = 0.02  # of a box; letters cover 10 to 30 %
LEVEL, HANGING = 0.6, 0.3  # of a letter's height that is level with its line, and of that of a comma
MOST_GAP = 2.0  # between two characters of a line, times its height
MOST_SLANT = 1.8  # times its highest character that a line is high; more is text that runs across the page

Pixels = tuple[int, int, int, int]  # left, top, right, bottom of a picture


def draw(image: Image.Image, position: pdfium.PdfPosConv, glyphs: Sequence[Glyph]) -> bool:
    """Mark characters on the picture of their page; return whether there is ink under the marks."""
    boxes = [box for box in _lines(_pixels(position, glyphs), image.size) if _has_ink(image.crop(box))]
    tint = Image.new("RGB", image.size, "white")
    for left, top, right, bottom in boxes:
        tint.paste(MARKER, (left, top, right, bottom))
    image.paste(ImageChops.multiply(image, tint))
    outlines = ImageDraw.Draw(image)
    for left, top, right, bottom in boxes:
        outlines.rectangle((left, top, right - 1, bottom - 1), outline=OUTLINE)
    return bool(boxes)


def _pixels(position: pdfium.PdfPosConv, glyphs: Sequence[Glyph]) -> Iterator[Pixels]:
    """Yield where characters are on the picture of their page, which may be turned and cropped."""
    for box in dict.fromkeys(glyph.box for glyph in glyphs if glyph.box and not glyph.char.isspace()):
        (x1, y1), (x2, y2) = position.to_bitmap(box[0], box[1]), position.to_bitmap(box[2], box[3])
        yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _lines(boxes: Iterable[Pixels], size: tuple[int, int]) -> Iterator[Pixels]:
    """Yield a box for each line of characters, a little larger, and within the picture."""
    run: list[Pixels] = []
    for box in boxes:
        if run and not any(_goes_on(run, box, axis) for axis in (0, 1)):
            yield from _within(_around(run), size)
            run = []
        run.append(box)
    if run:
        yield from _within(_around(run), size)


def _goes_on(run: Sequence[Pixels], box: Pixels, axis: int) -> bool:
    """Return whether a character goes on a line along an axis: 0 for one that runs across, 1 for one that runs down."""
    line, last, other = _around(run), run[-1], 1 - axis
    highest = max(3, *(one[other + 2] - one[other] for one in (*run, box)))
    length = max(box[other + 2] - box[other], 1)
    return (
        -_gap(line, box, other) >= (LEVEL if length >= highest / 2 else HANGING) * min(length, _length(line, other))
        and _gap(last, box, axis) <= MOST_GAP * highest
        and _length(_around((line, box)), other) <= MOST_SLANT * highest
    )


def _gap(one: Pixels, two: Pixels, axis: int) -> int:
    """Return how far two boxes are apart along an axis, less than nothing where they overlap."""
    return max(one[axis], two[axis]) - min(one[axis + 2], two[axis + 2])


def _length(box: Pixels, axis: int) -> int:
    return box[axis + 2] - box[axis]


def _around(boxes: Iterable[Pixels]) -> Pixels:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _within(box: Pixels, size: tuple[int, int]) -> Iterator[Pixels]:
    """Yield a box, a little larger, as far as it is on the picture."""
    left, top = max(box[0] - 2, 0), max(box[1] - 2, 0)
    right, bottom = min(box[2] + 3, size[0]), min(box[3] + 3, size[1])
    if left < right and top < bottom:
        yield left, top, right, bottom


def _has_ink(part: Image.Image) -> bool:
    """Return whether a part of a picture is more than its background."""
    return any(_differing(band) >= LEAST_INK for band in part.split())


def _differing(band: Image.Image) -> float:
    """Return the share of pixels that differ from the one in the middle of them all."""
    counts = band.histogram()
    pixels, middle, below = sum(counts), 0, 0
    while below + counts[middle] <= pixels // 2:
        below += counts[middle]
        middle += 1
    same = sum(counts[max(middle - INK_LEVELS, 0) : middle + INK_LEVELS + 1])
    return 1 - same / pixels
