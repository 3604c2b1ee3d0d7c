"""The text of a web page: the lines that a browser would show, headings marked."""

from __future__ import annotations

from html.parser import HTMLParser


class _Page(HTMLParser):
    """Collects the lines of a page: what a browser would show, headings marked."""

    BLOCKS = frozenset(
        (
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
            "ul",
            "ol",
            "pre",
            "hr",
        )
    )
    HIDDEN = frozenset(["script", "style", "template", "noscript", "svg", "math"])

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._hidden = 0

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self._hidden += tag in self.HIDDEN
        if tag in self.BLOCKS or (len(tag) == 2 and tag[0] == "h" and tag[1].isdecimal()):
            self.lines.append("#" * int(tag[1]) + " " if tag[0] == "h" and tag[1:].isdecimal() else "")
        elif tag in ("td", "th") and self.lines[-1].strip():
            self.lines[-1] += " | "

    def handle_endtag(self, tag: str) -> None:
        if tag in self.HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in self.BLOCKS or tag in ("h1", "h2", "h3", "h4", "h5", "h6", "title"):
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            text = " ".join(data.split())
            before = self.lines[-1]
            gap = " " if before and not before.endswith(" ") and data[:1].isspace() else ""
            self.lines[-1] = before + gap + text + (" " if text and data[-1:].isspace() else "")


def page_lines(text: str) -> list[str]:
    """Return the visible lines of a page."""
    page = _Page()
    page.feed(text)
    page.close()
    return [line.rstrip() for line in page.lines if line.strip("# ")]
