"""Draw how far work on several files is: their uploads, and the answers about each of them."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._display import formatting, output, tables
from nbfiles._display.sanitize import clean
from nbfiles._messages.per_file import FileResult
from nbfiles.records import Progress, typed

BAR_WIDTH = 20  # characters
MOST_UPLOADS = 20  # rows; a list of a thousand that repaints ten times a second is too much to read
MOST_ANSWERS = 50  # rows; those that wait or are done come last
WIDE = 300  # characters; what went wrong is worth reading whole


def upload_table(
    rows: Sequence[Progress], seconds: float = 0.0, waiting: str = "", *, next_step: bool = True
) -> output.Bundle:
    """Return how far each file is: its state in words, a bar while it moves, and all of them together.

    `seconds` is how long it takes so far, `waiting` what a busy server is waited for. The `next_step` is
    what to type when all are there.
    """
    headers = ("file", "size", "state")
    cells = [
        (tables.short(clean(row.name)), formatting.size(row.size_bytes) if row.size_bytes else "", _state(row))
        for row in _worth_showing(rows)
    ]
    if len(rows) > 1:
        cells.append(_total(rows, seconds))
    hint = waiting or (_hint(rows) if next_step else "")
    return tables.bundle(headers, cells, [hint] if hint else [], WIDE)


def _worth_showing(rows: Sequence[Progress]) -> list[Progress]:
    """Return the rows of a long list that a person looks for: what failed, what moves, what came last."""
    if len(rows) <= MOST_UPLOADS:
        return list(rows)
    urgent = [row for row in rows if row.state in ("failed", "uploading")]
    others = [row for row in rows if row.state not in ("failed", "uploading", "waiting")]
    return (urgent + others[::-1])[:MOST_UPLOADS]


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
    ended, failed = sum(row.ended for row in rows), sum(row.state == "failed" for row in rows)
    size = sum(row.size_bytes for row in rows)
    moving = [row for row in rows if row.state != "already there"]
    sent_bytes, left = sum(r.sent for r in moving), sum(r.size_bytes - r.sent for r in moving if not r.ended)
    state = f"{ended - failed:,} of {len(rows):,} done" + (f", {failed:,} failed" if failed else "")
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


def answer_table(rows: Sequence[FileResult], note: str) -> output.Bundle:
    """Return the state of every file in words, those that need a look first, and the sum."""
    first = sorted(rows, key=lambda row: (not row.state.startswith("failed"), row.state != "asking"))
    beginnings = [_beginning(row) for row in first[:MOST_ANSWERS]]
    cells = [
        (tables.short(clean(row.name)), row.state, *([text] if any(beginnings) else []), *_spent(row))
        for row, text in zip(first, beginnings, strict=False)
    ]
    headers = ("file", "state", *(["answer"] if any(beginnings) else []), "tokens", "cost")
    lines = [_sum(rows), *_perhaps(rows), *([note] if note else [])]
    return tables.bundle(headers, cells, lines, tables.WIDE)


def _beginning(row: FileResult) -> str:
    """Return the beginning of an answer in prose; pandas would show fifty characters of it."""
    if row.answer is None or row.answer.asked.schema is not None:
        return ""
    text = " ".join(clean(row.answer.text).split())
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
