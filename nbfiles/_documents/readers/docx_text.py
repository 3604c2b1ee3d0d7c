"""The text of a Word file, from all its parts.

python-docx opens the package; its objects know neither notes nor comments nor equations, so the trees of the
parts are walked here. Of what was changed with changes tracked, the text is as if all of them were accepted.

1. Headers, then the body, then footnotes, endnotes, comments and footers, each in a `Story` of its own part.
2. `Story.blocks` yields paragraphs and rows, whatever content controls, insertions or custom XML they are in.
3. `ParagraphText` makes the text of one paragraph; text boxes, charts and diagrams in it come in lines after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbfiles._documents.readers.docx_lists import ListNumbers
from nbfiles._documents.readers.docx_runs import SKIPPED, ParagraphText
from nbfiles._documents.readers.encodings import decode
from nbfiles._documents.readers.equations import equation
from nbfiles._documents.readers.html import page_lines
from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.ooxml import (
    alternative,
    attribute,
    child,
    children,
    name_of,
    one_line,
    parsed,
    parts,
    related,
)

_HEADING = re.compile(r"heading ([1-9])")
_TEXTS = ("text/plain", "text/html", "application/xhtml+xml")  # of inserted parts that are read
_DELETED = {"w:tr": ("w:trPr", "w:del"), "w:tc": ("w:tcPr", "w:cellDel")}
_MOST_LEVEL = 6  # of a heading in Markdown
_MOST_COVERED = 1000  # columns that one cell may cover; Word has 63
# How notes are marked, by their element; the parts that hold them have the same name with an s.
NOTES = {"footnote": "^", "endnote": "^e", "comment": "comment "}


def docx(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield paragraphs, headings marked, and tables row by row, in order, then notes and comments."""
    from docx.opc.package import OpcPackage

    package = OpcPackage.open(str(path))
    main = next(part for part in parts(package, "officeDocument"))
    document = WordDocument(main, left_out)
    for line in document.edges("header"):
        yield f"Header: {line}"
    body = child(parsed(main), "w:body")
    yield from Story(document, main).blocks(() if body is None else body)
    yield from document.notes()
    for line in document.edges("footer"):
        yield f"Footer: {line}"


class WordDocument:
    """What the stories of a file share: styles, lists, the order of notes, and what is left out."""

    def __init__(self, main: Any, left_out: LeftOut) -> None:
        self.main, self.left_out = main, left_out
        styles = next(map(parsed, parts(main, "styles")), ())
        self._styles = {attribute(node, "styleId"): node for node in children(styles, "w:style")}
        self.lists = ListNumbers(next(map(parsed, parts(main, "numbering")), ()), styles)
        self._mentioned: dict[str, dict[str, int]] = {kind: {} for kind in NOTES}
        self._levels: dict[str, int] = {}

    def mark(self, kind: str, note_id: str) -> str:
        """Return the mark of a note where the text mentions it: `[^1]`."""
        numbers = self._mentioned[kind]
        number = numbers.setdefault(note_id, len(numbers) + 1)
        return f"[{NOTES[kind]}{number}]"

    def heading(self, style: str) -> int:
        """Return the level of a style of headings, 0 for others."""
        if style not in self._levels:
            self._levels[style] = self._heading(style)
        return self._levels[style]

    def _heading(self, style: str) -> int:
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            node = self._styles[style]
            if match := _HEADING.fullmatch(attribute(child(node, "w:name"), "val").lower()):
                return min(int(match[1]), _MOST_LEVEL)
            style = attribute(child(node, "w:basedOn"), "val")
        return 0

    def vertical(self, style: str) -> str:
        """Return how a style of characters stands on the line: `superscript`, `subscript`."""
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            node = self._styles[style]
            if own := attribute(child(node, "w:rPr", "w:vertAlign"), "val"):
                return own
            style = attribute(child(node, "w:basedOn"), "val")
        return ""

    def notes(self) -> Iterator[str]:
        """Yield footnotes, endnotes and comments in the order of their marks, and then those without one."""
        for kind in NOTES:
            for part in parts(self.main, f"{kind}s"):
                notes = {attribute(node, "id"): node for node in children(parsed(part), f"w:{kind}")}
                story = Story(self, part)
                for note_id in (*self._mentioned[kind], *notes):
                    node = notes.pop(note_id, None)
                    if node is not None and "eparator" not in attribute(node, "type"):
                        yield from self._note(kind, note_id, node, story)

    def _note(self, kind: str, note_id: str, node: Any, story: Story) -> Iterator[str]:
        first, *others = [line for line in story.blocks(node) if line.strip()] or [""]
        author = attribute(node, "author")
        if first:
            yield f"{self.mark(kind, note_id)}{f' {author}' if author else ''}: {first.strip()}"
        yield from others

    def edges(self, kind: str) -> Iterator[str]:
        """Yield the lines of all headers or footers, each text once."""
        texts = {tuple(Story(self, part).blocks(parsed(part))): None for part in parts(self.main, kind)}
        lines = dict.fromkeys(line.strip() for text in texts for line in text)
        return (line for line in lines if line)


class Story:
    """A text of a Word file: its body, a header, its footnotes. Relations are those of its part."""

    def __init__(self, document: WordDocument, part: Any) -> None:
        self.document, self.part = document, part
        self._begun = ""  # paragraphs whose ends were deleted: the next one goes on with their text

    def blocks(self, parent: Iterable[Any]) -> Iterator[str]:
        """Yield the lines of the paragraphs and tables in an element, however deep."""
        for node in parent:
            name = name_of(node.tag)
            if name == "w:p":
                yield from self._paragraph(node)
            elif name == "w:tbl":
                yield from self._take_begun()
                yield from (self._row(row) for row in _within(node, "w:tr"))
            elif name == "w:altChunk":
                yield from self._inserted(node)
            elif name == "mc:AlternateContent":
                yield from self.blocks(alternative(node))
            elif name.startswith("m:oMath"):
                yield equation(node)
            elif name not in SKIPPED:
                yield from self.blocks(node)
        yield from self._take_begun()

    def _take_begun(self) -> Iterator[str]:
        if self._begun:
            yield self._begun
        self._begun = ""

    def _paragraph(self, node: Any) -> Iterator[str]:
        runs = ParagraphText(self)
        text = self._begun + runs.text(node)
        self._begun = ""
        properties = child(node, "w:pPr")
        if child(properties, "w:rPr", "w:del") is not None:
            self._begun = text
            yield from runs.boxes
            return
        style = attribute(child(properties, "w:pStyle"), "val")
        number, level = self.document.lists.number(properties, style) if text.strip() else ("", 0)
        heading = self.document.heading(style)
        mark = "#" * heading + " " if heading else "  " * level if number else ""
        yield f"{mark}{number}{' ' if number else ''}{text}"
        yield from runs.boxes

    def _row(self, row: Any) -> str:
        cells = [""] * _covered(child(row, "w:trPr", "w:gridBefore"), 0)
        for cell in _within(row, "w:tc"):
            cells += [" ".join(self.blocks(cell)), *[""] * (_covered(child(cell, "w:tcPr", "w:gridSpan"), 1) - 1)]
        return one_line(cells)

    def _inserted(self, node: Any) -> Iterator[str]:
        """Yield the text of a page or a text that Word takes in when it opens the file."""
        part = related(self.part, node)
        if part is None or part.content_type not in _TEXTS:
            self.document.left_out["inserted document"] += 1
            return
        text = self.document.left_out.text_of(decode(part.blob))
        yield from text.splitlines() if part.content_type == "text/plain" else page_lines(text)


def _within(parent: Any, name: str) -> Iterator[Any]:
    """Yield rows of a table or cells of a row, also those in content controls; what was deleted is left out."""
    for node in parent:
        own = name_of(node.tag)
        if own == name:
            if child(node, *_DELETED[name]) is None:
                yield node
        elif own == "mc:AlternateContent":
            yield from _within(alternative(node), name)
        elif own not in SKIPPED and own not in ("w:tbl", "w:p"):
            yield from _within(node, name)


def _covered(node: Any, default: int) -> int:
    """Return how many columns a property names."""
    text = attribute(node, "val")
    return min(int(text), _MOST_COVERED) if text.isdecimal() else default
