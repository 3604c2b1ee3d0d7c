"""A table of a page, row by row: a cell that is empty, or as wide as several, keeps its columns."""

from __future__ import annotations

LONG_CELL = 10  # lines of a cell, from which on it lays out a page and is no value
MOST_COLUMNS, MOST_ROWS = 1000, 65_534  # that a cell spans (HTML Standard, "Attributes common to td and th elements")


class PageTable:
    """The row that is being read, and the columns of the next ones that cells above it take up."""

    def __init__(self) -> None:
        self._cells: list[list[str]] | None = None
        self._has_lines = self._preformatted = False
        self._taken: dict[int, int] = {}  # column → rows that a cell from above still spans

    @property
    def in_cell(self) -> bool:
        """Whether a cell was begun."""
        return bool(self._cells)

    def begin_row(self) -> None:
        """Begin a row."""
        self._cells = []
        self._has_lines = self._preformatted = False

    def begin_cell(self, columns: str, rows: str) -> None:
        """Begin a cell that spans so many columns and rows."""
        if self._cells is None:
            self.begin_row()
        assert self._cells is not None
        self._skip_taken()
        more_rows = _number(rows, MOST_ROWS) - 1
        for _ in range(_number(columns, MOST_COLUMNS)):
            if more_rows:
                self._taken[len(self._cells)] = more_rows + 1
            self._cells.append([])
        self._current = self._cells[-_number(columns, MOST_COLUMNS)]

    def add(self, line: str, *, preformatted: bool) -> None:
        """Add a line to the cell."""
        self._current.append(line)
        self._has_lines = self._has_lines or bool(line)
        self._preformatted = self._preformatted or preformatted

    def take(self) -> list[str]:
        """Return what there is of the row, once: one line, or those of its cells where these lay out a page."""
        cells = self._cells or []
        if not self._has_lines:
            return []
        full = [cell for cell in cells if any(cell)]
        if (len(full) == 1 and len(full[0]) > 1) or self._preformatted or max(map(len, full)) > LONG_CELL:
            lines = [line for cell in full for line in cell]
        else:
            lines = [" | ".join(" ".join(filter(None, cell)) for cell in cells)]
        for cell in full:
            cell.clear()
        self._has_lines = self._preformatted = False
        return lines

    def end_row(self) -> None:
        """End the row."""
        if self._cells is None:
            return
        self._cells = None
        self._taken = {column: rows - 1 for column, rows in self._taken.items() if rows > 1}

    def _skip_taken(self) -> None:
        """Leave the columns empty that cells from above take up."""
        assert self._cells is not None
        while len(self._cells) in self._taken:
            self._cells.append([])


def _number(text: str, most: int) -> int:
    """Return a number of columns or rows, 1 for what is none."""
    return min(max(int(text), 1), most) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
