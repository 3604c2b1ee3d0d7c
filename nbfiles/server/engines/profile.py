"""The built-in profile: which charts suit a table and a question, as the code that draws them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MOST_CHARTS = 3
WIDE = 70  # characters of tick labels that fit below a chart
FEW_COLOURS = 6  # groups up to which colours can be told apart

_UNIT_NAMES = "g kg mg t mm cm m km s ms min h hz w kw kwh c f k usd eur gbp pct percent sqft sqm l ml"
_UNITS = frozenset(_UNIT_NAMES.split())
_CURRENCIES = ("usd", "eur", "gbp")
_WORD = re.compile(r"[^\W_]+")

_HEAD = """\
import os

import matplotlib.pyplot as plt
import pandas as pd

out = os.environ["OUTPUT_DIR"]
df = {loader}
{dates}
print(f"{{len(df):,}} rows, {{df.shape[1]}} columns\\n")
print(pd.DataFrame({{"type": df.dtypes, "missing": df.isna().sum(), "distinct": df.nunique()}}).to_string())
{measures}
plt.rcParams.update({{
    "figure.figsize": (9, 5.6), "figure.constrained_layout.use": True, "font.size": 12,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 15,
    "axes.titlelocation": "left", "axes.titlepad": 14, "legend.frameon": False,
}})
"""
_MEASURES = """\
summary = df.describe(include="number").T.round(2)
print("\\n" + summary.to_string())
summary.to_csv(f"{{out}}/{stem}_summary.csv", index_label="column")
"""
_COUNTS = """\
df.describe(include="all").T.to_csv(f"{{out}}/{stem}_summary.csv", index_label="column")
"""
_BOX = """
order = df.groupby({x})[{y}].median().sort_values().index
fig, ax = plt.subplots()
groups = [df.loc[df[{x}] == name, {y}].dropna() for name in order]
boxes = ax.boxplot(groups, tick_labels=order, widths=0.5, patch_artist=True, medianprops={{"color": "black"}})
for box, colour in zip(boxes["boxes"], plt.cm.tab10.colors):
    box.set(facecolor=colour, alpha=0.6)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="{ylabel}")
"""
_BOXES = """
order = df.groupby({x})[{y}].median().sort_values().index
fig, ax = plt.subplots()
groups = [df.loc[df[{x}] == name, {y}].dropna() for name in order]
ax.boxplot(groups, tick_labels=order, orientation="horizontal", widths=0.6, patch_artist=True,
           boxprops={{"facecolor": "lightblue"}}, medianprops={{"color": "black"}})
ax.set(title="{title}", ylabel="{xlabel}", xlabel="{ylabel}")
"""
_SCATTER_BY = """
fig, ax = plt.subplots()
for name, group in df.groupby({hue}):
    ax.scatter(group[{x}], group[{y}], s=30, alpha=0.7, linewidth=0, label=name)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="{ylabel}")
ax.legend(title="{huelabel}")
"""
_SCATTER = """
fig, ax = plt.subplots()
ax.scatter(df[{x}], df[{y}], s=30, alpha=0.7, linewidth=0)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="{ylabel}")
"""
_LINE = """
fig, ax = plt.subplots()
df.groupby({x})[{y}].mean().plot(ax=ax, linewidth=2)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="{ylabel}")
ax.grid(axis="y", alpha=0.3)
"""
_HIST_BY = """
fig, ax = plt.subplots()
names = sorted(df[{hue}].dropna().unique())
groups = [df.loc[df[{hue}] == name, {x}].dropna() for name in names]
ax.hist(groups, bins="auto", stacked=True, alpha=0.8, label=names)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="Rows")
ax.legend(title="{huelabel}")
"""
_HIST = """
fig, ax = plt.subplots()
ax.hist(df[{x}].dropna(), bins="auto", alpha=0.8, edgecolor="white")
ax.set(title="{title}", xlabel="{xlabel}", ylabel="Rows")
"""
_COUNT = """
counts = df[{x}].value_counts().head(12).sort_values()
fig, ax = plt.subplots()
ax.bar_label(ax.barh(counts.index.astype(str), counts, alpha=0.8), fmt="{{:,.0f}}", padding=4)
ax.set(title="{title}", ylabel="{xlabel}", xlabel="Rows")
"""
_SAVE = 'fig.savefig(f"{{out}}/{name}.png", dpi=100)\n'
_CLOSE = 'plt.close("all")\n'


@dataclass(frozen=True)
class Chart:
    """One chart: what is drawn against what."""

    kind: str
    x: str
    y: str | None = None
    hue: str | None = None

    @property
    def title(self) -> str:
        """What the chart shows, in words."""
        match self.kind:
            case "scatter":
                return f"{label(self.y)} against {lower(self.x)}"
            case "hist":
                return f"Distribution of {lower(self.x)}"
            case "count":
                return f"Rows by {lower(self.x)}"
            case "line":
                return f"{label(self.y)} over time"
            case _:
                return f"{label(self.y)} by {lower(self.x)}"

    @property
    def filename(self) -> str:
        """A file name made of the title's words, without extension."""
        return "_".join(_WORD.findall(self.title.lower()))[:80]


def label(column: str | None, *, unit: bool = False) -> str:
    """Return a column's name as words: body_mass_g → Body mass, or with its unit, Body mass (g)."""
    words = _WORD.findall(column or "")
    measured = words.pop() if len(words) > 1 and words[-1].lower() in _UNITS else ""
    text = " ".join(words) or str(column)
    text = text[:1].upper() + text[1:]
    if not (measured and unit):
        return text
    return f"{text} ({measured.upper() if measured.lower() in _CURRENCIES else measured})"


def lower(column: str | None) -> str:
    """Return a column's name as words within a sentence; acronyms keep their capitals."""
    text = label(column)
    return text if len(text) > 1 and text[:2].isupper() else text[:1].lower() + text[1:]


def mentioned(question: str, columns: Sequence[dict[str, Any]]) -> list[str]:
    """Return the columns that a question names, in its order."""
    asked = [_stem(word) for word in _WORD.findall(question.lower())]
    stems = {column["name"]: _stems(column["name"]) for column in columns}
    places: dict[str, int] = {}
    for name, parts in stems.items():
        others = {part for other, theirs in stems.items() if other != name for part in theirs}
        telling = [part for part in parts if part not in others and part in asked]
        if parts and (all(part in asked for part in parts) or telling):
            places[name] = min(asked.index(part) for part in parts if part in asked)
    return sorted(places, key=lambda name: places[name])


def _stems(column: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column))]
    return [_stem(word) for word in words if word not in _UNITS] or words


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "ies")) else word


def plan(table: dict[str, Any], question: str) -> list[Chart]:
    """Return the charts for a question: those it names, then those that suit the table."""
    named = mentioned(question, table["columns"])
    charts = list(dict.fromkeys(_asked_for(table, named)))
    if charts:
        return charts[:MOST_CHARTS]
    return list(dict.fromkeys(_suitable(table)))[:MOST_CHARTS]


def _of_kind(table: dict[str, Any], kind: str, names: Sequence[str] | None = None) -> list[str]:
    found = [column["name"] for column in table["columns"] if column["kind"] == kind]
    return found if names is None else [name for name in names if name in found]


def _asked_for(table: dict[str, Any], named: Sequence[str]) -> Iterator[Chart]:
    numbers, groups = _of_kind(table, "number", named), _of_kind(table, "group", named)
    dates = _of_kind(table, "date", named)
    yield from (Chart("line", date, number) for date in dates for number in numbers)
    yield from (_boxes(table, group, number) for group in groups for number in numbers)
    if len(numbers) >= 2:
        yield Chart("scatter", numbers[0], numbers[1], hue=_hue(table, groups))
    if numbers:
        yield Chart("hist", numbers[0], hue=_hue(table, groups))
    if groups and not numbers:
        yield Chart("count", groups[0])
        yield from (_boxes(table, groups[0], number) for number in (table["split"] or ())[:1])


def _suitable(table: dict[str, Any]) -> Iterator[Chart]:
    numbers, groups = _of_kind(table, "number"), _of_kind(table, "group")
    yield from (Chart("line", date, number) for date in _of_kind(table, "date")[:1] for number in numbers[:1])
    if table["pair"]:
        x, y = table["pair"]
        yield Chart("scatter", x, y, hue=_hue(table, ()))
    if table["split"]:
        number, group = table["split"]
        yield _boxes(table, group, number)
    yield from (Chart("hist", number, hue=_hue(table, ())) for number in numbers)
    yield from (Chart("count", group) for group in groups)


def _boxes(table: dict[str, Any], group: str, number: str) -> Chart:
    """Return boxes side by side or, when their names would run into one another, below each other."""
    column = next(column for column in table["columns"] if column["name"] == group)
    return Chart("boxes" if column["distinct"] * column["longest"] > WIDE else "box", group, number)


def _hue(table: dict[str, Any], named: Sequence[str]) -> str | None:
    """Return the column that colours a chart: one that is named, or the most telling one."""
    candidates = [*named, *(table["split"] or ())[1:]]
    few = {column["name"] for column in table["columns"] if 2 <= column["distinct"] <= FEW_COLOURS}
    return next((name for name in candidates if name in few), None)


def code(table: dict[str, Any], charts: Sequence[Chart]) -> str:
    """Return the program that profiles a table and draws the charts."""
    dates = "".join(f"df[{_quoted(name)}] = pd.to_datetime(df[{_quoted(name)}])\n" for name in table["dates"])
    stem = "_".join(_WORD.findall(table["name"].rsplit(".", 1)[0])) or "table"
    measures = (_MEASURES if table["measures"] else _COUNTS).format(stem=stem, out="{out}")
    head = _HEAD.format(measures=measures, loader=table["loader"], dates=dates, stem=stem)
    return head + "".join(map(_drawing, charts)) + (_CLOSE if charts else "")


def _drawing(chart: Chart) -> str:
    templates = {
        ("box", False): _BOX,
        ("boxes", False): _BOXES,
        ("scatter", True): _SCATTER_BY,
        ("scatter", False): _SCATTER,
        ("line", False): _LINE,
        ("hist", True): _HIST_BY,
        ("hist", False): _HIST,
        ("count", False): _COUNT,
    }
    template = templates[chart.kind, chart.hue is not None] + _SAVE
    return template.format(
        x=_quoted(chart.x),
        y=_quoted(chart.y),
        hue=_quoted(chart.hue),
        title=_inside(chart.title),
        xlabel=_inside(label(chart.x, unit=True)),
        ylabel=_inside(label(chart.y, unit=True)),
        huelabel=_inside(label(chart.hue)),
        name=chart.filename,
    )


def _quoted(name: str | None) -> str:
    """Return a column's name as a Python string in double quotes."""
    return '"' + _inside(name or "") + '"'


def _inside(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
