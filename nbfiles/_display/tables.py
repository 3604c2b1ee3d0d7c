"""A small table with lines below it, as a value of its own: threads, models, costs, a plan."""

from __future__ import annotations

from dataclasses import dataclass

from nbfiles._display import output, table_format
from nbfiles._display.sanitize import clean, escape

WIDE = 200  # characters of a cell; most are worth reading whole


@dataclass(frozen=True)
class TextTable:
    """Rows under their headers; a notebook shows them as a table, and `notes` below it."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([table_format.plain(self.headers, self.rows, WIDE), *map(clean, self.notes)])

    def _repr_mimebundle_(self, **_options: object) -> output.Bundle:
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        return {"text/html": table_format.html(self.headers, self.rows, WIDE) + notes, "text/plain": str(self)}
