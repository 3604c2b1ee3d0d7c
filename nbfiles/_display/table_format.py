"""Small tables, in HTML and as aligned text."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._display.sanitize import attribute, clean, escape

CELL_WIDTH = 60  # characters; longer cells are cut in the middle, where names differ least

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


def short(text: str, width: int = CELL_WIDTH) -> str:
    """Cut a long text in the middle, on one line."""
    text = " ".join(text.split())
    half = (width - 1) // 2
    return text if len(text) <= width else f"{text[:half]}…{text[-half:]}"


def _cell(text: str, width: int) -> str:
    full = f" title='{attribute(text)}'" if len(text) > width else ""
    return f"<td style='text-align:left'{full}>{escape(short(text, width))}</td>"
