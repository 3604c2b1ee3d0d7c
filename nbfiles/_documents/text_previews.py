"""The beginning of a table or a text, from its first bytes, in plain Python: a table to recognise, never all of it."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO
from itertools import islice
from pathlib import Path

from nbfiles.records import JSON, Preview

ROWS, COLUMNS = 8, 12  # a table to recognise, not to read
NUMBER_CHARS = 8
CELL_CHARS = 500  # of a cell, which a pointer shows; a cell may have megabytes
LINES, LINE_CHARS = 8, 160  # of a text
MOST_JSON = 2_000_000  # bytes that are parsed; a longer file shows its first lines
MOST_READ = 2_000_000  # bytes of a table or a text; one line of it may have gigabytes
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What a spreadsheet program would run, if a person pasted it there (docs/security.md).
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")
_NUMBER = re.compile(r"\s*[+-]?[\d.,]+([eE][+-]?\d+)?%?\s*")


def _beginning(path: Path) -> StringIO:
    """Return the first whole lines of a text."""
    with path.open("rb") as handle:
        head = handle.read(MOST_READ)
    text = head.decode("utf-16" if head[:2] in _UTF_16 else "utf-8-sig", errors="replace")
    return StringIO(text if len(head) < MOST_READ else text[: text.rfind("\n") + 1], newline="")


def of_csv(path: Path) -> Preview:
    """Show the first rows of a table in text form."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    rows = list(islice(csv.reader(_beginning(path), delimiter=delimiter), ROWS + 2))
    preview = of_table([row for row in rows if row])
    if len(rows) < 2 and path.stat().st_size > MOST_READ:
        return replace(preview, notes=(*preview.notes, "Its rows are too long to be shown."))
    return preview


def of_json(path: Path) -> Preview:
    """Show the first objects of a list, or the first lines of anything else."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        data = [json.loads(line) for line in islice(_beginning(path), ROWS + 1)]
    elif path.stat().st_size > MOST_JSON:
        return of_text(path)
    else:
        data = json.loads(path.read_text(encoding="utf-8-sig", errors="replace"))
    if isinstance(data, list) and data and all(isinstance(row, dict) for row in data):
        return _objects(data[: ROWS + 1])
    return of_lines(json.dumps(data, indent=2, ensure_ascii=False).splitlines())


def _objects(data: Sequence[JSON]) -> Preview:
    names = list(dict.fromkeys(name for row in data for name in row))
    rows = [[_cell(row.get(name)) for name in names] for row in data]
    return of_table([names, *rows])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def of_text(path: Path) -> Preview:
    """Show the first lines of a text."""
    return of_lines(_beginning(path).read(LINES * 10 * LINE_CHARS).splitlines())


def of_lines(lines: Sequence[str]) -> Preview:
    """Keep the first lines, each cut where it is long."""
    kept_lines = [line[:LINE_CHARS] + " …" * (len(line) > LINE_CHARS) for line in lines[:LINES]]
    return Preview(lines=(*kept_lines, *(["…"] if len(lines) > LINES else []))) if kept_lines else Preview()


def of_table(rows: Sequence[Sequence[str]]) -> Preview:
    """Keep the first rows and columns, the first row as headers, and say what there is to know of the table."""
    cut = [[_number(cell[:CELL_CHARS]) for cell in row[:COLUMNS]] for row in rows[: ROWS + 1]]
    if not any(map(any, cut)):
        return Preview()
    width = max(map(len, cut))
    cells = tuple((*row, *[""] * (width - len(row))) for row in cut)
    return Preview(table=cells, notes=(*_left_out(rows), *_formulas(rows)))


def _left_out(rows: Sequence[Sequence[str]]) -> list[str]:
    columns = max(map(len, rows))
    parts = [f"the first {ROWS} rows"] if len(rows) > ROWS + 1 else []
    parts += [f"{COLUMNS} of {columns:,} columns"] if columns > COLUMNS else []
    return [f"Shown: {', '.join(parts)}."] if parts else []


def _formulas(rows: Sequence[Sequence[str]]) -> list[str]:
    count = sum(_is_formula(cell) for row in rows for cell in row)
    note = f"Cells that look like formulas: {count}. They are text here; a spreadsheet program may run them."
    return [note] if count else []


def _is_formula(cell: str) -> bool:
    return bool(_FORMULA.match(cell)) and not _NUMBER.fullmatch(cell)


def _number(cell: str) -> str:
    """Shorten a number of many digits; a preview is for recognising."""
    if len(cell) <= NUMBER_CHARS or "." not in cell:
        return cell
    try:
        return f"{float(cell):.{NUMBER_CHARS - 2}g}"
    except ValueError:
        return cell


BY_SUFFIX: dict[str, Callable[[Path], Preview]] = {
    **dict.fromkeys((".csv", ".tsv"), of_csv),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), of_json),
    **dict.fromkeys((".txt", ".md", ".log", ".py", ".rst", ".tex", ".yaml", ".yml", ".sql", ".r"), of_text),
}


def read(path: Path) -> Preview:
    """Return the beginning of a table or a text: its first lines, where it is broken; what cannot be read has none."""
    try:
        return BY_SUFFIX[path.suffix.lower()](path)
    except (ValueError, RecursionError, csv.Error):
        return of_text(path)
    except OSError:
        return Preview()
