"""What a container can tell of a table. Runs inside it, as source text; the server never imports pandas.

The text is constant: names come as arguments. Columns are called by texts, no two of them alike.
"""

from __future__ import annotations

import csv
from importlib.util import find_spec
from itertools import chain, count
from math import inf
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd  # type: ignore[import-untyped]

Record: TypeAlias = dict[str, Any]  # JSON
Frame: TypeAlias = Any  # pandas has no types
Series: TypeAlias = Any
FEW = 12  # distinct values up to which a column groups the rows, and a chart of groups stays legible
MOST_MOMENTS = 200  # points of a line; more are drawn as means
LEAST_SHARE = 0.01  # of a measure's variance that a group explains, to be worth a chart
MOST_COLUMNS = 2000  # of a table that is profiled: pandas takes minutes for a million
SAMPLE = 64 * 1024  # bytes that decide on a delimiter and an encoding
NESTED_ROWS = 1000  # looked at for lists and objects, which JSON and Parquet have in cells
READERS = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet, "excel": pd.read_excel}
UNITS_OF_TIME = ("year", "jahr", "année")


class TooWide(ValueError):
    """A table has too many columns to look at each."""


def describe(name: str) -> Record:
    """Return how to load a file and what its columns are."""
    frame, how = _loaded(name)
    columns = [_column(frame, column) for column in frame.columns]
    return {
        "name": name,
        **how,
        "rows": len(frame),
        "measures": bool(frame.select_dtypes("number").shape[1]),
        "columns": columns,
        "pair": _pair(frame, columns),
        "split": _split(frame, columns),
    }


def frame_of(name: str) -> Frame:
    """Return the table of a file."""
    return _loaded(name)[0]


def _loaded(name: str) -> tuple[Frame, Record]:
    """Return the table, and how it is read, what is done to it, and which of its columns are dates."""
    reader, options = _reader(name)
    if reader == "csv":
        with Path(name).open("rb") as file:
            _check_width(file.readline().count(options.get("sep", ",").encode()) + 1)
    frame = READERS[reader](name, **options)
    _check_width(frame.shape[1])
    names = _names_of(frame)
    renamed = names != list(frame.columns)
    frame.columns = pd.Index(names)
    objects = frame.loc[:, [pd.api.types.is_object_dtype(kind) for kind in frame.dtypes]]
    nested = bool(objects.head(NESTED_ROWS).map(lambda cell: cell.__hash__ is None).any(axis=None))
    if nested:  # what is counted must be hashable
        frame = frame.map(lambda cell: str(cell) if cell.__hash__ is None else cell)
    dates = [column for column in names if _is_date(frame[column])]
    for column in dates:
        frame[column] = pd.to_datetime(frame[column])
    how = {"reader": reader, "options": options, "renamed": renamed, "nested": nested, "dates": dates}
    return frame, how


def _check_width(columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise ValueError(
            f"it has {columns:,} columns, more than the {MOST_COLUMNS:,} that are looked at without a program"
        )


def _names_of(frame: Frame) -> list[str]:
    """Return a text for each column, no two alike; workbooks have numbers and moments as names."""
    names: dict[str, None] = {}
    for column in frame.columns:
        text = str(column).encode(errors="replace").decode()
        candidates = chain((text,), (f"{text}.{number}" for number in count(1)))
        names[next(name for name in candidates if name not in names)] = None
    return list(names)


def _reader(name: str) -> tuple[str, Record]:
    """Return which of the READERS takes a file, and with which options."""
    readers: dict[str, tuple[str, Record]] = {
        ".json": ("json", {}),
        ".jsonl": ("json", {"lines": True}),
        ".ndjson": ("json", {"lines": True}),
        ".parquet": ("parquet", {}),
        ".xlsx": ("excel", {"engine": _engine()}),
        ".xls": ("excel", {}),
    }
    suffix = Path(name).suffix.lower()
    return readers.get(suffix) or ("csv", _dialect(Path(name).read_bytes()[:SAMPLE]))


def _engine() -> str:
    """Return what reads workbooks: calamine is ten times as fast."""
    return "calamine" if find_spec("python_calamine") else "openpyxl"


def _dialect(head: bytes) -> Record:
    """Return the options that read_csv needs."""
    encoding = "utf-8"
    try:
        text = head[:-4].decode(encoding) if len(head) == SAMPLE else head.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", head.decode("latin-1")
    try:
        delimiter = csv.Sniffer().sniff(text, delimiters=",;\t|").delimiter
    except csv.Error:
        delimiter = ","
    options = {"sep": delimiter} if delimiter != "," else {}
    return options | ({"encoding": encoding} if encoding != "utf-8" else {})


def _is_date(values: Series) -> bool:
    """Return whether a column of texts reads as dates throughout."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return True
    present = values.dropna()
    if not pd.api.types.is_string_dtype(present) or present.empty or not present.head(50).str.contains(r"\d{4}").all():
        return False
    return bool(pd.to_datetime(present.head(1000), errors="coerce", format="ISO8601").notna().all())


def _column(frame: Frame, name: str) -> Record:
    values = frame[name]
    distinct = int(values.map(str).nunique()) if values.dtype == object else int(values.nunique())
    return {
        "name": name,
        "kind": _kind(name, values, distinct),
        "every": _every(values, distinct),
        "distinct": distinct,
        "longest": int(values.dropna().astype(str).str.len().max()) if 0 < distinct <= FEW else 0,
        "missing": int(values.isna().sum()),
    }


def _every(values: Series, distinct: int) -> str | None:
    """Return the length of a moment, such that a line has not too many of them."""
    if distinct <= MOST_MOMENTS or not pd.api.types.is_datetime64_any_dtype(values):
        return None
    days = (values.max() - values.min()).days
    lengths = (("h", 1 / 24), ("D", 1), ("W", 7), ("MS", 30), ("YS", 365))
    return next((code for code, length in lengths if days <= length * MOST_MOMENTS), "YS")


def _kind(name: str, values: Series, distinct: int) -> str:
    if distinct == 0:
        return "text"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        endless = values.abs().max() == inf  # no chart has room for it
        return "text" if endless else _kind_of_number(name.lower(), values, distinct)
    return "group" if 2 <= distinct <= FEW else "text"


def _kind_of_number(name: str, values: Series, distinct: int) -> str:
    """Tell measures from years, row numbers and codes."""
    whole = pd.api.types.is_integer_dtype(values)
    if whole and name in UNITS_OF_TIME:
        return "date" if distinct > 5 else "group"
    if whole and (name == "id" or name.endswith("_id") or name.startswith("unnamed")):
        return "text"
    if whole and len(values) > FEW and values.diff().dropna().eq(1).all():
        return "text"
    few = distinct <= 5 or (distinct <= FEW and len(values) > MOST_MOMENTS)
    return "group" if whole and distinct >= 2 and few else "number"


def _names(columns: list[Record], kind: str) -> list[str]:
    return [column["name"] for column in columns if column["kind"] == kind][:30]


def _pair(frame: Frame, columns: list[Record]) -> list[str] | None:
    """Return the two measures that go together most."""
    numbers = _names(columns, "number")
    strength = frame[numbers].corr().abs().stack().dropna()
    strength = strength[[one < other for one, other in strength.index]]
    if strength.empty:
        return None
    one, other = strength.idxmax()
    return sorted([one, other], key=numbers.index)


def _split(frame: Frame, columns: list[Record]) -> list[str] | None:
    """Return the measure and the group that explains most of it."""
    best, best_pair = LEAST_SHARE, None
    for number in _names(columns, "number"):
        for group in _names(columns, "group"):
            present = frame[[number, group]].dropna()
            means = present.groupby(group)[number].transform("mean")
            share = means.var() / present[number].var() if len(present) > 2 else 0.0
            if share > best:
                best, best_pair = share, [number, group]
    return best_pair


def facts(frame: Frame, charts: list[Record]) -> list[Record]:
    """Return for each chart the numbers that are worth saying."""
    return [_facts(frame, **chart) for chart in charts]


def _facts(frame: Frame, kind: str, x: str, y: str | None, every: str | None) -> Record:
    if kind in ("box", "boxes"):
        middle = frame.groupby(x)[y].median().dropna().sort_values()
        return {"low": _entry(middle, 0), "high": _entry(middle, -1)}
    if kind in ("scatter", "density"):
        present = frame[[x, y]].dropna()
        return {"r": float(present[x].corr(present[y])), "rows": len(present)}
    if kind == "line":
        by = pd.Grouper(key=x, freq=every) if every else x
        series = frame.groupby(by)[y].mean().dropna()
        return {
            "first": _entry(series, 0),
            "last": _entry(series, -1),
            "high": _entry(series.sort_values(), -1),
        }
    if kind == "count":
        counts = frame[x].value_counts()
        return {"high": _entry(counts, 0), "rows": int(counts.sum())}
    values = frame[x].dropna()
    low, middle, high = (float(values.quantile(share)) for share in (0.25, 0.5, 0.75))
    return {"low": low, "middle": middle, "high": high}


def _entry(series: Series, position: int) -> list[object]:
    if series.empty:
        return ["", 0.0]
    label = series.index[position]
    text = str(label.date() if hasattr(label, "date") else label)
    return [text.encode(errors="replace").decode(), float(series.iloc[position])]
