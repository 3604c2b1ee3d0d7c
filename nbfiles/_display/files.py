"""Draw lists of files: those of this kernel, and those that were saved."""

from __future__ import annotations

from nbfiles._display import formatting, output, tables
from nbfiles._display.sanitize import escape
from nbfiles._files import file_kinds
from nbfiles._files.workspace import SHOWN
from nbfiles.records import FileRecord, Files, ending

NONE = "No files here yet. To upload some, type: %upload PATH"
WIDE = 300  # characters; a path is worth reading whole


def show(files: Files) -> None:
    """Show files as a table, unless this cell shows them already."""
    if not output.is_shown(files):
        output.show(bundle(files))


def bundle(files: Files, note: str = "") -> output.Bundle:
    """Return the first files as a table with a note below it, or what to type where there is none."""
    if not files:
        lines = [line for line in (NONE, note) if line]
        html = "".join(f"<p>{escape(line)}</p>" for line in lines)
        return {"text/html": html, "text/plain": "\n".join(lines)}
    headers = ("name", "kind", "read as", "size", "uploaded", "expires")
    rows = [_row(record) for record in files[:SHOWN]]
    more = f"The first {SHOWN} of {len(files):,}; for all, type: _.df()" if len(files) > SHOWN else ""
    notes = [text for text in (more, note, *ending(files)) if text]
    return tables.bundle(headers, rows, notes)


def saved(files: Files) -> output.Bundle:
    """Return where each file was saved."""
    headers = ("name", "size", "saved as")
    rows = [
        (record.name, formatting.size(record.size_bytes), formatting.relative_path(record.path) if record.path else "")
        for record in files[:SHOWN]
    ]
    return tables.bundle(headers, rows, width=WIDE)


def kind(record: FileRecord) -> str:
    """Return what a file is, and how it came to be that."""
    if record.converted:
        return f"{record.kind}, converted"
    return f"{record.kind}, made by code" if record.made_by_code else str(record.kind)


def _row(record: FileRecord) -> tuple[str, ...]:
    return (
        record.name,
        kind(record),
        file_kinds.of_record(record).read_as,
        formatting.size(record.size_bytes),
        formatting.ago(record.created_at),
        formatting.expiry(record),
    )
