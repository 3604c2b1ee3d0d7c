"""The text of office files, web pages and notebooks: a program of its own, run by `convert` within limits.

`python -P readers.py KIND SOURCE TARGET` writes the text to TARGET as UTF-8. Where it cannot, it prints one
line: `missing NAME` for a package that is not installed, or what is wrong with the file.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

MEMORY_BYTES = 512 * 1024 * 1024  # of address space; a thousand-page Word file needs a quarter of it
CPU_S = 20
TEXT_BYTES = 100_000_000  # of text; more than any question can hold
MEMBERS, UNPACKED_BYTES, RATIO = 2_000, 100_000_000, 100  # of a zip; honest office files stay far below
DTD_BYTES = 4096  # where a document type would stand; office files have none, bombs need one


class Refused(Exception):
    """The file is not to be read, with the reason in words."""


def limit() -> None:
    """Bound memory, time and output of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (TEXT_BYTES, TEXT_BYTES))


def check_zip(path: Path) -> None:
    """Refuse what unpacks to far more than it is; zipfile itself never inflates more than a member says."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        packed = max(path.stat().st_size, 1)
        if len(members) > MEMBERS or unpacked > UNPACKED_BYTES or unpacked / packed > RATIO:
            raise Refused("it unpacks to far more than an office file holds")
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as part:
                    if b"<!DOCTYPE" in (head := part.read(DTD_BYTES)) or b"<!ENTITY" in head:
                        raise Refused("it defines XML entities, which no office program writes")


def docx(path: Path) -> Iterator[str]:
    """Yield paragraphs, headings marked, and tables row by row, in order."""
    import docx as library

    for part in library.Document(str(path)).iter_inner_content():
        if hasattr(part, "rows"):
            yield from (_row(cell.text for cell in row.cells) for row in part.rows)
        else:
            style = part.style.name if part.style is not None else ""
            level = style.removeprefix("Heading ") if style and style.startswith("Heading ") else ""
            yield ("#" * int(level) + " " if level.isdecimal() else "") + part.text


def pptx(path: Path) -> Iterator[str]:
    """Yield the text of every slide, its tables and its notes."""
    import pptx as library

    for number, slide in enumerate(library.Presentation(str(path)).slides, 1):
        yield f"# Slide {number}"
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.has_table:
                yield from (_row(cell.text for cell in row.cells) for row in shape.table.rows)
        if slide.has_notes_slide:
            yield f"Notes: {slide.notes_slide.notes_text_frame.text}"


def xlsx(path: Path) -> Iterator[str]:
    """Yield every sheet, row by row."""
    import python_calamine as library

    book = library.CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        yield f"# {name}"
        for row in book.get_sheet_by_name(name).to_python():
            yield _row(str(cell) for cell in row)


def epub(path: Path) -> Iterator[str]:
    """Yield the chapters in the order of the archive."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith((".xhtml", ".html", ".htm")):
                yield from _page(archive.read(name).decode("utf-8", "replace"))


def html(path: Path) -> Iterator[str]:
    """Yield the visible text of a page."""
    yield from _page(path.read_text(encoding="utf-8", errors="replace"))


def ipynb(path: Path) -> Iterator[str]:
    """Yield Markdown, code and the text of outputs, in order; of images only that there was one."""
    import nbformat

    for cell in nbformat.read(path, as_version=4).cells:  # type: ignore[no-untyped-call]
        if cell.cell_type != "code":
            yield cell.source
            continue
        yield f"```python\n{cell.source}\n```"
        for output in cell.outputs:
            data = output.get("data", {})
            text = output.get("text") or data.get("text/plain")
            text = text or (f"{output.ename}: {output.evalue}" if "ename" in output else "")
            image = "[image]" if any(kind.startswith("image/") for kind in data) else ""
            if text or image:
                yield "Output: " + " ".join(filter(None, (text, image)))


READERS = {reader.__name__: reader for reader in (docx, pptx, xlsx, epub, html, ipynb)}
ZIPPED = {"docx", "pptx", "xlsx", "epub"}
PACKAGES = {"docx": "python-docx", "pptx": "python-pptx", "python_calamine": "python-calamine"}


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

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
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


def _page(text: str) -> list[str]:
    page = _Page()
    page.feed(text)
    page.close()
    return [line.rstrip() for line in page.lines if line.strip("# ")]


def _row(cells: Any) -> str:
    return " | ".join(" ".join(cell.split()) for cell in cells)


def main(kind: str, source: Path, target: Path) -> str:
    """Convert; returns what went wrong, or nothing."""
    limit()
    try:
        if kind in ZIPPED:
            check_zip(source)
        with target.open("w", encoding="utf-8", errors="replace", newline="\n") as out:
            for part in READERS[kind](source):
                out.write(part + "\n")
    except ImportError as error:
        return f"missing {PACKAGES.get(error.name or '', error.name)}"
    except Refused as error:
        return str(error)
    except MemoryError:
        return f"it needs more than {MEMORY_BYTES // 1024**2} MB to read"
    except Exception as error:  # noqa: BLE001 - readers fail in any way on a broken file
        return f"it is broken ({type(error).__name__})"
    return ""


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
