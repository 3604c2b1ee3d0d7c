"""The text of workbooks, sheet by sheet and row by row, as python-calamine reads them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.ooxml import one_line

_MOST_EXACT = 2**53  # beyond which a number of Excel is not exact
# Parts of a workbook of which nothing is in its cells, by how their names begin.
_PARTS = (
    (re.compile(r"xl/charts/chart\d+\.xml|xl/charts/chartEx\d+\.xml|Object [^/]+/content\.xml"), "chart"),
    (re.compile(r"xl/media/[^/]+|Pictures/[^/]+"), "image"),
    (re.compile(r"xl/(?:worksheets/)?comments/?[^/]*\d+\.xml"), "part with comments"),
)


def workbook(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield every sheet, row by row; sheets that are hidden are marked, and a sheet of a chart is left out."""
    import python_calamine as library

    book = library.CalamineWorkbook.from_path(str(path))
    _count(path, left_out)
    for sheet in book.sheets_metadata:
        if sheet.typ != library.SheetTypeEnum.WorkSheet:
            continue
        is_hidden = sheet.visible != library.SheetVisibleEnum.Visible
        yield f"# {sheet.name}{' (hidden)' if is_hidden else ''}"
        for row in book.get_sheet_by_name(sheet.name).iter_rows():
            yield one_line(map(cell_text, row))


def cell_text(cell: Any) -> str:
    """Return a cell as a person would write it: 1005 and not 1005.0, a day without midnight."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _MOST_EXACT:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return str(cell.date())
    return str(cell)


def _count(path: Path, left_out: LeftOut) -> None:
    """Count charts, images and comments; a workbook from before 2007 does not say them."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for pattern, noun in _PARTS:
                left_out[noun] += pattern.fullmatch(name) is not None
