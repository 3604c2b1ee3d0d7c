"""Everything that a person can read on slides is in their text, in the order in which it is read."""

import zipfile

import pptx
import pytest
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Cm

from nbfiles._documents.convert import to_text
from tests.office_files import NAMESPACES, RELATIONS

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
TITLE_ONLY = 5  # layouts of python-pptx's template
BLANK = 6


@pytest.fixture
def deck():
    return pptx.Presentation()


@pytest.fixture
def read(deck, tmp_path):
    def text():
        deck.save(str(tmp_path / "a.pptx"))
        note = to_text(tmp_path / "a.pptx", "pptx", tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text().splitlines(), note

    return text


def box(shapes, text, left=1, top=1, height=2):
    shape = shapes.add_textbox(Cm(left), Cm(top), Cm(5), Cm(height))
    shape.text_frame.text = text
    return shape


def add(slide, xml):
    slide.shapes._spTree.append(parse_xml(xml.replace(">", f" {NAMESPACES}>", 1)))


def test_groups_in_groups_are_read(deck, read):
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    inner = shapes.add_group_shape().shapes.add_group_shape()
    box(inner.shapes, "Deep down")
    assert read()[0] == ["# Slide 1", "Deep down"]


def test_a_slide_is_read_from_its_title_down_and_left_to_right(deck, read):
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    for text, left, top in (("lower", 1, 12), ("right", 12, 6.2), ("left", 1, 6), ("above", 1, 0)):
        box(slide.shapes, text, left, top)
    slide.shapes.title.text = "Title"
    assert read()[0] == ["# Slide 1", "Title", "above", "left", "right", "lower"]


def test_charts_come_with_their_numbers(deck, read):
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    data = CategoryChartData()
    data.categories = ["Rome", "Madrid"]
    data.add_series("2024", (1.5, 456.75))
    data.add_series("2025", (2, None))
    shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Cm(5), Cm(5), data).chart.has_title = False
    points = XyChartData()
    series = points.add_series("Growth")
    series.add_data_point(0.5, 4.3)
    shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, 0, Cm(9), Cm(5), Cm(5), points)
    lines, note = read()
    assert lines[1:5] == ["Chart", " | 2024 | 2025", "Rome | 1.5 | 2", "Madrid | 456.75 | "]
    assert "0.5 | 4.3" in lines
    assert note == "read as text"


def test_the_text_of_smartart_is_read(deck, read):
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    points = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{word}</a:t></a:r></a:p></dgm:t></dgm:pt>" for word in ("Plan", "Do")
    )
    data = f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{points}<dgm:pt/></dgm:ptLst></dgm:dataModel>"
    uri = PackURI("/ppt/diagrams/data1.xml")
    part = Part(uri, "application/xml", deck.part.package, data.encode())
    relation = slide.part.relate_to(part, RELATIONS + "diagramData")
    add(
        slide,
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="x" descr="A circle"/></p:nvGraphicFramePr>'
        f'<a:graphic><a:graphicData><dgm:relIds r:dm="{relation}"/></a:graphicData></a:graphic></p:graphicFrame>',
    )
    assert read()[0] == ["# Slide 1", "[graphic: A circle]", "Plan", "Do"]


def test_pictures_are_counted_and_their_alternative_texts_read(deck, read, tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    for text in ("A map of Porto", ""):
        picture = shapes.add_picture(str(tmp_path / "a.png"), 0, 0)
        picture._element.nvPicPr.cNvPr.set("descr", text)
    assert read() == (["# Slide 1", "[image: A map of Porto]"], "read as text; 2 images not read")


def test_notes_hidden_slides_equations_and_alternatives_are_read(deck, read):
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    slide.element.set("show", "0")
    slide.notes_slide.notes_text_frame.text = "smile"
    equation = "<m:oMath><m:r><m:t>E=mc2</m:t></m:r></m:oMath>"
    shape = f"<p:sp><p:txBody><a:p>{equation}<a:br/><a:r><a:t>end</a:t></a:r></a:p></p:txBody></p:sp>"
    old = "<mc:Fallback><p:sp><p:txBody><a:p><a:r><a:t>old</a:t></a:r></a:p></p:txBody></p:sp></mc:Fallback>"
    add(slide, f"<mc:AlternateContent><mc:Choice>{shape}</mc:Choice>{old}</mc:AlternateContent>")
    assert read()[0] == ["# Slide 1 (hidden)", "E=mc2", "end", "Notes: smile"]


def test_tables_keep_their_columns(deck, read):
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    table = shapes.add_table(2, 3, 0, 0, Cm(9), Cm(3)).table
    table.cell(0, 0).text, table.cell(0, 2).text = "both", "last"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 1).text = "b"
    assert read()[0] == ["# Slide 1", "both |  | last", " | b | "]


def test_a_comment_on_a_slide_is_read(deck, read):
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    comment = f"<p:cmLst {NAMESPACES}><p:cm><p:text>Too long</p:text></p:cm></p:cmLst>"
    part = Part(PackURI("/ppt/comments/comment1.xml"), "application/xml", deck.part.package, comment.encode())
    slide.part.relate_to(part, RELATIONS + "comments")
    assert read()[0] == ["# Slide 1", "Comment: Too long"]


def test_a_deck_with_macros_is_read(deck, read, tmp_path):
    box(deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes, "Hello")
    read()
    types = (
        b"openxmlformats-officedocument.presentationml.presentation.main",
        b"ms-powerpoint.presentation.macroEnabled.main",
    )
    with zipfile.ZipFile(tmp_path / "a.pptx") as plain, zipfile.ZipFile(tmp_path / "a.pptm", "w") as archive:
        for name in plain.namelist():
            archive.writestr(name, plain.read(name).replace(*types))
    to_text(tmp_path / "a.pptm", "pptx", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text().splitlines()[-1] == "Hello"


def test_a_power_is_no_digit(deck, read):
    line = box(deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes, "").text_frame.paragraphs[0]
    for text, baseline in (("10", ""), ("2", "30000"), ("5 log", ""), ("10", "-25000"), ("2", "")):
        run = line.add_run()
        run.text = text
        if baseline:
            run.font._element.set("baseline", baseline)
    assert read()[0][1] == "10^2 5 log10 2"


def test_what_was_struck_out_is_no_digit_of_what_follows(deck, read):
    line = box(deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes, "").text_frame.paragraphs[0]
    for text, strike in (("10", "sngStrike"), ("20", "noStrike")):
        run = line.add_run()
        run.text = text
        run.font._element.set("strike", strike)
    assert read()[0][1] == "~~10~~20"
