"""RTF files are read with their headers, notes, comments, text boxes and list numbers."""

from contextlib import suppress

import pytest

from nbfiles._documents.convert import to_text
from nbfiles._documents.reader_table import DocumentError


@pytest.fixture
def read(tmp_path):
    def text(source, *, coding="ascii"):
        (tmp_path / "a.rtf").write_bytes(r"{\rtf1\ansi\ansicpg1252 %s}".replace("%s", source).encode(coding))
        note = to_text(tmp_path / "a.rtf", "rtf", tmp_path / "out.txt")
        return [line for line in (tmp_path / "out.txt").read_text().splitlines() if line.strip()], note

    return text


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (r"caf\'e9 \u8364? X\_ray 10\'b12\par next", ["café € X\u2011ray 10±2", "next"]),
        (r"{\header Secret}Body{\footer Page}", ["Secret", "Body", "Page"]),
        (r"See{\footnote Made in Helsinki.}", ["See [note: Made in Helsinki.]"]),
        (r"Text{\*\atnid A}{\*\annotation Really?}", ["Text [comment: Really?]"]),
        (r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt In a box}}{\shprslt old}}", ["In a box"]),
        (r"{\pntext 1.\tab}one", ["1.\tone"]),
        (r"{\*\generator x;}\b bold\b0  plain", ["bold plain"]),
        (r"10{\super 2} 10\up6 -3\up0 , H{\sub 2}O", ["10^2 10^-3, H2O"]),
        (r"Price {\strike 10}20 \strike x\strike0 y", ["Price ~~10~~20 ~~x~~y"]),
        (r"{\deleted 10 }20 \deleted no\deleted0  euros", ["20  euros"]),
        (r"{\upr{plain}{\*\ud{\u20320?}}}", ["你"]),
        (r"{\listtext 2.\tab}two", ["2.\ttwo"]),
        (r"\trowd a\cell b\cell\row c", ["a | b", "c"]),
        (r'{\field{\*\fldinst{HYPERLINK "https://x.example"}}{\fldrslt{here}}}', ["[here](https://x.example)"]),
        (r"{\field{\*\fldinst PAGE}{\fldrslt 7}}", ["7"]),
        (r"{\fonttbl{\f1\fcharset128 M;}}\f1 \'83e\'83X\'83g", ["テスト"]),
        (r"{\fonttbl{\f1\fcharset2 Symbol;}}{\f1 a}b", ["αb"]),
        (r"{\mmath{\*\moMathPara{\*\moMath{\mr x=}{\msSup{\me 10}{\msup 2}}}}{\mmathPict y}}", ["x=10^2"]),
        (r"{\object{\*\objdata 0105}{\result shown}}", ["shown"]),
        (r"{\info{\title no}}{\*\unknown no}{\stylesheet{no;}}yes", ["yes"]),
        (r"a\u55356\'3f\u57138\'3fb", ["a🌲b"]),
    ],
)
def test_words_are_kept(read, source, lines):
    assert read(source)[0] == lines


def test_letters_that_are_not_escaped_are_in_the_code_page_of_the_file(read):
    assert read("Köln", coding="cp1252")[0] == ["Köln"]


def test_pictures_are_counted_once(read):
    shown = r"{\*\shppict{\pict\pngblip 00ff}}{\nonshppict{\pict\wmetafile8 00ff}}"
    assert read(f"x{shown}") == (["x"], "read as text; 1 image not read")


def test_bytes_that_are_no_text_are_passed_over(tmp_path):
    (tmp_path / "a.rtf").write_bytes(
        b"\n{\\rtf1\\mac Z\\'9frich{\\pict\\bin6 }}}{{{}{\\*\\objdata\\bin3 }\\}} after}}} no"
    )
    assert to_text(tmp_path / "a.rtf", "rtf", tmp_path / "out.txt") == "read as text; 1 image not read"
    assert (tmp_path / "out.txt").read_text() == "Zürich after\n"


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("{" * 100_000 + "deep" + "}" * 100_000, "deep"),
        (r"{\footnote x" * 20_000 + "deep", "deep"),
        (r'{\field{\*\fldinst{HYPERLINK "a' * 20_000 + "}" * 60_000 + "end", None),
        (r"{\fonttbl" + r"\f1" * 200_000 + "}end", "end"),
        (r"\bin999999999 end", None),
        (r"\uc999999999\u65 x", None),
        (r"\u-999999999 \u999999999 \ansicpg99999\f\deff\uc1 end", "end"),
    ],
)
def test_a_hostile_file_is_read_or_refused_in_one_line(read, source, word):
    if word:
        assert word in "".join(read(source)[0])
        return
    with suppress(DocumentError):
        read(source)
    assert read("lives")[0] == ["lives"]
