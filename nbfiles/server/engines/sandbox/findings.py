"""The closing words of a profile: numbers that the code computed, as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from nbfiles.server.engines.quotes.prose import on_a_line
from nbfiles.server.engines.sandbox.profile import Chart, label, lower
from nbfiles.server.json_types import JsonObject

STRONG, WEAK = 0.7, 0.3  # absolute correlation from which two measures are strongly, or barely, correlated


def summary(table: JsonObject, charts: Sequence[Chart], facts: Sequence[JsonObject]) -> str:
    """Return what was found, in Markdown."""
    lines = [f"- {_sentence(chart, fact)}" for chart, fact in zip(charts, facts, strict=False)]
    return "\n".join([_size(table), "", *lines])


def _size(table: JsonObject) -> str:
    columns = table["columns"]
    rows, width = _counted(table["rows"], "row"), _counted(len(columns), "column")
    head = f"**{on_a_line(table['name'])}** has {rows} and {width}"
    gaps = sum(column["missing"] for column in columns)
    if not gaps:
        return f"{head}; no value is missing."
    worst = max(columns, key=lambda column: column["missing"])
    verb = "value is" if gaps == 1 else "values are"
    where = f"*{on_a_line(worst['name'])}*"
    if worst["missing"] == gaps:
        return f"{head}; {gaps:,} {verb} missing, all in {where}."
    return f"{head}; {gaps:,} {verb} missing, most in {where} ({worst['missing']:,})."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _sentence(chart: Chart, fact: JsonObject) -> str:
    match chart.kind:
        case "box" | "boxes":
            return _comparison(chart, fact)
        case "scatter" | "density":
            return _relation(chart, fact)
        case "line":
            first, last, high = fact["first"], fact["last"], fact["high"]
            course = f"from {number(first[1])} ({first[0]}) to {number(last[1])} ({last[0]})"
            return f"Mean {_name(chart.y)} goes {course}; the highest is {number(high[1])} ({high[0]})."
        case "count":
            (name, count), rows = fact["high"], fact["rows"]
            share = f"{number(count)} of {rows:,} rows"
            return f"The most frequent {_name(chart.x)} is **{on_a_line(name)}**: {share}."
        case _:
            span, middle = f"{number(fact['low'])} and {number(fact['high'])}", number(fact["middle"])
            return f"Half of all {_name(chart.x)} values lie between {span}; the median is {middle}."


def _comparison(chart: Chart, fact: JsonObject) -> str:
    (lowest, low), (highest, high) = fact["low"], fact["high"]
    top = f"highest for **{on_a_line(highest)}** ({number(high)})"
    return f"Median {_name(chart.y)} is {top} and lowest for **{on_a_line(lowest)}** ({number(low)})."


def _relation(chart: Chart, fact: JsonObject) -> str:
    r = fact["r"]
    strength = "strongly " if abs(r) >= STRONG else "barely " if abs(r) < WEAK else ""
    sign = "negatively " if r <= -WEAK else ""
    pair = f"{label(chart.x)} and {_name(chart.y)}"
    return f"{on_a_line(pair)} are {strength}{sign}correlated (r = {r:.2f}, {fact['rows']:,} rows)."


def _name(column: str | None) -> str:
    return on_a_line(lower(column))


def number(value: float) -> str:
    """Return a number with as many digits as a sentence bears."""
    if not isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
