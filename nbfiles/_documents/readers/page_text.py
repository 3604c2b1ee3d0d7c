"""Lines made of the tags and texts of a page, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nbfiles._documents.readers.page_table import PageTable
from nbfiles._documents.readers.scripts import STRUCK, SUB, SUPER, marked

_TEXTS = "p div li ul ol menu dl dt dd h1 h2 h3 h4 h5 h6 br hr title address blockquote figure figcaption center"
_PARTS = "html frameset noframes head body main section article aside nav header footer details summary dialog search"
_DRAWN = "text"  # a line of an SVG
_FORMS = "form fieldset legend select option optgroup"
BLOCKS = frozenset(f"{_TEXTS} {_PARTS} {_FORMS} {_DRAWN}".split())  # which begin and end lines
SCRIPTS = {"sup": SUPER, "sub": SUB}
_STRIKES = ("del", "s", "strike")
MARKS = {f"h{level}": "#" * level + " " for level in range(1, 7)} | {"dd": ": "}


class PageText:
    """The lines of a page while it is read; those that are complete are taken away."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = _TextLine()
        self._tables: list[PageTable] = []
        self._preformatted = 0
        self._at_pre_start = False
        self._script = self._script_before = ""  # SUPER, SUB or on the line: now, and of the last text

    def take(self) -> list[str]:
        """Return the lines that are complete, once."""
        lines, self._lines = self._lines, []
        return lines

    def add(self, text: str) -> None:
        """Add a text between two tags."""
        if not text:
            return
        text = marked(self._line.last, text, self._script, self._script_before)
        self._script_before = self._script
        if not self._preformatted:
            self._line.add(text)
            return
        first, *others = text.removeprefix("\n" if self._at_pre_start else "").split("\n")
        self._at_pre_start = False
        self._line.add_as_it_is(first)
        for line in others:
            self._end_line(blank=True)
            self._line.add_as_it_is(line)

    def tag(self, name: str, attributes: Mapping[str, str]) -> None:
        """Go on behind a tag; that of an end begins with a slash."""
        bare = name.removeprefix("/")
        if bare in BLOCKS:
            self._end_line()
            self._line.begin(MARKS.get(name, ""))
        if name == "img" and (alternative := attributes.get("alt", "").strip()):
            self._line.add(f"[image: {' '.join(alternative.split())}]")
        elif name == "optgroup" and (label := attributes.get("label", "").strip()):
            self._line.add(label)
            self._end_line()
        elif bare in SCRIPTS:
            self._script = SCRIPTS[bare] if bare == name else ""
        elif bare in _STRIKES:
            self._line.add(STRUCK)
        elif bare in ("pre", "listing"):
            self._pre(begins=bare == name)
        elif action := _TABLE_TAGS.get(name):
            action(self, attributes)

    def end(self) -> None:
        """End the page."""
        self._end_line()
        while self._tables:
            self._end_table({})

    def _end_line(self, *, blank: bool = False) -> None:
        """End a line; `blank` keeps an empty one."""
        line = self._line.text()
        self._line.begin("")
        if not line and not blank:
            return
        if self._tables and self._tables[-1].in_cell:
            self._tables[-1].add(line, preformatted=blank)
        else:
            self._lines.append(line)

    def _pre(self, *, begins: bool) -> None:
        self._end_line()
        self._preformatted = max(self._preformatted + (1 if begins else -1), 0)
        self._at_pre_start = begins

    def _begin_table(self, _attributes: Mapping[str, str]) -> None:
        self._end_line()
        self._put_rows()  # the table around it lays out the page: what came before is shown before
        self._tables.append(PageTable())

    def _end_table(self, _attributes: Mapping[str, str]) -> None:
        self._end_row({})
        if self._tables:
            self._tables.pop()

    def _begin_row(self, _attributes: Mapping[str, str]) -> None:
        self._end_row({})
        if self._tables:
            self._tables[-1].begin_row()

    def _end_row(self, _attributes: Mapping[str, str]) -> None:
        self._end_line()
        self._put_rows()
        if self._tables:
            self._tables[-1].end_row()

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._end_line()
        if self._tables:
            self._tables[-1].begin_cell(attributes.get("colspan", ""), attributes.get("rowspan", ""))

    def _put_rows(self) -> None:
        """Take what there is of the row over, into the cell around the table if there is one that is still read."""
        if self._tables:
            self._lines += self._tables[-1].take()


_TABLE_TAGS: Mapping[str, Callable[[PageText, Mapping[str, str]], None]] = {
    "table": PageText._begin_table,
    "/table": PageText._end_table,
    "tr": PageText._begin_row,
    **dict.fromkeys(("/tr", "thead", "tbody", "tfoot", "/thead", "/tbody", "/tfoot", "caption"), PageText._end_row),
    **dict.fromkeys(("td", "th"), PageText._begin_cell),
}


class _TextLine:
    """A line while it grows, with its white space as a browser shows it."""

    def __init__(self) -> None:
        self.begin("")

    @property
    def last(self) -> str:
        """The last character; empty at the beginning of a line."""
        return self._parts[-1][-1:] if self._parts else ""

    def begin(self, mark: str) -> None:
        """Begin a line with the mark of a heading, or none."""
        self._parts, self._ends_blank, self._has_text = [mark] if mark else [], True, False

    def add(self, data: str) -> None:
        """Add text."""
        text = " ".join(data.split())
        gap = " " if not self._ends_blank and data[:1].isspace() else ""
        after = " " if text and data[-1:].isspace() else ""
        if piece := gap + text + after:
            self._parts.append(piece)
            self._ends_blank = piece[-1] == " "
        self._has_text = self._has_text or bool(text)

    def add_as_it_is(self, data: str) -> None:
        """Add text whose blanks count."""
        if data:
            self._parts.append(data)
            self._ends_blank, self._has_text = False, self._has_text or not data.isspace()

    def text(self) -> str:
        """Return the line, empty where there is nothing in it but its mark."""
        return "".join(self._parts).rstrip() if self._has_text else ""
