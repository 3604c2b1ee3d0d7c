"""Sheets as text: numbers as they are shown, hidden sheets marked, what is not in cells counted."""

import datetime

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from nbfiles._documents.convert import to_text


@pytest.fixture
def read(tmp_path):
    def text(book):
        book.save(tmp_path / "a.xlsx")
        note = to_text(tmp_path / "a.xlsx", "xlsx", tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text().splitlines(), note

    return text


def test_numbers_days_and_times_are_as_a_person_writes_them(read):
    book = openpyxl.Workbook()
    day = datetime.datetime(2024, 1, 5)
    book.active.append([1005, -3, 1.5, 2**60, day, day.replace(hour=7), True, "007"])
    assert read(book)[0][1] == (f"1005 | -3 | 1.5 | {float(2**60)} | 2024-01-05 | 2024-01-05 07:00:00 | True | 007")


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
