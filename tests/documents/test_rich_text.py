"""RTF files are read with their headers, notes, comments, text boxes and list numbers."""

import pytest

from nbfiles._documents.convert import to_text


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
