"""Columns that are drawn line by line are read one after the other; tables and ordinary pages as they are drawn."""

import pytest

from nbfiles._documents import quote_search
from nbfiles._documents.pdf import page_texts
from nbfiles._documents.quote_search import MARKED, QuotePosition
from tests.pdf_files import line, write

LEFT = [f"left column has its line number {number:02} here" for number in range(12)]
RIGHT = [f"right column has a line number {number:02} here" for number in range(12)]


def drawn(left, right, x=320, y=700):
    rows = zip(left, right, strict=True)
    return "".join(line(a, 60, y - 14 * n, 10) + line(b, x, y - 14 * n, 10) for n, (a, b) in enumerate(rows))


def test_two_columns_drawn_line_by_line_are_read_one_after_the_other(tmp_path):
    title, foot = line("A title that goes across both of the columns of the page", 60, 740, 16), line("7", 300, 40)
    path = write(tmp_path / "a.pdf", [title + drawn(LEFT, RIGHT) + foot])
    text = page_texts(path)[0].split("\n")
    assert [one.strip() for one in text if one.strip()][:-1] == [
        "A title that goes across both of the columns of the page",
        *LEFT,
        *RIGHT,
    ]
    page = quote_search.page_picture(path, QuotePosition(" ".join(LEFT[3:5]), 1, 2))
    assert page.state == MARKED


def test_three_columns_are_read_so_too(tmp_path):
    texts = [[f"{name} line number {n:02} is here" for n in range(10)] for name in ("one", "two", "six")]
    rows = zip(*texts, strict=True)
    content = "".join(
        line(text, 50 + 180 * column, 700 - 14 * n, 10) for n, row in enumerate(rows) for column, text in enumerate(row)
    )
    lines = [one.strip() for one in page_texts(write(tmp_path / "a.pdf", [content]))[0].split("\n") if one.strip()]
    assert lines == [text for column in texts for text in column]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([f"Item {n}" for n in range(12)], [f"{n * 1234:,}.00" for n in range(12)]),
        ([f"Term {n}" for n in range(12)], RIGHT),  # of a glossary
        (LEFT[:4], RIGHT[:4]),
        ([text if n % 3 == 0 else "short" for n, text in enumerate(LEFT)], RIGHT),
    ],
)
def test_tables_are_read_row_by_row(tmp_path, left, right):
    text = page_texts(write(tmp_path / "a.pdf", [drawn(left, right)]))[0]
    assert [" ".join(one.split()) for one in text.split("\n")] == [f"{a} {b}" for a, b in zip(left, right, strict=True)]


def test_columns_that_are_drawn_to_their_ends_stay_as_they_are(tmp_path):
    content = "".join(line(text, 60, 700 - 14 * n, 10) for n, text in enumerate(LEFT))
    content += "".join(line(text, 320, 700 - 14 * n, 10) for n, text in enumerate(RIGHT))
    assert page_texts(write(tmp_path / "a.pdf", [content]))[0].split("\n") == [*LEFT, *RIGHT]
