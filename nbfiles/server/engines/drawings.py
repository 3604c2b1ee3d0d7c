"""The code of a built-in profile: what it prints, and how each kind of chart is drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nbfiles.server.engines.profile import DENSE, Chart, label

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
{series}.plot(ax=ax, linewidth=2)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="{ylabel}")
ax.grid(axis="y", alpha=0.3)
"""
_DENSITY = """
fig, ax = plt.subplots()
known = df[[{x}, {y}]].dropna()
drawn = ax.hexbin(known[{x}], known[{y}], gridsize=60, bins="log", mincnt=1)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="{ylabel}")
fig.colorbar(drawn, label="Rows")
"""
_ROWS = """
fig, ax = plt.subplots()
df[{x}].reset_index(drop=True).plot(ax=ax, linewidth=1)
ax.set(title="{title}", xlabel="Row", ylabel="{xlabel}")
"""
_HIST_BY = """
fig, ax = plt.subplots()
names = sorted(df[{hue}].dropna().unique())
groups = [df.loc[df[{hue}] == name, {x}].dropna() for name in names]
ax.hist(groups, bins={bins}, stacked=True, alpha=0.8, label=names)
ax.set(title="{title}", xlabel="{xlabel}", ylabel="Rows")
ax.legend(title="{huelabel}")
"""
_HIST = """
fig, ax = plt.subplots()
ax.hist(df[{x}].dropna(), bins={bins}, alpha=0.8, edgecolor="white")
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


def code(table: dict[str, Any], charts: Sequence[Chart]) -> str:
    """Return the program that profiles a table and draws the charts."""
    dates = "".join(f"df[{_quoted(name)}] = pd.to_datetime(df[{_quoted(name)}])\n" for name in table["dates"])
    stem = "_".join(_WORD.findall(table["name"].rsplit(".", 1)[0])) or "table"
    measures = (_MEASURES if table["measures"] else _COUNTS).format(stem=stem, out="{out}")
    head = _HEAD.format(measures=measures, loader=table["loader"], dates=dates, stem=stem)
    bins = '"auto"' if table["rows"] <= DENSE else "60"
    return head + "".join(_drawing(chart, bins) for chart in charts) + (_CLOSE if charts else "")


def series(chart: Chart) -> str:
    """Return the expression of a line: means by moment, or by a day, week, month or year of many moments."""
    by = (
        f"pd.Grouper(key={_quoted(chart.x)}, freq={_quoted(chart.every)})"
        if chart.every
        else _quoted(chart.x)
    )
    return f"df.groupby({by})[{_quoted(chart.y)}].mean().dropna()"


def _drawing(chart: Chart, bins: str) -> str:
    templates = {
        ("box", False): _BOX,
        ("boxes", False): _BOXES,
        ("scatter", True): _SCATTER_BY,
        ("scatter", False): _SCATTER,
        ("density", False): _DENSITY,
        ("rows", False): _ROWS,
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
        bins=bins,
        series=series(chart),
    )


def _quoted(name: str | None) -> str:
    """Return a column's name as a Python string in double quotes."""
    return '"' + _inside(name or "") + '"'


def _inside(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
