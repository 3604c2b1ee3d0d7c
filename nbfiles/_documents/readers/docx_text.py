"""The text of a Word file; its tree is walked here, the library's objects take a millisecond a paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
COPY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same text for old programs


def docx(path: Path) -> Iterator[str]:
    """Yield paragraphs, headings marked, and tables row by row, in order."""
    import docx as library

    document = library.Document(str(path))
    names = {style.style_id: style.name or "" for style in document.styles}
    body = document.element.body
    for copy in list(body.iter(COPY)):
        copy.getparent().remove(copy)
    for part in _blocks(body):
        if part.tag == WORD + "tbl":
            for line in part.iterchildren(WORD + "tr"):
                cells = line.iterchildren(WORD + "tc")
                yield one_line(" ".join(map(_paragraph_text, cell.iter(WORD + "p"))) for cell in cells)
        else:
            style = names.get(part.style, "")
            level = style.removeprefix("Heading ") if style.startswith("Heading ") else ""
            yield ("#" * int(level) + " " if level.isdecimal() else "") + _paragraph_text(part)


def _blocks(parent: Any) -> Iterator[Any]:
    """Yield paragraphs and tables, also those in content controls."""
    for part in parent.iterchildren(WORD + "p", WORD + "tbl", WORD + "sdt"):
        if part.tag == WORD + "sdt":
            for content in part.iterchildren(WORD + "sdtContent"):
                yield from _blocks(content)
        else:
            yield part


def _paragraph_text(paragraph: Any) -> str:
    """Return the text of a paragraph with its tabs and line breaks."""
    marks = {WORD + "tab": "\t", WORD + "br": "\n", WORD + "cr": "\n"}
    run = WORD + "r"  # tabs also stand where the paragraph defines its tab stops
    nodes = paragraph.iter(WORD + "t", *marks)
    return "".join(marks.get(node.tag, node.text or "") for node in nodes if node.getparent().tag == run)


def one_line(cells: Iterable[str]) -> str:
    """Return the cells of a row of any table as one line."""
    return " | ".join(" ".join(cell.split()) for cell in cells)
