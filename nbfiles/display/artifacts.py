"""Files that came back from Claude's code: named, previewed, and pictures shown."""

from __future__ import annotations

import csv
from base64 import b64encode
from itertools import islice
from pathlib import Path

from nbfiles.display import front, table, words
from nbfiles.display.images import picture, svg_tag
from nbfiles.display.safe import clean, escape
from nbfiles.errors import NbfilesError
from nbfiles.records import FileRecord, Files, Kind

NUMBER_CHARS = 8  # of a number in a preview
PREVIEW_ROWS, PREVIEW_COLUMNS = 8, 12  # a table to recognise, not to read
CHART_WIDTH = 640  # CSS pixels; fits a notebook's column beside other windows


def show_pictures(files: Files) -> None:
    """Show the pictures that code made, each as an output of its own."""
    for record in files:
        if record.kind is Kind.IMAGE and record.path and record.path.is_file():
            try:
                image = picture(record.path.read_bytes())
            except NbfilesError:
                continue  # named in the answer's list
            width = min(image.width, CHART_WIDTH)
            alt = clean(f"[{record.name}, {image.width} × {image.height} pixels]")
            data = b64encode(image.data).decode()
            front.show({image.mime_type: data, "text/plain": alt}, {image.mime_type: {"width": width}})


def line(record: FileRecord) -> str:
    """Return name, size and folder in one line."""
    folder = f", saved in {record.path.parent.name}" if record.path else ""
    return f"{record.name}, {words.size(record.size_bytes)}{folder}"


def html(record: FileRecord) -> str:
    """Return the line of a file, and a preview where it is a table or an SVG."""
    text = f"<p style='margin:2px 0 2px 1.5em'>{escape(line(record))}</p>"
    if record.path is None or not record.path.is_file():
        return text
    suffix = record.path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return text + _preview(record.path, "\t" if suffix == ".tsv" else ",")
    if suffix == ".svg":
        try:
            return text + svg_tag(record.path.read_bytes(), record.name)
        except NbfilesError:
            return text
    return text


def _preview(path: Path, delimiter: str) -> str:
    """Return the first cells of a table; a file that is no table has none."""
    try:
        with path.open(newline="", encoding="utf-8", errors="replace") as handle:
            rows = list(islice(csv.reader(handle, delimiter=delimiter), PREVIEW_ROWS + 1))
    except csv.Error:
        return ""
    rows = [[_number(cell) for cell in row[:PREVIEW_COLUMNS]] for row in rows if row]
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    return f"<div style='overflow-x:auto'>{table.html(rows[0], rows[1:])}</div>" if rows else ""


def _number(cell: str) -> str:
    """Shorten a number of many digits; a preview is for recognising."""
    if len(cell) <= NUMBER_CHARS or "." not in cell:
        return cell
    try:
        return f"{float(cell):.{NUMBER_CHARS - 2}g}"
    except ValueError:
        return cell
