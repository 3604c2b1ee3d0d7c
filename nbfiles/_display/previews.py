"""Draw the beginning of a file that code made: a table, a text, a page, a drawing, and notes about it.

A page with scripts switched on could always send out what is in it, whatever the policy (docs/security.md).
So scripts never run: the page was cleaned when it arrived (`_documents/readers/static_html`), and here it is the
`srcdoc` of a frame with an empty `sandbox` and a content policy of its own. Where a viewer drops frames (an
untrusted notebook, a code host), the line about the file remains.
"""

from __future__ import annotations

from base64 import b64encode

from nbfiles._display import tables
from nbfiles._display.sanitize import attribute, clean, escape
from nbfiles.records import Preview
from nbfiles.redact import redact

DRAWING_WIDTH = 640  # CSS pixels, as wide as charts in other formats
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
NO_FRAME = "Nothing to see? Frames are shown where the notebook is trusted; the file is in the folder named above."
FRAME_STYLE = "width:100%;height:360px;border:1px solid #888;background:white"


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
        return page_frame(preview.page, " ".join(preview.notes))
    return sheet + (svg(preview.drawing, name) if preview.drawing else "") + notes


def plain(preview: Preview) -> str:
    """Return the same as text."""
    table = tables.plain(preview.table[0], preview.table[1:]) if preview.table else ""
    sheet = "" if preview.sheet is None else _sheet(preview.sheet)
    parts = [sheet, table, "\n".join(preview.lines), *preview.notes]
    return clean("\n".join(filter(None, parts)))


def svg(drawing: bytes, alt: str) -> str:
    """Return an SVG as an HTML `img`, where a browser runs and fetches nothing of it."""
    drawing = redact(drawing.decode(errors="surrogateescape")).encode(errors="surrogateescape")
    source = f"data:image/svg+xml;base64,{b64encode(drawing).decode()}"
    return f'<img src="{source}" alt="{attribute(alt)}" style="width:{DRAWING_WIDTH}px;max-width:100%">'


def page_frame(page: str, note: str) -> str:
    """Return a cleaned page in a closed frame, with a note below it."""
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    frame = f'<iframe sandbox="" srcdoc="{attribute(head + page)}" style="{FRAME_STYLE}"></iframe>'
    foot = f"<p><small>{escape(f'{NO_FRAME} {note}'.strip())}</small></p>"
    summary = "<summary>open in sandbox</summary>"
    return f"<details style='margin:2px 0 6px 1.5em'>{summary}{frame}{foot}</details>"


def _sheet(name: str) -> str:
    return f"Sheet “{name}”"


def _note(text: str) -> str:
    return f"<p style='margin:2px 0 6px 1.5em'><small>{escape(text)}</small></p>"
