"""The program of a built-in profile: what it prints, and how each kind of chart is drawn.

It is put together of constants; all names and titles come in `inputs` (see programs.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbfiles.redact import redact
from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox.profile import DENSE, LONGEST_NAME, Chart, label
from nbfiles.server.json_types import JsonObject

_LETTERS = re.compile(r"[^\W_]+")

_HEAD = """
import os

import matplotlib.pyplot as plt
import pandas as pd

out = os.environ["OUTPUT_DIR"]
"""
_READ = {
    "csv": 'df = pd.read_csv(inputs["file"], **inputs["options"])\n',
    "json": 'df = pd.read_json(inputs["file"], **inputs["options"])\n',
    "parquet": 'df = pd.read_parquet(inputs["file"], **inputs["options"])\n',
    "excel": 'df = pd.read_excel(inputs["file"], **inputs["options"])\n',
}
_RENAME = 'df.columns = inputs["columns"]\n'
_FLATTEN = "df = df.map(lambda cell: str(cell) if cell.__hash__ is None else cell)\n"
_DATES = """\
for name in inputs["dates"]:
    df[name] = pd.to_datetime(df[name])
"""
_PRINT = """
print(f"{len(df):,} rows, {df.shape[1]} columns\\n")
print(pd.DataFrame({"type": df.dtypes, "missing": df.isna().sum(), "distinct": df.nunique()}).to_string())
"""
_MEASURES = """
summary = df.describe(include="number").T.round(2)
print("\\n" + summary.to_string())
summary.to_csv(f"{out}/{inputs['summary']}", index_label="column")
"""
_COUNTS = """
df.describe(include="all").T.to_csv(f"{out}/{inputs['summary']}", index_label="column")
"""
_STYLE = """
plt.rcParams.update({
    "figure.figsize": (9, 5.6), "figure.constrained_layout.use": True, "font.size": 12,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 15, "text.parse_math": False,
    "axes.titlelocation": "left", "axes.titlepad": 14, "legend.frameon": False,
})
labels, charts = inputs["labels"], iter(inputs["charts"])
"""
_ONE = """
chart = next(charts)
x, title = chart["x"], chart["title"]
fig, ax = plt.subplots()
"""
_TWO = """
chart = next(charts)
x, y, title = chart["x"], chart["y"], chart["title"]
fig, ax = plt.subplots()
"""
_BOX = """\
order = df.groupby(x)[y].median().sort_values().index
groups = [df.loc[df[x] == name, y].dropna() for name in order]
boxes = ax.boxplot(groups, tick_labels=order, widths=0.5, patch_artist=True, medianprops={"color": "black"})
for box, colour in zip(boxes["boxes"], plt.cm.tab10.colors):
    box.set(facecolor=colour, alpha=0.6)
ax.set(title=title, xlabel=labels[x], ylabel=labels[y])
"""
_BOXES = """\
order = df.groupby(x)[y].median().sort_values().index
groups = [df.loc[df[x] == name, y].dropna() for name in order]
ax.boxplot(groups, tick_labels=order, orientation="horizontal", widths=0.6, patch_artist=True,
           boxprops={"facecolor": "lightblue"}, medianprops={"color": "black"})
ax.set(title=title, ylabel=labels[x], xlabel=labels[y])
"""
_SCATTER_BY = """\
for name, group in df.groupby(chart["hue"]):
    ax.scatter(group[x], group[y], s=30, alpha=0.7, linewidth=0, label=name)
ax.set(title=title, xlabel=labels[x], ylabel=labels[y])
ax.legend(title=labels[chart["hue"]])
"""
_SCATTER = """\
ax.scatter(df[x], df[y], s=30, alpha=0.7, linewidth=0)
ax.set(title=title, xlabel=labels[x], ylabel=labels[y])
"""
_LINE = """\
df.groupby(x)[y].mean().dropna().plot(ax=ax, linewidth=2)
ax.set(title=title, xlabel=labels[x], ylabel=labels[y])
ax.grid(axis="y", alpha=0.3)
"""
_LINE_OF_MEANS = """\
by = pd.Grouper(key=x, freq=chart["every"])
df.groupby(by)[y].mean().dropna().plot(ax=ax, linewidth=2)
ax.set(title=title, xlabel=labels[x], ylabel=labels[y])
ax.grid(axis="y", alpha=0.3)
"""
_DENSITY = """\
known = df[[x, y]].dropna()
drawn = ax.hexbin(known[x], known[y], gridsize=60, bins="log", mincnt=1)
ax.set(title=title, xlabel=labels[x], ylabel=labels[y])
fig.colorbar(drawn, label="Rows")
"""
_ROWS = """\
df[x].reset_index(drop=True).plot(ax=ax, linewidth=1)
ax.set(title=title, xlabel="Row", ylabel=labels[x])
"""
_HIST_BY = """\
hue = chart["hue"]
names = sorted(df[hue].dropna().unique())
groups = [df.loc[df[hue] == name, x].dropna() for name in names]
ax.hist(groups, bins=inputs["bins"], stacked=True, alpha=0.8, label=names)
ax.set(title=title, xlabel=labels[x], ylabel="Rows")
ax.legend(title=labels[hue])
"""
_HIST = """\
ax.hist(df[x].dropna(), bins=inputs["bins"], alpha=0.8, edgecolor="white")
ax.set(title=title, xlabel=labels[x], ylabel="Rows")
"""
_COUNT = """\
counts = df[x].value_counts().head(12).sort_values()
ax.bar_label(ax.barh(counts.index.astype(str), counts, alpha=0.8), fmt="{:,.0f}", padding=4)
ax.set(title=title, ylabel=labels[x], xlabel="Rows")
"""
_SAVE = "fig.savefig(f\"{out}/{chart['file']}\", dpi=100)\n"
_CLOSE = 'plt.close("all")\n'
_DRAWINGS = {
    "box": _TWO + _BOX,
    "boxes": _TWO + _BOXES,
    "scatter": _TWO + _SCATTER,
    "scatter by": _TWO + _SCATTER_BY,
    "density": _TWO + _DENSITY,
    "rows": _ONE + _ROWS,
    "line": _TWO + _LINE,
    "line of means": _TWO + _LINE_OF_MEANS,
    "hist": _ONE + _HIST,
    "hist by": _ONE + _HIST_BY,
    "count": _ONE + _COUNT,
}


def program(table: JsonObject, charts: Sequence[Chart]) -> Program:
    """Return the program that profiles a table and draws the charts."""
    parts = [
        _HEAD + reading(table) + _PRINT,
        _MEASURES if table["measures"] else _COUNTS,
        *([_STYLE] if charts else []),
        *(_drawing(chart) + _SAVE for chart in charts),
        _CLOSE if charts else "",
    ]
    return Program("".join(parts), _inputs(table, charts))


def reading(table: JsonObject) -> str:
    """Return the lines that read a table, as frames.py did."""
    renamed, nested = _RENAME if table["renamed"] else "", _FLATTEN if table["nested"] else ""
    return _READ[table["reader"]] + renamed + nested + (_DATES if table["dates"] else "")


def _inputs(table: JsonObject, charts: Sequence[Chart]) -> JsonObject:
    stem = "_".join(_LETTERS.findall(redact(table["name"].rsplit(".", 1)[0])))[:LONGEST_NAME] or "table"
    columns = {"columns": [column["name"] for column in table["columns"]]} if table["renamed"] else {}
    read = {"file": table["name"], "options": table["options"], **columns}
    dates = {"dates": table["dates"]} if table["dates"] else {}
    drawn = {
        "labels": {name: label(name, unit=True) for chart in charts for name in chart.columns},
        "bins": "auto" if table["rows"] <= DENSE else 60,
        "charts": [_chart(number, chart, charts) for number, chart in enumerate(charts)],
    }
    return {**read, **dates, "summary": f"{stem}_summary.csv", **(drawn if charts else {})}


def _chart(number: int, chart: Chart, charts: Sequence[Chart]) -> JsonObject:
    """Return what a drawing needs to know; two charts of one name are told apart by their number."""
    alike = sum(other.filename == chart.filename for other in charts[:number])
    parts = {"x": chart.x, "y": chart.y, "hue": chart.hue, "every": chart.every, "title": chart.title}
    named = {"file": f"{chart.filename}{f'_{alike + 1}' if alike else ''}.png"}
    return {key: value for key, value in parts.items() if value is not None} | named


def _drawing(chart: Chart) -> str:
    if chart.kind == "line" and chart.every:
        return _DRAWINGS["line of means"]
    return _DRAWINGS[f"{chart.kind} by" if chart.hue is not None else chart.kind]
