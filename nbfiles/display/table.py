"""Small tables, in HTML and as aligned text."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles.display.safe import clean, escape

CELL_WIDTH = 60  # characters; longer cells are cut in the middle, where names differ least

Row = Sequence[str]


def html(headers: Row, rows: Sequence[Row], caption: str = "") -> str:
    """Return an HTML table of escaped cells, left-aligned, with a caption where there is one."""
    title = f"<caption style='text-align:left'>{escape(caption)}</caption>" if caption else ""
    head = "".join(f"<th style='text-align:left'>{escape(cell)}</th>" for cell in headers)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def plain(headers: Row, rows: Sequence[Row]) -> str:
    """Return the same table as text in aligned columns."""
    cells = [[short(clean(cell)) for cell in row] for row in [headers, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(line.rstrip() for line in lines)


def short(text: str, width: int = CELL_WIDTH) -> str:
    """Cut a long text in the middle, on one line."""
    text = " ".join(text.split())
    half = (width - 1) // 2
    return text if len(text) <= width else f"{text[:half]}…{text[-half:]}"


def _cell(text: str) -> str:
    full = f" title='{escape(text)}'" if len(text) > CELL_WIDTH else ""
    return f"<td style='text-align:left'{full}>{escape(short(text))}</td>"
