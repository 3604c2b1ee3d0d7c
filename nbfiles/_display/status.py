"""The answer to "where am I, and what did it cost?"."""

from __future__ import annotations

from dataclasses import dataclass

from nbfiles._display import formatting, output, table_format

WIDE = 200  # characters; a place or a list of versions is worth reading whole


@dataclass(frozen=True)
class Status:
    """Where requests go, with which model, and what was spent; `tokens` are in and out, `cost` in dollars."""

    place: str
    credentials: str
    model: str
    files: int
    tokens: tuple[int, int]
    cost: float | None
    versions: tuple[str, ...]
    budget: float | None = None

    def _rows(self) -> list[tuple[str, str]]:
        into, out = self.tokens
        return [
            ("requests go to", self.place),
            ("credentials", self.credentials),
            ("model", self.model),
            ("files", f"{self.files} known to this kernel"),
            ("spent", f"{formatting.money(self.cost)}, {into:,} tokens in, {out:,} out"),
            *([("budget", formatting.money(self.budget))] if self.budget is not None else []),
            ("versions", ", ".join(self.versions)),
        ]

    def __str__(self) -> str:
        return table_format.plain(("nbfiles", ""), self._rows(), WIDE)

    def _repr_mimebundle_(self, **_options: object) -> output.Bundle:
        return {"text/html": table_format.html(("nbfiles", ""), self._rows(), WIDE), "text/plain": str(self)}
