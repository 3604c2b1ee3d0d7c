"""Sheets as text: numbers as they are shown, hidden sheets marked, what is not in cells counted."""

import datetime
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from nbfiles._documents.convert import to_text
from nbfiles._documents.reader_table import DocumentError
from nbfiles._files.sources.paths import inspect


@pytest.fixture
def read(tmp_path):
    def text(book, name="a.xlsx"):
        book.save(tmp_path / name)
        note = to_text(tmp_path / name, "xlsx", tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text().splitlines(), note

    return text


def test_numbers_days_and_times_are_as_a_person_writes_them(read):
    book = openpyxl.Workbook()
    day = datetime.datetime(2024, 1, 5)
    book.active.append([1005, -3, 1.5, 2**60, day, day.replace(hour=7), True, "007"])
    book.active.append([day.replace(microsecond=9000), datetime.time(7, 30)])
    assert read(book)[0][1] == (f"1005 | -3 | 1.5 | {float(2**60)} | 2024-01-05 | 2024-01-05 07:00:00 | True | 007")
    assert read(book)[0][2].startswith("2024-01-05 00:00:00.009 | 07:30:00")


def test_hidden_sheets_are_marked(read):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    for state in ("hidden", "veryHidden"):
        sheet = book.create_sheet(state)
        sheet.append(["b"])
        sheet.sheet_state = state
    assert read(book)[0] == ["# Sheet", "a", "# hidden (hidden)", "b", "# veryHidden (hidden)", "b"]


def test_charts_are_counted(read):
    book = openpyxl.Workbook()
    book.active.append([1])
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=1, min_row=1))
    book.active.add_chart(chart, "C3")
    assert read(book)[1] == "read as text; 1 chart not read"


def test_comments_errors_and_formulas_without_a_value_are_counted(read):
    book = openpyxl.Workbook()
    book.active.append([1, "=A1", "=A1+1", "#DIV/0!"])
    book.active["D1"].data_type = "e"
    for cell in ("A1", "B1"):
        book.active[cell].comment = Comment("Really?", "Ann")
    assert read(book)[1] == "read as text; 1 error value, 2 uncomputed formulas, 2 comments not read"


def test_a_workbook_by_the_name_of_another_kind_is_read(read, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["by its contents"])
    assert read(book, "new.xls")[0] == ["# Sheet", "by its contents"]
    shutil.copy(Path(__file__).with_name("before-2007.xls"), tmp_path / "old.xlsx")
    source = inspect(tmp_path / "old.xlsx", as_text=True)
    assert source.converter == "xls"
    assert to_text(source.path, "xls", tmp_path / "out.txt") == "read as text"


def test_a_bomb_by_the_name_of_an_old_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xls", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 200_000_000)
    source = inspect(tmp_path / "a.xls", as_text=True)
    with pytest.raises(DocumentError, match="unpacks to more"):
        to_text(source.path, source.converter, tmp_path / "out.txt")
