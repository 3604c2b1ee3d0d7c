"""The built-in profile: which charts suit a table and a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbfiles.redact import redact
from nbfiles.server.json_types import JsonObject

MOST_CHARTS = 3
WIDE = 70  # characters of tick labels that fit below a chart
LONGEST_NAME = 50  # characters of a chart's file name, at most four bytes each
DENSE = 5_000  # rows from which single points hide one another
FEW_COLOURS = 6  # groups up to which colours can be told apart

_UNIT_NAMES = "g kg mg t mm cm m km s ms min h hz w kw kwh c f k usd eur gbp pct percent sqft sqm l ml"
_UNITS = frozenset(_UNIT_NAMES.split())
_CURRENCIES = ("usd", "eur", "gbp")
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Chart:
    """One chart: what is drawn against what."""

    kind: str
    x: str
    y: str | None = None
    hue: str | None = None
    every: str | None = None  # how long a moment of a line lasts, as pandas says it

    @property
    def title(self) -> str:
        """What the chart shows, in words."""
        match self.kind:
            case "scatter" | "density":
                return f"{label(self.y)} against {lower(self.x)}"
            case "hist":
                return f"Distribution of {lower(self.x)}"
            case "count":
                return f"Rows by {lower(self.x)}"
            case "line":
                return f"{label(self.y)} over time"
            case "rows":
                return f"{label(self.x)} row by row"
            case _:
                return f"{label(self.y)} by {lower(self.x)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are drawn."""
        return tuple(name for name in (self.x, self.y, self.hue) if name is not None)

    @property
    def filename(self) -> str:
        """A file name made of the title's words, without extension."""
        return "_".join(_LETTERS.findall(self.title.lower()))[:LONGEST_NAME]


def label(column: str | None, *, unit: bool = False) -> str:
    """Return a column's name as words: body_mass_g → Body mass, or with its unit, Body mass (g).

    Spelled in words, a key or a path would not be seen by the redactor any more: such a name is redacted here.
    """
    if column and (redacted := redact(column)) != column:
        return " ".join(redacted.split())
    letters = _LETTERS.findall(column or "")
    measured = letters.pop() if len(letters) > 1 and letters[-1].lower() in _UNITS else ""
    text = " ".join(letters) or str(column)
    text = text[:1].upper() + text[1:]
    if not (measured and unit):
        return text
    return f"{text} ({measured.upper() if measured.lower() in _CURRENCIES else measured})"


def lower(column: str | None) -> str:
    """Return a column's name as words within a sentence; acronyms keep their capitals."""
    text = label(column)
    return text if len(text) > 1 and text[:2].isupper() else text[:1].lower() + text[1:]


def mentioned(question: str, columns: Sequence[JsonObject]) -> list[str]:
    """Return the columns that a question names, in its order."""
    asked = [_stem(part) for part in _LETTERS.findall(question.lower())]
    stems = {column["name"]: _stems(column["name"]) for column in columns}
    positions: dict[str, int] = {}
    for name, parts in stems.items():
        others = {part for other, theirs in stems.items() if other != name for part in theirs}
        telling = [part for part in parts if part not in others and part in asked]
        if parts and (all(part in asked for part in parts) or telling):
            positions[name] = _position(parts, telling, asked)
    return sorted(positions, key=lambda name: positions[name])


def _position(parts: Sequence[str], telling: Sequence[str], asked: Sequence[str]) -> int:
    """Return where a question names a column: all words of it in a row, or else the first that tells it apart."""
    whole = (start for start in range(len(asked)) if asked[start : start + len(parts)] == parts)
    return next(whole, min(asked.index(part) for part in telling or parts if part in asked))


def _stems(column: str) -> list[str]:
    parts = [part.lower() for part in _LETTERS.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column))]
    return [_stem(part) for part in parts if part not in _UNITS] or parts


def _stem(part: str) -> str:
    return part[:-1] if len(part) > 3 and part.endswith("s") and not part.endswith(("ss", "ies")) else part


def plan(table: JsonObject, question: str) -> list[Chart]:
    """Return the charts for a question: those it names, then those that suit the table."""
    named = mentioned(question, table["columns"])
    charts = list(dict.fromkeys(_asked_for(table, named)))
    if charts:
        return charts[:MOST_CHARTS]
    return list(dict.fromkeys(_suitable(table)))[:MOST_CHARTS]


def _of_kind(table: JsonObject, kind: str, names: Sequence[str] | None = None) -> list[str]:
    matching = [column["name"] for column in table["columns"] if column["kind"] == kind]
    return matching if names is None else [name for name in names if name in matching]


def _asked_for(table: JsonObject, named: Sequence[str]) -> Iterator[Chart]:
    numbers, groups = _of_kind(table, "number", named), _of_kind(table, "group", named)
    dates = _of_kind(table, "date", named)
    yield from (_line(table, date, number) for date in dates for number in numbers)
    if len(numbers) >= 2:
        yield _cloud(table, numbers[1], numbers[0], groups)  # "a against b": a is drawn upwards
    yield from (_boxes(table, group, number) for group in groups for number in numbers)
    if numbers:
        yield Chart("hist", numbers[0], hue=_hue(table, groups))
    if groups and not numbers:
        yield Chart("count", groups[0])
        yield from (_boxes(table, groups[0], number) for number in (table["split"] or ())[:1])


def _suitable(table: JsonObject) -> Iterator[Chart]:
    finest = sorted(_columns(table, "number"), key=lambda column: -int(column["distinct"]))
    numbers, groups = [column["name"] for column in finest], _of_kind(table, "group")
    yield from (_line(table, date, number) for date in _of_kind(table, "date")[:1] for number in numbers[:1])
    if table["pair"]:
        x, y = table["pair"]
        yield _cloud(table, x, y, ())
    if table["split"]:
        number, group = table["split"]
        yield _boxes(table, group, number)
    yield from (Chart("hist", number, hue=_hue(table, ())) for number in numbers)
    yield from (Chart("count", group) for group in groups)
    texts = (column for column in _columns(table, "text") if 1 < column["distinct"] < table["rows"] / 2)
    yield from (Chart("count", column["name"]) for column in texts)
    yield from (Chart("rows", number) for number in numbers[:1])


def _columns(table: JsonObject, kind: str) -> list[JsonObject]:
    return [column for column in table["columns"] if column["kind"] == kind]


def _line(table: JsonObject, date: str, number: str) -> Chart:
    column = next(column for column in table["columns"] if column["name"] == date)
    return Chart("line", date, number, every=column.get("every"))


def _cloud(table: JsonObject, x: str, y: str, groups: Sequence[str]) -> Chart:
    """Return single points or, where these would hide one another, how many there are where."""
    if table["rows"] > DENSE:
        return Chart("density", x, y)
    return Chart("scatter", x, y, hue=_hue(table, groups))


def _boxes(table: JsonObject, group: str, number: str) -> Chart:
    """Return boxes side by side or, when their names would run into one another, below each other."""
    column = next(column for column in table["columns"] if column["name"] == group)
    return Chart("boxes" if column["distinct"] * column["longest"] > WIDE else "box", group, number)


def _hue(table: JsonObject, named: Sequence[str]) -> str | None:
    """Return the column that colours a chart: one that is named, or the most telling one."""
    candidates = [*named, *(table["split"] or ())[1:]]
    few = {column["name"] for column in table["columns"] if 2 <= column["distinct"] <= FEW_COLOURS}
    return next((name for name in candidates if name in few), None)
