"""Draw how far the files are that are each asked the same."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._display import formatting, output, tables
from nbfiles._messages.per_file import FileResult

MOST_ROWS = 50  # shown; those that wait or are done come last


def bundle(rows: Sequence[FileResult], note: str) -> output.Bundle:
    """Return the state of every file in words, those that need a look first, and the sum."""
    first = sorted(rows, key=lambda row: (not row.state.startswith("failed"), row.state != "asking"))
    beginnings = [_beginning(row) for row in first[:MOST_ROWS]]
    cells = [
        (tables.short(row.name), row.state, *([text] if any(beginnings) else []), *_spent(row))
        for row, text in zip(first, beginnings, strict=False)
    ]
    headers = ("file", "state", *(["answer"] if any(beginnings) else []), "tokens", "cost")
    lines = [_sum(rows), *_perhaps(rows), *([note] if note else [])]
    return tables.bundle(headers, cells, lines, tables.WIDE)


def _beginning(row: FileResult) -> str:
    """Return the beginning of an answer in prose; pandas would show fifty characters of it."""
    if row.answer is None or row.answer.asked.schema is not None:
        return ""
    text = " ".join(row.answer.text.split())
    return text if len(text) < tables.WIDE else text[: tables.WIDE - 2].rpartition(" ")[0] + " …"


def _spent(row: FileResult) -> tuple[str, str]:
    if row.answer is None and row.cited is None:
        return "", ""
    cells = row.cells()
    cost = "$0 now" if row.state == "kept" else formatting.money(cells["cost"])
    return f"{cells['tokens_in'] + cells['tokens_out']:,}", cost


def _perhaps(rows: Sequence[FileResult]) -> tuple[str, ...]:
    """Return a note on questions that may have been charged more than once."""
    asked = [row for row in rows if any(a and a.unreported for a in (row.cited, row.answer))]
    if not asked:
        return ()
    return (f"{formatting.files(len(asked))} asked about once more as the server failed: perhaps charged twice.",)


def _sum(rows: Sequence[FileResult]) -> str:
    answered, failed = sum(row.is_done for row in rows), sum(row.state.startswith("failed") for row in rows)
    earlier = sum(row.state == "kept" for row in rows)
    costs = [row.cells()["cost"] for row in rows if (row.answer or row.cited) and row.state != "kept"]
    more = (f", {failed} failed" if failed else "") + (f", {earlier} of them before" if earlier else "")
    return f"{answered} of {len(rows)} files answered{more} · {formatting.money(None if None in costs else sum(costs))}"
