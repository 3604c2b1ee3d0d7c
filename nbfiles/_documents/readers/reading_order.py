"""The text of a PDF page as a person reads it: with what is filled into its form, and its comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium

from nbfiles._documents.readers import columns, glyphs, page_notes
from nbfiles._documents.readers.glyphs import Box, Glyph
from nbfiles._documents.readers.page_notes import FIELD, TICK, Annotation

# PDFium writes U+0002 (older versions U+FFFE) where a word is broken over two lines, in place of
# hyphen and line break; dropping it makes the word whole again.
_BROKEN_WORD = str.maketrans({"\x02": None, "\ufffe": None, "\x00": None})
_ROW = 12.0  # in the units of a page: the height of the rows in which the neighbours of a field are looked for
_MOST_ROWS = 100  # that are looked through for one field
_NEAR = 40.0  # in the units of a page: between a tick and its label


def text_of_page(page: pdfium.PdfPage) -> str:
    """Return the text of a page that is to be seen, lines separated by a newline."""
    text = page.get_textpage()
    try:
        notes, spans = page_notes.of_page(page), columns.of_page(text)
        is_plain = not notes and not spans
        seen = str(text.get_text_bounded()) if is_plain else glyphs.text_of(as_read(page, text, notes, spans))
    finally:
        text.close()
    return seen.replace("\r\n", "\n").translate(_BROKEN_WORD)


def as_read(
    page: pdfium.PdfPage, text: pdfium.PdfTextPage, notes: Sequence[Annotation], spans: Sequence[columns.Span]
) -> list[Glyph]:
    """Return the characters of a page in the order in which they are read."""
    visible = page.get_bbox()
    seen = [glyph for glyph in glyphs.of_page(text) if glyph.box is None or _overlap(glyph.box, visible)]
    if spans:
        seen = columns.in_order(seen, spans)
    fields = [note for note in notes if note.kind == FIELD]
    comments = [note for note in notes if note.kind != FIELD]
    return [*_filled(seen, fields), *(glyph for comment in comments for glyph in _on_a_line(comment))]


def orders(page: pdfium.PdfPage) -> Iterator[list[Glyph]]:
    """Yield the characters of a page in every order in which a quote of it may have them, the likeliest first."""
    text = page.get_textpage()
    try:
        stored = glyphs.of_page(text)
        yield as_read(page, text, page_notes.of_page(page), columns.of_page(text))
    finally:
        text.close()
    yield stored
    once = glyphs.without_copies(stored)
    if len(once) < len(stored):
        yield once
    yield glyphs.line_by_line(once)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _filled(text: Sequence[Glyph], fields: Sequence[Annotation]) -> list[Glyph]:
    """Return characters with the values of fields beside what stands on their line, or on lines of their own."""
    rows = _rows(text)
    behind: defaultdict[int, list[Annotation]] = defaultdict(list)
    alone: list[Annotation] = []
    for field in sorted(fields, key=lambda one: (-one.box[3], one.box[0])):
        neighbour = _neighbour(text, rows, field)
        alone += [] if neighbour is not None else [field]
        if neighbour is not None:
            behind[neighbour].append(field)
    result = [glyph for field in behind.get(-1, ()) for glyph in _glyphs(f"{field.text} ", field)]
    for index, glyph in enumerate(text):
        result.append(glyph)
        for field in behind.get(index, ()):
            before = "" if glyph.char.isspace() else " "
            after = " " if index + 1 < len(text) and not text[index + 1].char.isspace() else ""
            result += _glyphs(f"{before}{field.text}{after}", field)
    return [*result, *(glyph for field in alone for glyph in _on_a_line(field))]


def _rows(text: Sequence[Glyph]) -> dict[int, list[int]]:
    """Return the numbers of the characters that are in each row of a page."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for index, glyph in enumerate(text):
        if glyph.box and not glyph.char.isspace():
            rows[int((glyph.box[1] + glyph.box[3]) / 2 // _ROW)].append(index)
    return rows


def _neighbour(text: Sequence[Glyph], rows: dict[int, list[int]], field: Annotation) -> int | None:
    """Return behind which character a field is read: the last on its left, or of a tick, what is before its label."""
    left, bottom, right, top = field.box
    before, end, behind, start = None, float("-inf"), None, right + _NEAR
    for row in range(int(bottom // _ROW), min(int(top // _ROW), int(bottom // _ROW) + _MOST_ROWS) + 1):
        for index in rows.get(row, ()):
            box = text[index].box
            assert box
            in_line = bottom <= (box[1] + box[3]) / 2 <= top
            if in_line and end < box[2] <= left + (right - left) / 4:
                before, end = index, box[2]
            if in_line and right - (right - left) / 4 <= box[0] < start:
                behind, start = index, box[0]
    return behind - 1 if field.text == TICK and behind is not None else before


def _on_a_line(note: Annotation) -> list[Glyph]:
    """Return a note behind its name; the name of a field that nothing stands beside is all that tells what it is."""
    return _glyphs(f"\n{note.name}: {note.text}" if note.name else f"\n{note.text}", note)


def _glyphs(text: str, note: Annotation) -> list[Glyph]:
    return [Glyph(char, note.box, note.kind) for char in text]
