"""The mark of a quote lies on its words, however the page is turned, moved, cropped or printed."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from nbfiles._documents import quote_search
from nbfiles._documents.quote_search import BEGINNING, GOES_ON, MARKED, NO_TEXT, NOT_FOUND, UNSEEN, QuotePosition
from tests.pdf_files import LETTER, line, lines, stream, write

QUOTE = "A frost of three weeks killed nearly all the trees."
REST = "Nobody had seen that before."


def picture(path, quote=QUOTE, first=1, end=2):
    return quote_search.page_picture(path, QuotePosition(quote, first, end))


def image(page):
    return Image.open(BytesIO(page.data)).convert("RGB")


def mark_of(path, quote=QUOTE, first=1, end=2):
    """Return the box of what differs by the mark, in shares of the picture."""
    marked, plain = image(picture(path, quote, first, end)), image(picture(path, "zq" * 30, first, end))
    box = ImageChops.difference(marked, plain).convert("L").point(lambda value: 255 * (value > 40)).getbbox()
    assert box, "no mark"
    width, height = marked.size
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def near(box, expected, tolerance=0.012):
    return all(abs(one - other) <= tolerance for one, other in zip(box, expected, strict=True))


# The line stands at (100, 600) of the page's own coordinates, 12 units high and about 252 wide.
PLACE = line(QUOTE, 100, 600)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (LETTER, (100 / 612, 183 / 792, 352 / 612, 195 / 792)),
        (f"{LETTER}/Rotate 90", (597 / 792, 100 / 612, 609 / 792, 352 / 612)),
        (f"{LETTER}/Rotate 180", (260 / 612, 597 / 792, 512 / 612, 609 / 792)),
        (f"{LETTER}/Rotate 270", (183 / 792, 260 / 612, 195 / 792, 512 / 612)),
        (f"{LETTER}/Rotate -90", (183 / 792, 260 / 612, 195 / 792, 512 / 612)),
        ("/MediaBox[50 300 450 700]", (50 / 400, 91 / 400, 302 / 400, 103 / 400)),
        ("/MediaBox[450 700 50 300]", (50 / 400, 91 / 400, 302 / 400, 103 / 400)),
        ("/MediaBox[-100 -100 512 692]", (200 / 612, 83 / 792, 452 / 612, 95 / 792)),
        (f"{LETTER}/CropBox[50 500 450 700]", (50 / 400, 91 / 200, 302 / 400, 103 / 200)),
        (f"{LETTER}/CropBox[50 500 450 700]/Rotate 90", (97 / 200, 50 / 400, 109 / 200, 302 / 400)),
        (f"{LETTER}/UserUnit 2", (100 / 612, 183 / 792, 352 / 612, 195 / 792)),
    ],
)
def test_the_mark_lies_on_the_words(tmp_path, entries, expected):
    path = write(tmp_path / "a.pdf", [(PLACE, entries)])
    assert picture(path).state == MARKED
    assert near(mark_of(path), expected, 0.02)


def test_a_page_in_units_of_an_inch_is_large_enough_to_read(tmp_path):
    path = write(tmp_path / "a.pdf", [(line(QUOTE, 0.5, 10, 0.2), "/MediaBox[0 0 8.5 11]/UserUnit 72")])
    assert max(image(picture(path)).size) >= 80
    assert picture(path).state == MARKED


def test_bold_that_is_printed_twice_has_one_mark(tmp_path):
    letters = "".join(
        line(char, 100 + 8 * number + shift, 600) for number, char in enumerate("frost of weeks") for shift in (0, 0.4)
    )
    path = write(tmp_path / "a.pdf", [letters])
    assert quote_search.look_up(path, [QuotePosition("frost of weeks", 1, 2)])[0].result == quote_search.FOUND
    left, top, right, bottom = mark_of(path, "frost of weeks")
    assert near((left, top, right, bottom), (100 / 612, 183 / 792, 212 / 612, 195 / 792), 0.02)


def test_a_quote_over_two_lines_has_a_mark_on_both_and_none_between(tmp_path):
    path = write(tmp_path / "a.pdf", [line("The end of it is here:", 400, 600) + line("and here.", 100, 570)])
    left, _, right, _ = mark_of(path, "of it is here: and here.")
    assert near((left, right), (100 / 612, 517 / 612), 0.02)
    marked = image(picture(path, "of it is here: and here."))
    assert marked.getpixel((int(marked.width * 0.3), int(marked.height * (792 - 604) / 792))) == (255, 255, 255)


def test_lines_of_two_columns_that_are_not_level_have_a_mark_each(tmp_path):
    path = write(tmp_path / "a.pdf", [line("the United States,", 100, 600) + line("call them on Monday.", 206, 594.5)])
    marked = image(picture(path, "the United States, call them on Monday."))
    scale = marked.width / 612
    for x, y in ((150, 594), (250, 606)):  # below the one line, and above the other
        assert marked.getpixel((int(x * scale), int((792 - y) * scale))) == (255, 255, 255)


def test_of_a_quote_over_a_page_end_the_part_here_is_marked_and_said_to_go_on(tmp_path):
    foot, head = line("Page 1 of 2", 100, 40), line("The report", 100, 760)
    pages = [PLACE + line("It was the", 100, 80) + foot, head + line("worst one of all the years.", 100, 700)]
    path = write(tmp_path / "a.pdf", pages)
    quote = "It was the worst one of all the years."
    for end in (2, 3):
        page = picture(path, quote, 1, end)
        assert (page.page, page.state) == (1, GOES_ON)
        assert quote_search.look_up(path, [QuotePosition(quote, 1, end)])[0].result == quote_search.FOUND
    box = mark_of(path, quote)
    assert near((box[1], box[3]), ((792 - 92) / 792, (792 - 77) / 792))


def test_the_page_of_several_that_has_the_quote_is_shown(tmp_path):
    path = write(tmp_path / "a.pdf", [line("Something else.", 100, 600), PLACE, line("More.", 100, 600)])
    page = picture(path, QUOTE, 1, 4)
    assert (page.page, page.state) == (2, MARKED)


def test_of_a_quote_that_ends_otherwise_the_beginning_is_marked_which_is_said(tmp_path):
    path = write(tmp_path / "a.pdf", [PLACE])
    assert picture(path, QUOTE.replace("trees.", "people, and more.")).state == BEGINNING


@pytest.mark.parametrize(
    "content",
    [
        line(QUOTE, 100, 900),  # above the page
        f"1 1 1 rg {PLACE}",  # white on white
        f"3 Tr {PLACE}",  # invisible, and no scan below it
    ],
)
def test_what_is_not_to_be_seen_is_not_said_to_be_marked(tmp_path, content):
    path = write(tmp_path / "a.pdf", [content + line(REST, 100, 300)])
    page = picture(path)
    assert (page.state, page.marked) == (UNSEEN, False)
    assert image(page).getcolors() == image(picture(path, "zq" * 30)).getcolors()


def test_a_page_without_text_says_so(tmp_path):
    path = write(tmp_path / "a.pdf", ["100 100 200 200 re f", PLACE])
    assert picture(path).state == NO_TEXT
    assert picture(path, "Nobody wrote that.", 2, 3).state == NOT_FOUND
    assert picture(path, QUOTE, 9, 10) is None


def test_text_that_runs_across_the_page_has_a_mark_along_it(tmp_path):
    content = f"BT /F1 20 Tf 0.7071 0.7071 -0.7071 0.7071 150 200 Tm ({QUOTE}) Tj ET"
    path = write(tmp_path / "a.pdf", [content])
    marked = image(picture(path))
    colours = marked.crop((int(marked.width * 0.55), int(marked.height * 0.7), marked.width, marked.height)).getcolors()
    assert picture(path).state == MARKED
    assert colours == [(colours[0][0], (255, 255, 255))], "the corner below the line is marked"


@pytest.mark.parametrize(
    "content",
    [
        "".join(line(char, 300, 700 - 14 * number) for number, char in enumerate("downwards!")),
        "BT /F1 12 Tf 0 1 -1 0 300 500 Tm (downwards!) Tj ET",
    ],
)
def test_vertical_text_has_one_mark_along_it(tmp_path, content):
    path = write(tmp_path / "a.pdf", [content])
    left, top, right, bottom = mark_of(path, "downwards!")
    assert picture(path, "downwards!").state == MARKED
    assert 280 / 612 < left < right < 320 / 612
    assert bottom - top > 50 / 792


def test_letters_from_right_to_left_are_marked(tmp_path):
    letters = "שלום עולם"
    codes = "".join(f"<{65 + number:02X}> <{ord(char):04X}>\n" for number, char in enumerate(letters))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapName /X def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange\n{len(letters)} beginbfchar\n{codes}endbfchar\n"
        "endcmap end end"
    )
    shown = "".join(chr(65 + number) for number in range(len(letters)))[::-1]  # as it stands, from the left
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 10 0 R>>"
    path = write(tmp_path / "a.pdf", [line(shown, 100, 600)], stream(cmap.encode()), font=font)
    assert quote_search.look_up(path, [QuotePosition(letters, 1, 2)])[0].result == quote_search.FOUND
    left, _, right, _ = mark_of(path, letters)
    assert near((left, right), (100 / 612, 168 / 612), 0.03)


def test_lines_that_are_drawn_out_of_order_are_found_as_they_stand(tmp_path):
    texts = ["The frost came on Monday, and", "it stayed for three weeks, until", "all the trees were dead."]
    drawn = [line(text, 100, 600 - 15 * number) for number, text in enumerate(texts)]
    path = write(tmp_path / "a.pdf", [drawn[2] + drawn[0] + drawn[1]])
    assert picture(path, " ".join(texts)).state == MARKED


def test_a_page_full_of_a_photo_is_a_small_picture(tmp_path):
    noise = Image.effect_noise((900, 1200), 90).convert("RGB")
    noise.save(tmp_path / "a.pdf")
    page = picture(tmp_path / "a.pdf")
    assert page.mime_type == "image/jpeg"
    assert len(page.data) < 2_000_000


def test_a_page_of_text_is_a_sharp_picture(tmp_path):
    path = write(tmp_path / "a.pdf", [f"0 0 1 rg {PLACE} 1 0 0 rg " + lines([QUOTE] * 30, 100, 560)])
    assert picture(path).mime_type == "image/png"


@pytest.mark.parametrize(
    ("labels", "label", "name"),
    [
        ("[0<</S/D/St 217>>]", "217", "page 217 (sheet 1)"),
        ("[0<</S/r>>]", "i", "page i (sheet 1)"),
        ("[0<</P(A-)/S/D>>]", "A-1", "page A-1 (sheet 1)"),
        ("[0<</S/D>>]", "", "page 1"),
        ("[0<</P()>>]", "", "page 1"),
        (r"[0<</P(a\012b\033[1m <i>\(sheet 9\))>>]", "a b1m isheet 9", "page a b1m isheet 9 (sheet 1)"),
        (f"[0<</P({'long ' * 100})>>]", "long long long long…", "page long long long long… (sheet 1)"),
    ],
)
def test_a_page_is_called_as_is_printed_on_it(tmp_path, labels, label, name):
    path = write(tmp_path / "a.pdf", [PLACE], catalog=f"/PageLabels<</Nums{labels}>>")
    assert quote_search.look_up(path, [QuotePosition(QUOTE, 1, 2)]) == [quote_search.QuoteResult("found", label)]
    assert picture(path).name == name


def test_pages_are_called_by_the_first_and_the_last_of_them(tmp_path):
    path = write(tmp_path / "a.pdf", [PLACE] * 3, catalog="/PageLabels<</Nums[0<</S/r/St 4>>2<</S/D>>]>>")
    assert [quote_search.look_up(path, [QuotePosition(QUOTE, 1, end)])[0].page_label for end in (2, 3, 4, 9)] == [
        *("iv", "iv–v", "iv–1", "iv–1"),
    ]
    assert quote_search.named_pages("1–2", "iv–v") == "pages iv–v (sheets 1–2)"
