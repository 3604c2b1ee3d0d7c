"""Office files, pages and notebooks as text; and what is refused, with one line."""

import io
import json
import os
import zipfile
from functools import partial

import docx
import nbformat
import openpyxl
import pptx
import pytest

from nbfiles._documents.convert import to_text
from nbfiles._documents.pdf import DocumentError
from nbfiles._documents.reader_pool import POOL
from tests.books import write_book


@pytest.fixture
def text_of(tmp_path):
    def convert(path, kind=None):
        to_text(path, kind or path.suffix[1:], tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text()

    return convert


def test_a_word_file_keeps_headings_paragraphs_and_tables_in_order(text_of, tmp_path):
    document = docx.Document()
    document.add_heading("Launch", 2)
    document.add_paragraph("It is on Friday, for 5 € or so.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "a", "b"
    document.add_paragraph("End.")
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx") == "## Launch\nIt is on Friday, for 5 € or so.\na | b\nEnd.\n"


def test_tabs_breaks_insertions_and_content_controls_of_a_word_file_are_read(text_of, tmp_path):
    document = docx.Document()
    document.add_paragraph("a\tb\nc").paragraph_format.tab_stops.add_tab_stop(914400)
    run = "<w:r><w:t>{}</w:t></w:r>"
    parts = (
        f"<w:p><w:ins>{run.format('inserted')}</w:ins><w:del><w:r><w:delText>x</w:delText></w:r></w:del></w:p>",
        f"<w:sdt><w:sdtContent><w:p>{run.format('contents')}</w:p></w:sdtContent></w:sdt>",
    )
    for part in parts:
        root = docx.oxml.parse_xml(part.replace(">", f" {docx.oxml.ns.nsdecls('w')}>", 1))
        document.element.body.insert(-1, root)
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx") == "a\tb\nc\ninserted\ncontents\n"


def test_slides_come_with_their_notes(text_of, tmp_path):
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide.shapes.title.text = "Launch"
    slide.notes_slide.notes_text_frame.text = "smile"
    deck.save(str(tmp_path / "a.pptx"))
    text = text_of(tmp_path / "a.pptx")
    assert text.startswith("# Slide 1\nLaunch\n")
    assert "Notes: smile" in text


def test_every_sheet_of_a_workbook_is_read(text_of, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["x", 1.5])
    book.create_sheet("More").append(["y"])
    book.save(tmp_path / "a.xlsx")
    assert text_of(tmp_path / "a.xlsx") == "# Sheet\nx | 1.5\n# More\ny\n"


def test_a_page_is_what_a_browser_would_show(text_of, tmp_path):
    (tmp_path / "a.html").write_text(
        "<title>T</title><style>p{}</style><script>alert(1)</script><h2>Launch &amp; more</h2>"
        "<p>It is on <b>Friday</b>.<ul><li>one<li>two</ul><table><tr><td>a<td>b</table>"
    )
    assert text_of(tmp_path / "a.html").splitlines() == [
        "T",
        "## Launch & more",
        "It is on Friday.",
        "one",
        "two",
        "a | b",
    ]


def test_white_space_cells_and_headings_of_a_page_are_as_a_browser_shows_them(text_of, tmp_path):
    (tmp_path / "a.html").write_text(
        "<p>a <b> b </b> c<br>x&nbsp;y &lt;p&gt; z<!-- <p>no --><p title='<div>x>y'>q</p>"
        "<table><tr><th>a</th><th></th><td>b</td></tr></table>tail<h3 class=big>End</h3><pre>1\n2</pre>"
    )
    assert text_of(tmp_path / "a.html").splitlines() == [
        "a b c",
        "x y <p> z",
        "q",
        "a |  | b",
        "tail",
        "### End",
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    "page",
    ["<b>word</b> " * 100_000, "<p><!-- a " * 50_000, "<a href='" * 20_000, "<" * 50_000, "<![CDATA[" * 20_000],
    ids=["one line", "comments", "quotes", "angles", "sections"],
)
def test_a_page_built_to_hold_up_its_reader_is_read(text_of, tmp_path, page):
    (tmp_path / "a.html").write_text(f"<p>The beginning</p>{page}")
    assert text_of(tmp_path / "a.html").startswith("The beginning\n")


def test_a_page_with_more_tags_than_a_question_can_hold_is_refused(text_of, tmp_path):
    (tmp_path / "a.html").write_text("<p>" * 1_000_001)
    with pytest.raises(DocumentError, match="more tags than a question can hold"):
        text_of(tmp_path / "a.html")


def test_a_notebook_of_lines_and_an_old_one_are_read(text_of, tmp_path):
    lines = {
        "cell_type": "code",
        "source": ["a = 1\n", "a"],
        "outputs": [{"output_type": "stream", "text": ["1", "2"]}],
    }
    (tmp_path / "a.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [lines]}))
    assert text_of(tmp_path / "a.ipynb") == "```python\na = 1\na\n```\nOutput: 12\n"
    old = {"cell_type": "markdown", "source": ["# Old\n", "text"], "metadata": {}}
    sheet = {"cells": [old], "metadata": {}}
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}
    (tmp_path / "a.ipynb").write_text(json.dumps(content))
    assert text_of(tmp_path / "a.ipynb") == "# Old\ntext\n"


def test_a_notebook_is_markdown_code_and_text_outputs(text_of, tmp_path):
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell("# Title"),
        v4.new_code_cell(
            "1 + 1",
            outputs=[
                v4.new_output("execute_result", {"text/plain": "2", "image/png": "SECRET"}),
                v4.new_output("stream", text="printed"),
            ],
        ),
    ]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    text = text_of(tmp_path / "a.ipynb")
    assert text.index("# Title") < text.index("1 + 1") < text.index("Output: 2 [image 1]") < text.index("printed")
    assert "SECRET" not in text


def test_a_book_without_a_spine_is_its_pages(text_of, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("one.xhtml", "<html><body><p>Chapter one</p></body></html>")
    assert text_of(tmp_path / "a.epub") == "Chapter one\n"


def test_the_chapters_of_a_book_come_in_reading_order(text_of, tmp_path):
    write_book(tmp_path / "a.epub", "Chapter one", "Chapter two")
    assert text_of(tmp_path / "a.epub") == "Chapter one\nChapter two\n"


def bomb(path, *, members=1, size=1, text=b"0"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"word/{number}.xml", text * size)
    return path


def liar(path):
    """A zip whose members hold more than they say."""
    raw = bytearray(bomb(path, size=50_000_000).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = raw.index(signature) + offset
        raw[place : place + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(raw)
    return path


def entities(path, before="", coding="utf-8"):
    lol = f"{before}<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><x>&b;</x>".encode(coding)
    document = io.BytesIO()
    docx.Document().save(document)
    with zipfile.ZipFile(document) as honest, zipfile.ZipFile(path, "w") as archive:
        for name in honest.namelist():
            archive.writestr(name, lol if name == "word/document.xml" else honest.read(name))
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: bomb(path, size=500_000_000), "unpacks to more than 100 MB"),
        (lambda path: bomb(path, size=60_000_000), "unpacks to more than 100 times its size"),
        (lambda path: bomb(path, members=3000), "more than 2,000 parts"),
        (liar, "broken"),
        (entities, "XML entities"),
        (partial(entities, before=f"<!--{'x' * 6_000}-->"), "XML entities"),
        (partial(entities, before=f"<!--{'x' * ((1 << 20) - 10)}-->"), "XML entities"),
        (partial(entities, coding="utf-16"), "XML entities"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + b"garbage" * 100) and path, "broken"),
        (lambda path: path.write_bytes(b"") or path, "broken"),
    ],
)
def test_a_hostile_file_is_refused_in_one_line(text_of, tmp_path, make, why):
    path = make(tmp_path / "a.docx")
    with pytest.raises(DocumentError, match=why) as caught:
        text_of(path)
    assert "\n" not in str(caught.value)


def test_what_needs_too_much_memory_is_stopped(text_of, tmp_path):
    """A sheet with one cell in the last row and column is small to store and a terabyte to hold."""
    book = openpyxl.Workbook()
    book.active["A1"] = book.active["XFD1048576"] = 1
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DocumentError, match=r"memory to read|limits"):
        text_of(tmp_path / "a.xlsx")


def test_more_than_a_question_can_hold_is_refused_before_it_is_read(text_of, tmp_path):
    cells = "".join(f"<w:p><w:r><w:t>{number}</w:t></w:r></w:p>" for number in range(900_000))
    document = io.BytesIO()
    docx.Document().save(document)
    with zipfile.ZipFile(document) as honest, zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        for name in honest.namelist():
            text = honest.read(name)
            if name == "word/document.xml":
                text = text.replace(b"<w:body>", b"<w:body>" + cells.encode())
            archive.writestr(name, text)
    with pytest.raises(DocumentError, match="more paragraphs than a question can hold"):
        text_of(tmp_path / "a.docx")


def test_deeply_nested_html_and_json_end(text_of, tmp_path):
    (tmp_path / "a.html").write_text("<div>" * 300_000 + "deep")
    assert text_of(tmp_path / "a.html") == "deep\n"
    (tmp_path / "a.ipynb").write_text("[" * 100_000)
    with pytest.raises(DocumentError, match="broken"):
        text_of(tmp_path / "a.ipynb")
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": 1}))
    with pytest.raises(DocumentError, match="broken"):
        text_of(tmp_path / "b.ipynb")


def test_a_missing_reader_names_what_to_install(text_of, tmp_path, monkeypatch):
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "docx.py").write_text("raise ImportError('no', name='docx')")
    monkeypatch.setenv("PYTHONPATH", str(fake), prepend=os.pathsep)
    POOL.close()
    docx.Document().save(str(tmp_path / "a.docx"))
    with pytest.raises(DocumentError, match=r'%pip install "nbfiles\[office\]"'):
        text_of(tmp_path / "a.docx")


def test_a_module_beside_the_notebook_is_not_imported(text_of, tmp_path, monkeypatch):
    (tmp_path / "docx.py").write_text("open('owned', 'w')")
    monkeypatch.chdir(tmp_path)
    document = docx.Document()
    document.add_paragraph("x")
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx") == "x\n"
    assert not (tmp_path / "owned").exists()


def test_a_file_without_text_is_said(text_of, tmp_path):
    (tmp_path / "a.html").write_text("<script>1</script>")
    with pytest.raises(DocumentError, match="no text"):
        text_of(tmp_path / "a.html")
