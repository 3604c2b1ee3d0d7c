"""The text of a page: what a person reads in a browser, line by line."""

import pytest

from nbfiles._documents.convert import to_text
from nbfiles._documents.pdf import DocumentError


@pytest.fixture
def lines(tmp_path):
    def convert(page):
        (tmp_path / "a.html").write_bytes(page if isinstance(page, bytes) else page.encode())
        to_text(tmp_path / "a.html", "html", tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text(encoding="utf-8").splitlines()

    return convert


@pytest.mark.parametrize(
    ("page", "codec"),
    [
        ('<html><head><meta charset="{}"><body><p>Größe 5 €', "windows-1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset={}"><p>Größe 5 €', "iso-8859-15"),
        ('<?xml version="1.0" encoding="{}"?><html><body><p>Größe 5 €', "iso-8859-15"),
        ("<meta charset={}><p>会議は大阪", "shift_jis"),
        ("<meta charset='{}'><p>会議は大阪", "iso-2022-jp"),
        ("<p>Größe 5 €", "utf-16"),
        ("<p>Größe 5 €", "utf-8-sig"),
        ("<p>Die Größe der Prüfung über Köln", "cp1252"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_has(lines, page, codec):
    text = page.format(codec)
    assert lines(text.encode(codec)) == [text.rpartition(">")[2]]


def test_lines_of_pre_stay_lines_with_their_blanks(lines):
    page = "<p>Code:<pre>\ndef f():\n    return <b>4711</b>\n\n  x &lt; y</pre>after"
    assert lines(page) == ["Code:", "def f():", "    return 4711", "", "  x < y", "after"]


def test_a_br_in_pre_is_a_line(lines):
    assert lines("<pre>1<br>  2</pre>") == ["1", "  2"]


def test_an_empty_cell_keeps_its_column(lines):
    page = "<table><tr><td>Town<td><td>Loss<tr><td></td><td>1709</td><td>320</td></tr><tr><td>x<td><td></table>"
    assert lines(page) == ["Town |  | Loss", " | 1709 | 320", "x |  | "]


def test_a_cell_as_wide_or_high_as_several_keeps_the_columns_of_others(lines):
    page = """<table><tr><th rowspan=2>Year<th colspan=2>Loss<th>Note<tr><th>horses<th>men<th>x
        <tr><td>1709<td>320<td>7<td>y</table>"""
    assert lines(page) == ["Year | Loss |  | Note", " | horses | men | x", "1709 | 320 | 7 | y"]


def test_blocks_in_a_cell_are_one_value(lines):
    assert lines("<table><tr><td><p>a<p>b</td><td>c<br>d</td></table>") == ["a b | c d"]


def test_a_table_in_a_table_is_read_row_by_row(lines):
    page = """<table><tr><td>Menu<td>Intro<table><tr><td>a<td>1<tr><td>b<td>2</table>Tail<td>Side
        <tr><td>next<td>row</table>end"""
    assert lines(page) == ["Menu | Intro", "a | 1", "b | 2", " | Tail | Side", "next | row", "end"]


def test_code_in_a_cell_keeps_its_lines(lines):
    assert lines("<table><tr><td>1<td><pre>if x:\n    y</pre></table>") == ["1", "if x:", "    y"]


def test_cells_that_lay_out_a_page_keep_their_lines(lines):
    paragraphs = "".join(f"<p>Line {number}" for number in range(12))
    assert lines(f"<table><tr><td>Menu<td>{paragraphs}</table>")[:3] == ["Menu", "Line 0", "Line 1"]


def test_definitions_options_and_captions_are_lines_of_their_own(lines):
    page = """<dl><dt>Term<dd>What it means<dt>Other<dd>More</dl><label>Size <select><optgroup label=Metric>
        <option>small<option>large</optgroup></select></label><table><caption>Losses of 1709<tr><td>a<td>b</table>
        <figure><img src=x><figcaption>A horse</figcaption></figure>"""
    assert lines(page) == [
        "Term",
        ": What it means",
        "Other",
        ": More",
        "Size",
        "Metric",
        "small",
        "large",
        "Losses of 1709",
        "a | b",
        "A horse",
    ]


def test_the_alternative_of_a_picture_is_read(lines):
    page = '<p>See <img src="x.png" alt="a &quot;chart&quot; of\n<b> losses"> here. <img alt=""><img src=y></p>'
    assert lines(page) == ['See [image: a "chart" of <b> losses] here.']


def test_images_and_videos_are_counted(tmp_path):
    page = "<p>x<img src=a><IMG alt=b><video>no film</video><!-- <img> --><script>'<img>'</script>"
    (tmp_path / "a.html").write_text(page)
    assert to_text(tmp_path / "a.html", "html", tmp_path / "out.txt") == "read as text; 2 images, 1 video not read"


def test_a_power_is_no_digit_and_a_formula_is_read(lines):
    assert lines("<p>10<sup>2</sup> m, H<sub>2</sub>O, text<sup>[1]</sup>") == ["10^2 m, H2O, text[1]"]
    assert lines("10<sup>−3</sup> 2<sup>3</sup>4 log<sub>10</sub>2 3<sup>rd</sup>") == ["10^−3 2^3 4 log10 2 3rd"]
    formula = "<math><semantics><mi>E</mi><mo>=</mo><mi>m</mi><annotation>E=m</annotation></semantics></math>"
    assert lines(f"<p>So {formula} holds") == ["So E=m holds"]


def test_what_was_struck_out_is_no_digit_of_what_follows(lines):
    assert lines("<p>Price <del>10</del>20") == ["Price ~~10~~20"]


def test_the_words_of_a_drawing_are_lines(lines):
    drawing = "<svg><style>no</style><title>Map</title><g><text>Rome</text><text>Oslo <tspan>1</tspan></text></g></svg>"
    assert lines(f"<p>See <svg><path d=x /></svg> it{drawing}") == ["See it", "Map", "Rome", "Oslo 1"]


def test_what_is_not_shown_is_not_read(lines):
    page = """<script>"<p>no"</script><style>p{}</style><template><p>no</template><noscript>no</noscript><!--
        <p>no --><p title="<td>no">yes<input value=no></p><textarea>typed <p></textarea>"""
    assert lines(page) == ["yes", "typed <p>"]


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><td>" * 100_000,
        "<table><tr><td colspan=1000>" * 3_000,
        "<dl><dd>" * 200_000,
        "<pre>" * 200_000,
        "<b id=1><i id=2>" * 100_000,
        f"<p title='{'<td>' * 500_000}'>",
        f"<img alt='{'x' * 5_000_000}'>",
        f"<img {' '.join(f'a{number}=1' for number in range(20_000))}>",
    ],
    ids=["tables", "wide cells", "definitions", "pre", "formatting", "an attribute", "an alternative", "attributes"],
)
def test_a_page_built_to_hold_up_its_reader_is_read(lines, page):
    assert lines(f"<p>The beginning</p>{page}")[0] == "The beginning"


def test_a_page_that_unfolds_to_more_than_a_question_holds_is_refused(lines):
    row = "<tr><td rowspan=65534 colspan=1000>x"
    with pytest.raises(DocumentError, match=r"more than 20 MB of text|limits|memory|processor"):
        lines(f"<table>{row}{'<tr><td>y' * 60_000}")
