"""How far the files are that are each asked the same."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._display import formatting, output, table_format
from nbfiles._display.sanitize import clean, escape
from nbfiles._messages.per_file import FileResult

MOST_ROWS = 50  # shown; those that wait or are done come last
WIDE = 200  # characters; what went wrong is worth reading whole


def bundle(rows: Sequence[FileResult], note: str) -> output.Bundle:
    """Return the state of every file in words, those that need a look first, and the sum."""
    first = sorted(rows, key=lambda row: (not row.state.startswith("failed"), row.state != "asking"))
    said = [_said(row) for row in first[:MOST_ROWS]]
    cells = [
        (table_format.short(row.name), row.state, *([text] if any(said) else []), *_spent(row))
        for row, text in zip(first, said, strict=False)
    ]
    headers = ("file", "state", *(["answer"] if any(said) else []), "tokens", "cost")
    lines = [_sum(rows), *_perhaps(rows), *([note] if note else [])]
    html = "".join(f"<p><small>{escape(line)}</small></p>" for line in lines)
    return {
        "text/html": table_format.html(headers, cells, WIDE) + html,
        "text/plain": clean("\n".join([table_format.plain(headers, cells, WIDE), *lines])),
    }


def _said(row: FileResult) -> str:
    """Return the beginning of an answer in prose; pandas would show fifty characters of it."""
    if row.answer is None or row.answer.asked.schema is not None:
        return ""
    text = " ".join(row.answer.text.split())
    return text if len(text) < WIDE else text[: WIDE - 2].rpartition(" ")[0] + " …"


def _spent(row: FileResult) -> tuple[str, str]:
    if row.answer is None and row.cited is None:
        return "", ""
    cells = row.cells()
    cost = "$0 now" if row.state == "kept" else formatting.money(cells["cost"])
    return f"{cells['tokens_in'] + cells['tokens_out']:,}", cost


def _perhaps(rows: Sequence[FileResult]) -> tuple[str, ...]:
    """Say how many questions may have been charged more than once."""
    asked = [row for row in rows if any(a and a.unreported for a in (row.cited, row.answer))]
    if not asked:
        return ()
    return (f"{formatting.files(len(asked))} asked about once more as the server failed: perhaps charged twice.",)


def _sum(rows: Sequence[FileResult]) -> str:
    done, failed = sum(row.done for row in rows), sum(row.state.startswith("failed") for row in rows)
    kept = sum(row.state == "kept" for row in rows)
    costs = [row.cells()["cost"] for row in rows if (row.answer or row.cited) and row.state != "kept"]
    more = (f", {failed} failed" if failed else "") + (f", {kept} of them before" if kept else "")
    return f"{done} of {len(rows)} files answered{more} · {formatting.money(None if None in costs else sum(costs))}"
