"""The text of workbooks, sheet by sheet and row by row, as python-calamine reads them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.ooxml import one_line

_MOST_EXACT = 2**53  # beyond which a number of Excel is not exact


@dataclass(frozen=True, slots=True)
class _LeftOutPart:
    """What is not in the text of the cells: the parts that hold it, and its pattern in them.

    Without a pattern it is the part itself; a part without the `sign` is not searched for the pattern.
    """

    noun: str
    part: re.Pattern[str]
    sign: bytes = b""
    pattern: re.Pattern[bytes] | None = None

    def count(self, data: bytes) -> int:
        """Return how many there are in a part."""
        if self.pattern is None:
            return 1
        return len(self.pattern.findall(data)) if self.sign in data else 0


_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_LEFT_OUT = (
    _LeftOutPart("chart", re.compile(r"xl/charts/chart(?:Ex)?\d+\.xml|Object [^/]+/content\.xml")),
    _LeftOutPart("image", re.compile(r"xl/media/[^/]+|Pictures/[^/]+")),
    _LeftOutPart(
        "comment",
        re.compile(r"xl/(?:worksheets/)?comments/?[^/]*\.xml"),
        b"comment",
        re.compile(rb"<(?:\w+:)?comment[ >]"),
    ),
    _LeftOutPart("text box", re.compile(r"xl/drawings/drawing\d+\.xml"), b"txBody", re.compile(rb"<(?:\w+:)?txBody\b")),
    _LeftOutPart("error value", _SHEET, b't="e"', re.compile(rb'<(?:\w+:)?c\s[^<>]*?\bt="e"')),
    _LeftOutPart(
        "uncomputed formula",
        _SHEET,
        b"f>",
        re.compile(
            rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
        ),
    ),
)


def workbook(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield every sheet, row by row; sheets that are hidden are marked, and a sheet of a chart is left out."""
    import python_calamine as library

    _count(path, left_out)
    with path.open("rb") as handle:  # by its contents: the name may say another kind
        book = library.CalamineWorkbook.from_filelike(handle)
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
    text = str(cell)
    return text.rstrip("0") if isinstance(cell, (datetime, time, timedelta)) and "." in text else text


def _count(path: Path, left_out: LeftOut) -> None:
    """Count what is not in the text of cells, or is no value; a workbook from before 2007 does not say it."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            matches = [one for one in _LEFT_OUT if one.part.fullmatch(member.filename)]
            data = archive.read(member) if any(one.pattern for one in matches) else b""
            for one in matches:
                left_out[one.noun] += one.count(data)
