"""The beginning of a file that code made, to recognise it: a table, a text, a page, and never all of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

from nbfiles._documents import text_previews
from nbfiles._documents.reader_table import DocumentError, ReaderResult
from nbfiles._documents.readers import images, office, pages, static_html
from nbfiles._documents.text_previews import LINES, ROWS, of_lines, of_table
from nbfiles.errors import UnusableFile
from nbfiles.records import Preview

_WHOLE = re.compile(r"\A(-?\d+)\.0\Z")  # in a sheet, every number has a fraction


def show(path: Path) -> ReaderResult:
    """Return the fields of a Preview; the bytes are those of its picture or drawing."""
    preview = _BY_SUFFIX.get(path.suffix.lower(), text_previews.read)(path)
    data = preview.picture.data if preview.picture else preview.drawing
    fields = asdict(replace(preview, picture=None))
    del fields["drawing"]
    if image := preview.picture:
        fields["picture"] = [image.mime_type, image.width, image.height]
    return ReaderResult(fields, data)


def _book(path: Path) -> Preview:
    """Show the first sheet that has rows."""
    kind = "xls" if path.suffix.lower() == ".xls" else "xlsx"
    name, *lines = islice(office.lines(path, kind), ROWS + 3)
    rows: list[list[str]] = []
    for line in lines:
        if line.startswith("# ") and rows:
            break  # the next sheet
        rows.append([_WHOLE.sub(r"\1", cell) for cell in line.split(" | ")])
    return replace(of_table(rows), sheet=name.removeprefix("# "))


def _parquet(path: Path) -> Preview:
    return of_table([line.split(" | ") for line in islice(office.lines(path, "parquet"), ROWS + 2)])


def _office(kind: str) -> Callable[[Path], Preview]:
    def show(path: Path) -> Preview:
        lines = list(islice(office.lines(path, kind), 3 * LINES))
        if kind == "pptx":  # the first slide
            end = next((i for i, line in enumerate(lines[1:], 1) if line.startswith("# Slide ")), None)
            lines = lines[:end]
        return of_lines([line for line in lines if line.strip()])

    return show


def _svg(path: Path) -> Preview:
    return Preview(drawing=images.svg_of_file(path))


def _picture(path: Path) -> Preview:
    return Preview(picture=images.of_file(path))


def _pdf(path: Path) -> Preview:
    """Return the first page as a picture."""
    try:
        page, count = pages.first_page(path)
        return Preview(picture=images.picture(page), pages=count)
    except (DocumentError, UnusableFile):
        return Preview()  # its name is enough


def _page(path: Path) -> Preview:
    page, note = static_html.read(path)
    return Preview(page=page, notes=(note,) if note else ())


_BY_SUFFIX: dict[str, Callable[[Path], Preview]] = {
    ".parquet": _parquet,
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".ods", ".xls"), _book),
    ".docx": _office("docx"),
    ".pptx": _office("pptx"),
    ".pdf": _pdf,
    ".svg": _svg,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"), _picture),
    **dict.fromkeys((".html", ".htm"), _page),
}
