"""Draw lists of files, and how far uploads are."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._display import formatting, output, tables
from nbfiles._display.sanitize import escape
from nbfiles._files import file_kinds
from nbfiles._files.transfer import Progress
from nbfiles._files.workspace import SHOWN
from nbfiles.records import FileRecord, Files, ending, typed

NONE = "No files here yet. To upload some, type: %upload PATH"
BAR_WIDTH = 20  # characters
MOST_ROWS = 20  # of uploads; a list of a thousand that repaints ten times a second is too much to read
WIDE = 300  # characters; what went wrong is worth reading whole


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


def progress(
    rows: Sequence[Progress], seconds: float = 0.0, waiting: str = "", *, next_step: bool = True
) -> output.Bundle:
    """Return how far each file is: its state in words, a bar while it moves, and all of them together.

    `seconds` is how long it takes so far, `waiting` what a busy server is waited for. The `next_step` is
    what to type when all are there.
    """
    headers = ("file", "size", "state")
    cells = [
        (tables.short(row.name), formatting.size(row.size_bytes) if row.size_bytes else "", _state(row))
        for row in _worth_showing(rows)
    ]
    if len(rows) > 1:
        cells.append(_total(rows, seconds))
    hint = waiting or (_hint(rows) if next_step else "")
    return tables.bundle(headers, cells, [hint] if hint else [], WIDE)


def _worth_showing(rows: Sequence[Progress]) -> list[Progress]:
    """Return the rows of a long list that a person looks for: what failed, what moves, what came last."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    urgent = [row for row in rows if row.state in ("failed", "uploading")]
    others = [row for row in rows if row.state not in ("failed", "uploading", "waiting")]
    return (urgent + others[::-1])[:MOST_ROWS]


def _state(row: Progress) -> str:
    if row.state == "uploading":
        return _bar(row.sent, row.size_bytes)
    return f"{row.state}: {row.note}" if row.note else row.state


def _bar(sent_bytes: int, size: int) -> str:
    share = sent_bytes / size if size else 0.0
    filled = int(share * BAR_WIDTH)
    return f"{'█' * filled}{'░' * (BAR_WIDTH - filled)} {share:4.0%}"


def _total(rows: Sequence[Progress], seconds: float) -> tuple[str, str, str]:
    """Return the row for all files: how many are done and, while they move, how fast and how long still."""
    ended = sum(row.ended for row in rows)
    size = sum(row.size_bytes for row in rows)
    moving = [row for row in rows if row.state != "already there"]
    sent_bytes, left = sum(r.sent for r in moving), sum(r.size_bytes - r.sent for r in moving if not r.ended)
    state = f"{ended:,} of {len(rows):,} done"
    if ended < len(rows) and seconds > 0 and sent_bytes:
        rate = sent_bytes / seconds
        bar = _bar(sent_bytes, sent_bytes + left)
        state = f"{bar}, {state}, {formatting.size(int(rate))}/s, {formatting.span(left / rate)} left"
    return "all", formatting.size(size), state


def _hint(rows: Sequence[Progress]) -> str:
    names = [row.name for row in rows if row.state in ("uploaded", "already there")]
    if not names or any(not row.ended for row in rows):
        return ""
    return f"Ask about {'it' if len(names) == 1 else 'them'} by name: %%ask_file {typed(names[0])}"
