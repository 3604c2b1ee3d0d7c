"""What code made is shown by its kind: bounded, escaped, and nothing of it runs or is fetched."""

import json
import os
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pptx
import pytest
from IPython.utils.io import capture_output

from nbfiles._display import generated_files
from nbfiles._display import previews as views
from nbfiles._documents import previews, text_previews
from nbfiles._documents.reader_pool import POOL
from nbfiles._documents.readers import static_html
from nbfiles.records import FileRecord, Files, Kind, Origin, Preview
from tests.answers import said
from tests.display.hostile import EVIL_PAGE

SAMPLES = Path(__file__).parents[2] / "notebooks" / "samples"
ORIGIN = Origin(2, (("sales.csv", "1a2b3c4d" + "0" * 56),), "7f3a")


def record(path, kind=Kind.DATA, **changes):
    values = {"size_bytes": 1234, "created_at": datetime(2026, 11, 21, 10, 55, tzinfo=UTC), "origin": ORIGIN}
    values["preview"] = previews.read(path) if path.is_file() else Preview()
    name, file_id = Path(path).name, "file_011CNha8iCJcU1wXNR6q4V8w"
    return FileRecord(name, file_id, kind, "text/plain", path=path, made_by_code=True, **values | changes)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write a package that the children find before the installed one of its name."""

    def write(name, source):
        (tmp_path / "fake").mkdir()
        (tmp_path / "fake" / f"{name}.py").write_text(source)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"), prepend=os.pathsep)
        POOL.close()

    yield write
    POOL.close()


def answer(*records, text=""):
    return said(text, files=Files(records))


def plain(path):
    return views.plain(previews.read(path))


def html(path):
    return views.html(previews.read(path), path.stem)


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_table_is_small_escaped_and_short_in_its_numbers(tmp_path):
    path = written(tmp_path, "t.csv", "a,b\n" + "1.23456789,<b>\n" * 100)
    assert html(path).count("<tr>") == text_previews.ROWS + 1
    assert "1.23457<" in html(path)
    assert "&lt;b&gt;" in html(path)
    assert "1.23457  <b>" in plain(path)


def test_a_missing_reader_is_named_with_its_remedy_where_the_table_would_be(tmp_path, package):
    package("pyarrow", "raise ImportError('no', name='pyarrow')")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    shown = generated_files.plain(answer(record(tmp_path / "t.parquet")))
    assert "t.parquet, " in shown
    assert "“t.parquet” needs a reader. Type: %pip install pyarrow" in shown


@pytest.mark.parametrize("content", [b"", b"\x00\xff\n", b'"unclosed', b"a" * 200_000])
@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.xlsx", "t.parquet", "t.svg", "t.html", "t.docx"])
def test_what_is_not_what_it_says_breaks_nothing(tmp_path, name, content):
    path = written(tmp_path, name, content)
    assert f"{name}, " in generated_files.html(answer(record(path)))
    assert len(generated_files.plain(answer(record(path)))) < 3_000


def test_a_file_that_was_deleted_since_is_still_named(tmp_path):
    assert "gone.csv" in generated_files.html(answer(record(tmp_path / "gone.csv")))


def test_formulas_are_text_and_said_to_be_there(tmp_path):
    path = written(tmp_path, "t.csv", "a,b\n=cmd|' /C calc'!A0,-1.5\n@x,+2e3\n")
    assert "Cells that look like formulas: 2." in plain(path)


def test_every_kind_of_table_is_the_same_small_table(tmp_path):
    frame = pd.DataFrame({"region": ["north", "south"], "sales": [1, 2]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    frame.to_json(tmp_path / "t.json", orient="records")
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    wanted = "region  sales\nnorth   1\nsouth   2"
    shown = {path.suffix: plain(path) for path in tmp_path.iterdir()}
    assert shown.pop(".xlsx") == f"Sheet “Sheet1”\n{wanted}"
    assert set(shown.values()) == {wanted}


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
  xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="Sales"><table:table-row><table:table-cell office:value-type="string">
<text:p>north</text:p></table:table-cell></table:table-row></table:table>
</office:spreadsheet></office:body></office:document-content>""".replace("\n", "")


def test_an_open_document_sheet_is_a_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", ODS)
    path = tmp_path / "t.ods"
    assert plain(path) == "Sheet “Sales”\nnorth"
    assert list(answer(record(path)).df()) == ["north"]


def test_a_table_says_what_of_it_is_not_shown(tmp_path):
    frame = pd.DataFrame({f"c{n}": range(9) for n in range(13)})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    frame.to_json(tmp_path / "t.json", orient="records")
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    for path in tmp_path.iterdir():
        assert plain(path).endswith("\nShown: the first 8 rows, 12 of 13 columns."), path


def test_of_a_line_without_end_only_the_beginning_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(text_previews, "MOST_READ", 20)
    assert plain(written(tmp_path, "t.csv", "a,b\n1,2\n" + "3" * 99)) == "a  b\n1  2"
    assert plain(written(tmp_path, "t.jsonl", '{"a": 1}\n{"a": "' + "x" * 99)) == "a\n1"


def test_a_table_in_utf_16_is_read(tmp_path):
    assert plain(written(tmp_path, "t.csv", "a,b\n1,2\n".encode("utf-16"))) == "a  b\n1  2"


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.xlsx", "t.parquet", "t.html", "t.png", "t.svg"])
def test_of_an_empty_file_its_size_says_enough(tmp_path, name):
    assert previews.read(written(tmp_path, name, "")) == Preview()


def test_a_sheet_of_empty_cells_is_only_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.cell(500, 500).value = 1
    book.save(tmp_path / "t.xlsx")
    assert plain(tmp_path / "t.xlsx") == "Sheet “Sheet”"


def test_only_the_first_sheet_of_a_workbook_is_shown(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["first"])
    book.create_sheet("Other").append(["second"])
    book.save(tmp_path / "t.xlsx")
    assert "second" not in plain(tmp_path / "t.xlsx")


def test_a_word_file_and_the_first_slide_are_shown_as_text(tmp_path):
    report = docx.Document()
    report.add_heading("Findings", 1)
    report.save(tmp_path / "t.docx")
    deck = pptx.Presentation()
    for title in ("Hello", "Second"):
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = title
    deck.save(tmp_path / "t.pptx")
    assert plain(tmp_path / "t.docx") == "# Findings"
    assert plain(tmp_path / "t.pptx") == "# Slide 1\nHello"


def test_json_that_is_no_table_and_text_show_their_first_lines(tmp_path):
    assert plain(written(tmp_path, "t.json", json.dumps({"a": 1}))) == '{\n  "a": 1\n}'
    text = plain(written(tmp_path, "t.txt", "line\n" * 99))
    assert text.splitlines() == ["line"] * text_previews.LINES + ["…"]


@pytest.mark.parametrize(
    ("name", "text"), [("t.json", "[" * 100_000), ("t.jsonl", "{"), ("t.csv", '"' + "x" * 200_000)]
)
def test_what_cannot_be_read_as_data_shows_its_first_lines(tmp_path, name, text):
    assert plain(written(tmp_path, name, text))[:1] == text[0]


def test_a_table_whose_rows_are_too_long_to_show_says_so(tmp_path):
    path = written(tmp_path, "t.csv", "a,b\n" + "x" * (text_previews.MOST_READ + 1))
    assert plain(path).endswith("Its rows are too long to be shown.")


class Frames(HTMLParser):
    """Collects the attributes of every tag."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_a_page_is_a_frame_that_runs_nothing_and_has_no_address(tmp_path):
    page = html(written(tmp_path, "t.html", EVIL_PAGE))
    ((_, frame),) = [tag for tag in Frames(page).tags if tag[0] == "iframe"]
    assert frame["sandbox"] == ""
    assert "Report" in frame["srcdoc"]
    inside = Frames(frame["srcdoc"]).tags
    assert {tag for tag, _ in inside} <= {"meta", "style", "h1", "img"}
    assert "default-src 'none'" in inside[1][1]["content"]
    assert all("evil" not in str(attrs) for _, attrs in inside)


def test_a_page_that_only_scripts_would_fill_says_so(tmp_path):
    path = written(tmp_path, "t.html", "<div id=x></div><script>plot()</script>")
    assert "iframe" not in html(path)
    assert "ask for a PNG" in plain(path)


ENDLESS = """
ALLOWED_TAGS = set()
class Cleaner:
    def __init__(self, **options): pass
    def clean(self, page):
        while True: pass
"""


def test_a_page_that_holds_up_its_reader_is_left(tmp_path, package):
    package("nh3", ENDLESS)
    shown = plain(written(tmp_path, "t.html", "<p>Total</p>"))
    assert shown == "“t.html” cannot be read: it takes more than 3 s of processor time to read."


@pytest.mark.parametrize(
    "page",
    ["<div>" * 55_000, f"<p {' '.join(f'{n:x}a' for n in range(45_000))}>"],
    ids=["deep", "attributes"],
)
def test_a_page_built_to_hold_up_its_reader_is_read_in_time_or_left(tmp_path, page):
    shown = plain(written(tmp_path, "t.html", page))
    assert shown == static_html.EMPTY or "cannot be read" in shown


def test_a_library_within_a_page_counts_for_nothing(tmp_path):
    page = f"<p>Total</p><SCRIPT>{'x' * static_html.MOST_CHARS}</Script ><p>12</p><script>cut"
    path = written(tmp_path, "t.html", page)
    assert "Total" in html(path)
    assert "12" in html(path)
    assert plain(path) == static_html.SCRIPTED


def test_an_empty_page_is_not_said_to_draw_with_scripts(tmp_path):
    assert plain(written(tmp_path, "t.html", "<p></p>")) == static_html.EMPTY


def png_claiming(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def figures(*records, text=""):
    with capture_output() as captured:
        generated_files.show_pictures(answer(*records, text=text))
    return captured.stdout


@pytest.mark.parametrize("content", [png_claiming(30_000, 30_000), b"GIF89a", b"no picture"])
def test_a_picture_that_lies_or_is_huge_is_only_named(tmp_path, content):
    path = written(tmp_path, "bomb.png", content)
    assert figures(record(path, Kind.IMAGE)) == ""
    assert "shown." in plain(path)  # why not


def test_a_drawing_that_is_not_shown_says_why(tmp_path):
    assert "not an SVG" in plain(written(tmp_path, "t.svg", "hello"))
    large = written(tmp_path, "t2.svg", "x" * 5_100_000)
    assert plain(large) == "The image has 5.1 MB; up to 5 MB are shown."


def test_a_figure_has_words_and_says_where_it_comes_from(tmp_path):
    path = written(tmp_path, "mass_by_species.jpg", (SAMPLES / "flower.jpg").read_bytes())
    shown = figures(record(path, Kind.IMAGE))
    assert "[Mass by species, " in shown
    assert "mass_by_species.jpg, step 2 · from sales.csv (SHA-256 1a2b3c4d) · in container 7f3a · 21 Nov" in shown
    told = figures(record(path, Kind.IMAGE), text="See ![A blue flower](/mnt/out/mass_by_species.jpg)")
    assert "[A blue flower, " in told


def test_a_file_made_of_nothing_says_in_which_container(tmp_path):
    made = record(written(tmp_path, "t.bin", "x"), origin=Origin(1, (), "7f3a"))
    assert "Made in container 7f3a · 21 November 2026" in generated_files.plain(answer(made))


def test_a_pdf_that_cannot_be_drawn_is_only_named(tmp_path):
    assert figures(record(written(tmp_path, "broken.pdf", "%PDF-1.4 junk"), Kind.PDF)) == ""


def test_long_cells_are_cut(tmp_path):
    path = written(tmp_path, "t.csv", "\n".join([",".join(["&" * 20_000] * 12)] * 8))
    assert len(html(path)) < 500_000


def test_of_a_pdf_the_first_page_is_a_picture(tmp_path):
    path = written(tmp_path, "report.pdf", (SAMPLES / "bzip2-manual.pdf").read_bytes())
    assert "[Report, page 1 of" in figures(record(path, Kind.PDF))


def test_many_pictures_and_files_stay_few_in_the_notebook(tmp_path):
    path = written(tmp_path, "f.jpg", (SAMPLES / "flower.jpg").read_bytes())
    records = [record(path, Kind.IMAGE)] * 100
    assert figures(*records).count("[F, ") == generated_files.MOST_PICTURES
    told = generated_files.plain(answer(*records))
    assert "And 70 files more, in answer.files.\nThe first 12 of 100 images are shown below." in told


def test_a_file_is_linked_unless_opening_it_could_run_something(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbfiles_out").mkdir()
    paths = [written(tmp_path, f"nbfiles_out/a b.{suffix}", "x") for suffix in ("csv", "mp3", "html", "svg", "js")]
    listed = generated_files.html(answer(*map(record, paths)))
    links = [attrs["href"] for tag, attrs in Frames(listed).tags if tag == "a"]
    assert links == ["nbfiles_out/a%20b.csv", "nbfiles_out/a%20b.mp3"]
    assert "a b.mp3, audio, 1.2 KB, step 2\nSaved in nbfiles_out\nMade from sales.csv" in generated_files.plain(
        answer(record(paths[1]))
    )
    assert str(tmp_path) not in listed
    assert "file_011" not in listed
