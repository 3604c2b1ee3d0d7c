"""Everything that a person can read in a Word file is in its text, once, and in order."""

import docx
import pytest

from nbfiles._documents.convert import to_text
from tests.office_files import NAMESPACES, add_part, chart, paragraph, run, write_word


@pytest.fixture
def text_of(tmp_path):
    def convert(body, **parts):
        path = write_word(tmp_path / "a.docx", body, **parts)
        to_text(path, "docx", tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text().splitlines()

    return convert


def test_footnotes_endnotes_and_comments_are_marked_and_read(text_of):
    marks = '<w:r><w:footnoteReference w:id="7"/></w:r><w:r><w:endnoteReference w:id="3"/></w:r>'
    body = f'<w:p>{run("See")}{marks}<w:r><w:commentReference w:id="0"/></w:r></w:p>'
    notes = f'<w:footnote w:id="-1" w:type="separator">{paragraph("no")}</w:footnote>'
    notes += f'<w:footnote w:id="7">{paragraph("Made in Helsinki.")}{paragraph("And Turku.")}</w:footnote>'
    assert text_of(
        body,
        footnotes=notes,
        endnotes=f'<w:endnote w:id="3">{paragraph("The end.")}</w:endnote>',
        comments=f'<w:comment w:id="0" w:author="Ann">{paragraph("Really?")}</w:comment>',
    ) == [
        "See[^1][^e1][comment 1]",
        "[^1]: Made in Helsinki.",
        "And Turku.",
        "[^e1]: The end.",
        "[comment 1] Ann: Really?",
    ]


def test_headers_and_footers_are_read_once(text_of):
    lines = text_of(paragraph("Body"), header=paragraph("Secret project"), footer=paragraph("Page of Otto"))
    assert lines == ["Header: Secret project", "Body", "Footer: Page of Otto"]


@pytest.mark.parametrize(
    ("equation", "text"),
    [
        ("<m:r><m:t>E=mc2</m:t></m:r>", "E=mc2"),
        ("<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>", "c^2"),
        ("<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>", "(a+b)/2"),
        ("<m:rad><m:deg/><m:e><m:r><m:t>x</m:t></m:r></m:e></m:rad>", "√(x)"),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub>'
            "<m:sup><m:r><m:t>n</m:t></m:r></m:sup><m:e><m:r><m:t>i</m:t></m:r></m:e></m:nary>",
            "∑_(i=1)^n i",
        ),
        ("<m:d><m:e><m:r><m:t>x</m:t></m:r></m:e><m:e><m:r><m:t>y</m:t></m:r></m:e></m:d>", "(x|y)"),
    ],
)
def test_equations_are_read_in_a_line_and_alone(text_of, equation, text):
    body = (
        f"<w:p>{run('So ')}<m:oMath>{equation}</m:oMath></w:p><m:oMathPara><m:oMath>{equation}</m:oMath></m:oMathPara>"
    )
    assert text_of(body) == [f"So {text}", text]


def test_hyphens_and_symbols_are_characters(text_of):
    symbol = '<w:sym w:font="{}" w:char="{}"/>'
    inside = f"<w:t>X</w:t><w:noBreakHyphen/><w:t>ray 10</w:t>{symbol.format('Symbol', 'F0B1')}<w:t>2</w:t>"
    unknown = symbol.format("Webdings", "F041")
    old = '<w:r><w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr><w:t>\uf061</w:t></w:r>'
    lines = text_of(f"<w:p><w:r>{inside}</w:r></w:p><w:p><w:r>{unknown}</w:r>{old}</w:p>")
    assert lines == ["X\u2011ray 10±2", "[symbol 41 of Webdings]α"]


def test_content_controls_hold_blocks_rows_and_cells(text_of):
    def control(content):
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    cell = f"<w:tc>{paragraph('cell')}</w:tc>"
    inner = f"<w:tc>{paragraph('in a control')}</w:tc>"
    rows = f"<w:tr>{cell}{control(inner)}</w:tr>" + control(f"<w:tr>{cell}</w:tr>")
    body = control(paragraph("block")) + f"<w:tbl>{rows}</w:tbl>"
    assert text_of(body + f"<w:p>{control(run('run'))}</w:p>") == ["block", "cell | in a control", "cell", "run"]


def test_inserted_and_custom_xml_blocks_are_read_and_deleted_ones_are_not(text_of):
    body = f"<w:ins>{paragraph('inserted')}</w:ins><w:customXml>{paragraph('custom')}</w:customXml>"
    rows = f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('gone')}</w:tc></w:tr></w:tbl>"
    assert text_of(f"{body}<w:del>{paragraph('deleted')}</w:del>{rows}{paragraph('end')}") == [
        "inserted",
        "custom",
        "end",
    ]


def test_moved_text_is_read_at_its_new_place(text_of):
    moved = f"<w:moveFrom>{run('moved')}</w:moveFrom>", f"<w:moveTo>{run('moved')}</w:moveTo>"
    lines = text_of(f"<w:p>{moved[0]}</w:p>{paragraph('middle')}<w:p>{moved[1]}</w:p>")
    assert [line for line in lines if line] == ["middle", "moved"]


def test_a_text_box_is_read_once_with_its_paragraphs_apart(text_of):
    content = f"<w:txbxContent>{paragraph('One.')}{paragraph('Two.')}</w:txbxContent>"
    new = f"<w:drawing><wp:inline><a:graphic><wps:txbx>{content}</wps:txbx></a:graphic></wp:inline></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict>"
    both = f"<mc:AlternateContent><mc:Choice>{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    assert text_of(f"<w:p>{run('Before. ')}<w:r>{both}</w:r>{run('After.')}</w:p>") == [
        "Before. After.",
        "One.",
        "Two.",
    ]


def _numbering(*levels):
    texts = "".join(
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for number, (form, text) in enumerate(levels)
    )
    num = '<w:num w:numId="{}"><w:abstractNumId w:val="4"/>{}</w:num>'
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    return f'<w:abstractNum w:abstractNumId="4">{texts}</w:abstractNum>{num.format(1, "")}{num.format(2, again)}'


def _item(text, level=0, number=1):
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_list_numbers_are_counted_as_word_counts_them(text_of):
    levels = ("decimal", "%1."), ("lowerLetter", "%1.%2)"), ("bullet", "·")
    body = _item("a") + _item("b", 1) + _item("c", 1) + _item("d", 2) + _item("e") + _item("f", 1) + _item("g", 0, 2)
    assert text_of(body, numbering=_numbering(*levels)) == [
        "1. a",
        "  1.a) b",
        "  1.b) c",
        "    - d",
        "2. e",
        "  2.a) f",
        "1. g",
    ]


def test_addresses_forms_and_covered_cells_are_kept(text_of):
    link = '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> HYPERLINK "http://a.example/x" </w:instrText></w:r>'
    link += f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("here")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    data = "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"
    box = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph("wide")}</w:tc><w:tc>{paragraph("last")}</w:tc>'
    lines = text_of(f"<w:p>{link}</w:p><w:p>{box}{run(' yes')}</w:p><w:tbl><w:tr>{wide}</w:tr></w:tbl>")
    assert lines == ["[here](http://a.example/x)", "☒ yes", "wide |  | last"]


def test_pictures_are_counted_and_charts_are_read(tmp_path):
    document = docx.Document()
    relation = add_part(document.part, "chart", chart("Sales", {"Rome": "456.75", "007": "4.2999999999999998"}))
    picture = '<w:drawing><wp:inline><wp:docPr id="1" name="x" descr="A red house"/><pic:pic/></wp:inline></w:drawing>'
    drawing = f'<w:drawing><wp:inline><c:chart r:id="{relation}"/></wp:inline></w:drawing>'
    for part in (picture, drawing):
        root = docx.oxml.parse_xml(f"<w:p {NAMESPACES}><w:r>{part}</w:r></w:p>")
        document.element.body.insert(-1, root)
    document.save(str(tmp_path / "a.docx"))
    note = to_text(tmp_path / "a.docx", "docx", tmp_path / "out.txt")
    assert note == "read as text; 1 image not read"
    lines = (tmp_path / "out.txt").read_text().splitlines()
    assert lines == ["[image: A red house]", "", "Chart: Sales", " | Revenue", "Rome | 456.75", "007 | 4.3"]


def _placed(text, place):
    return f'<w:r><w:rPr><w:vertAlign w:val="{place}"/></w:rPr><w:t>{text}</w:t></w:r>'


def test_a_power_is_no_digit(text_of):
    power = f"{run('10')}{_placed('−', 'superscript')}{_placed('3', 'superscript')}{run('5')}"
    assert text_of(f"<w:p>{power}{run(' log')}{_placed('10', 'subscript')}{run('2')}</w:p>") == ["10^−3 5 log10 2"]


def test_what_was_struck_out_is_no_digit_of_what_follows(text_of):
    struck = "<w:r><w:rPr><w:strike/></w:rPr><w:t>10</w:t></w:r>"
    off = '<w:r><w:rPr><w:strike w:val="0"/></w:rPr><w:t> euros</w:t></w:r>'
    assert text_of(f"<w:p>{struck}{run('20')}{off}</w:p><w:p>{struck}</w:p>") == ["~~10~~20 euros", "~~10~~"]


def test_a_style_may_raise_its_characters(text_of):
    style = '<w:style w:styleId="Up"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
    raised = '<w:r><w:rPr><w:rStyle w:val="Up"/></w:rPr><w:t>2</w:t></w:r>'
    assert text_of(f"<w:p>{run('10')}{raised}</w:p>", styles=style) == ["10^2"]


def test_only_the_result_of_a_field_is_read_and_its_address(text_of):
    def field(instruction, result):
        begin, separate, end = (
            f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
        )
        return f"{begin}{instruction}{separate}{run(result)}{end}"

    def instruction(text):
        return f"<w:r><w:instrText>{text}</w:instrText></w:r>"

    inner = field(instruction("MERGEFIELD x"), "99")
    nested = field(instruction("IF ") + inner + instruction('= "99" "low" "high"'), "low")
    link = f"<w:fldSimple w:instr=' HYPERLINK \"https://x.example\" '>{run('here')}</w:fldSimple>"
    assert text_of(f"<w:p>{run('Price ')}{nested}</w:p><w:p>{link}</w:p>") == ["Price low", "[here](https://x.example)"]


def test_what_was_deleted_is_not_read(text_of):
    deleted = '<w:rPr><w:del w:id="1"/></w:rPr>'
    cells = f'<w:tc><w:tcPr><w:cellDel w:id="2"/></w:tcPr>{paragraph("gone")}</w:tc><w:tc>{paragraph("stays")}</w:tc>'
    body = (
        f"{paragraph('one ', deleted)}{paragraph('line')}<w:tbl><w:tr>{cells}</w:tr></w:tbl>{paragraph('end', deleted)}"
    )
    assert text_of(body) == ["one line", "stays", "end"]
