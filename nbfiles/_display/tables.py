"""Tables in HTML and as aligned text, and those that are values of their own: threads, models, costs, the status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nbfiles._display import formatting, output
from nbfiles._display.sanitize import attribute, clean, escape
from nbfiles.errors import stop_in_one_line
from nbfiles.private_values import redacted_repr

CELL_WIDTH = 60  # characters; longer cells are cut in the middle, where names differ least
WIDE = 200  # characters of a cell that is worth reading whole

Row = Sequence[str]


def html(headers: Row, rows: Sequence[Row], width: int = CELL_WIDTH) -> str:
    """Return an HTML table of escaped cells, left-aligned, each of at most `width` characters."""
    head = "".join(f"<th style='text-align:left'>{escape(cell)}</th>" for cell in headers)
    body = "".join(f"<tr>{''.join(_cell(cell, width) for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def plain(headers: Row, rows: Sequence[Row], width: int = CELL_WIDTH) -> str:
    """Return the same table as text in aligned columns."""
    cells = [[short(clean(cell), width) for cell in row] for row in [headers, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(line.rstrip() for line in lines)


def bundle(headers: Row, rows: Sequence[Row], notes: Sequence[str] = (), width: int = CELL_WIDTH) -> output.Bundle:
    """Return a table with lines below it as a mimebundle."""
    below = "".join(f"<p><small>{escape(note)}</small></p>" for note in notes)
    text = "\n".join([plain(headers, rows, width), *map(clean, notes)])
    return {"text/html": html(headers, rows, width) + below, "text/plain": text}


def short(text: str, width: int = CELL_WIDTH) -> str:
    """Cut a long text in the middle, on one line."""
    text = " ".join(text.split())
    half = (width - 1) // 2
    return text if len(text) <= width else f"{text[:half]}…{text[-half:]}"


def _cell(text: str, width: int) -> str:
    text = clean(text)  # before it is cut: a piece of a key is not known for one
    full = f" title='{attribute(text)}'" if len(text) > width else ""
    return f"<td style='text-align:left'{full}>{escape(short(text, width))}</td>"


@redacted_repr
@dataclass(frozen=True)
class TextTable:
    """Rows under their headers; a notebook shows them as a table, and `notes` below it.

    Cells longer than `width`, in characters, are cut in the middle.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    width: int = field(default=WIDE, kw_only=True)

    def __str__(self) -> str:
        return bundle(self.headers, self.rows, self.notes, self.width)["text/plain"]

    @stop_in_one_line()  # the magic has ended, and IPython draws what it returned
    def _repr_mimebundle_(self, **_options: object) -> output.Bundle:
        return bundle(self.headers, self.rows, self.notes, self.width) | {"text/plain": str(self)}


@redacted_repr
@dataclass(frozen=True)
class Status:
    """Where requests go, with which model, and what was spent; `tokens` are in and out, `cost` in dollars.

    `notes` are what else a person should know of what was just set.
    """

    destination: str
    credentials: str
    model: str
    files: int
    tokens: tuple[int, int]
    cost: float | None
    versions: tuple[str, ...]
    budget: float | None = None
    notes: tuple[str, ...] = ()

    def _rows(self) -> list[tuple[str, str]]:
        into, out = self.tokens
        return [
            ("requests go to", self.destination),
            ("credentials", self.credentials),
            ("model", self.model),
            ("files", f"{self.files} known to this kernel"),
            ("spent", f"{formatting.money(self.cost)}, {into:,} tokens in, {out:,} out"),
            *([("budget", formatting.money(self.budget))] if self.budget is not None else []),
            ("versions", ", ".join(self.versions)),
        ]

    def __str__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]

    @stop_in_one_line()  # the magic has ended, and IPython draws what it returned
    def _repr_mimebundle_(self, **_options: object) -> output.Bundle:
        return bundle(("nbfiles", ""), self._rows(), self.notes, WIDE)
