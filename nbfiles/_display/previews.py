"""The beginning of a file that code made, drawn: a table, a text, a page, a drawing, and what to know of it."""

from __future__ import annotations

from base64 import b64encode

from nbfiles._display import sandboxed_html, tables
from nbfiles._display.sanitize import attribute, clean, escape
from nbfiles.records import Preview

DRAWING_WIDTH = 640  # CSS pixels, as wide as charts in other formats


def html(preview: Preview, name: str) -> str:
    """Return a preview of the file of this name as HTML; a picture is an output of its own."""
    notes = "".join(map(_note, preview.notes))
    sheet = "" if preview.sheet is None else _note(_sheet(preview.sheet))
    if preview.table:
        table = tables.html(preview.table[0], preview.table[1:])
        return f"{sheet}<div style='overflow-x:auto;margin-left:1.5em'>{table}</div>{notes}"
    if preview.lines:
        text = escape("\n".join(preview.lines))
        return f"<pre style='margin:2px 0 6px 1.5em'>{text}</pre>{notes}"
    if preview.page:
        return sandboxed_html.html(preview.page, " ".join(preview.notes))
    return sheet + (svg(preview.drawing, name) if preview.drawing else "") + notes


def plain(preview: Preview) -> str:
    """Return the same as text."""
    table = tables.plain(preview.table[0], preview.table[1:]) if preview.table else ""
    sheet = "" if preview.sheet is None else _sheet(preview.sheet)
    parts = [sheet, table, "\n".join(preview.lines), *preview.notes]
    return clean("\n".join(filter(None, parts)))


def svg(drawing: bytes, alt: str) -> str:
    """Return an SVG as an HTML `img`, where a browser runs and fetches nothing of it."""
    source = f"data:image/svg+xml;base64,{b64encode(drawing).decode()}"
    return f'<img src="{source}" alt="{attribute(alt)}" style="width:{DRAWING_WIDTH}px;max-width:100%">'


def _sheet(name: str) -> str:
    return f"Sheet “{name}”"


def _note(text: str) -> str:
    return f"<p style='margin:2px 0 6px 1.5em'><small>{escape(text)}</small></p>"
