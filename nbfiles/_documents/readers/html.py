"""The text of a web page: the lines that a browser would show, headings marked.

1. Tags that begin or end a line become `<br>`, headings `<hr class=N>` and cells `<wbr>`: elements without contents,
   so that no page is nested deep.
2. nh3, a real HTML parser whose time grows with the length of a page, leaves nothing but these and text.
3. What is left has one form, and is cut at its tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import nh3

_BLOCKS = [
    "p",
    "div",
    "li",
    "tr",
    "br",
    "section",
    "article",
    "header",
    "footer",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "ul",
    "ol",
    "pre",
    "hr",
]
_BLOCK = re.compile(rf"<(?:/?(?:{'|'.join(_BLOCKS)})|/h[1-6])(?=[\s/>])", re.IGNORECASE)
_HEADING = re.compile(r"<h([1-6])(?=[\s/>])", re.IGNORECASE)
_CELL = re.compile(r"<t[dh](?=[\s/>])", re.IGNORECASE)
_TAG = re.compile(r'<(/?[a-z]+)(?: class="([1-6])")?>')
_CLEANER = nh3.Cleaner(
    tags={"br", "hr", "wbr", "title"},
    clean_content_tags={"script", "style", "template", "noscript", "svg", "math"},
    attributes={"*": set(), "hr": {"class"}},
    link_rel=None,
)


def page_lines(text: str) -> Iterator[str]:
    """Yield the visible lines of a page."""
    text = _CELL.sub("<wbr", _HEADING.sub(r"<hr class=\1 ", _BLOCK.sub("<br", text)))
    text = _CLEANER.clean(text)
    line, start = _TextLine(), 0
    for match in _TAG.finditer(text):
        line.add(unescape(text[start : match.start()]))
        tag, level, start = match[1], match[2], match.end()
        if tag == "wbr":
            line.begin_cell()
        elif tag != "title":
            yield from line.end()
            line.begin("#" * int(level) + " " if level else "")
    line.add(unescape(text[start:]))
    yield from line.end()


class _TextLine:
    """A line while it grows, with its white space as a browser shows it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._ends_blank = True
        self._has_text = False

    def begin(self, mark: str) -> None:
        """Begin a line with the mark of a heading, or none."""
        self._parts, self._ends_blank, self._has_text = [mark], True, False

    def begin_cell(self) -> None:
        """Separate a cell from what is before it."""
        if self._has_text:
            self._parts.append(" | ")
            self._ends_blank = True

    def add(self, data: str) -> None:
        """Add text."""
        if not data:
            return
        text = " ".join(data.split())
        gap = " " if not self._ends_blank and data[:1].isspace() else ""
        after = " " if text and data[-1:].isspace() else ""
        self._parts.append(gap + text + after)
        self._ends_blank = bool(gap and not text) or bool(after) or (self._ends_blank and not text)
        self._has_text = self._has_text or bool(text)

    def end(self) -> Iterator[str]:
        """Yield the line, if there is anything in it."""
        if self._has_text:
            line = "".join(self._parts).rstrip()
            if line.strip("# "):
                yield line
