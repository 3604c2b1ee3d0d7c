"""What is filled into a form, and what is written beside the text, is read, found and shown."""

from io import BytesIO

import pytest
from PIL import Image

from nbfiles._documents import quote_search
from nbfiles._documents.pdf import page_texts
from nbfiles._documents.quote_search import FOUND, MARKED, QuotePosition
from tests.pdf_files import FONT, LETTER, line, write

LABELS = (
    line("Applicant:", 100, 684) + line("Born:", 100, 644) + line("I agree", 130, 604) + line("Thank you.", 100, 500)
)


def field(rect, entries):
    return f"<</Type/Annot/Subtype/Widget/F 4/DA(/Helv 12 Tf 0 g)/Rect[{rect}]{entries}>>"


@pytest.fixture
def form(tmp_path):
    fields = (
        field("200 680 400 700", "/FT/Tx/T(applicant)/V(Giovanna Marchetti)"),
        field("200 640 400 660", "/FT/Ch/Ff 131072/T(born)/Opt[(Rome)(Turin)]/V(Turin)"),
        field("100 600 115 615", "/FT/Btn/T(agree)/V/Yes/AS/Yes/AP<</N<</Yes 20 0 R/Off 20 0 R>>>>"),
        field("100 560 115 575", "/FT/Btn/T(spam)/V/Off/AS/Off/AP<</N<</Yes 20 0 R/Off 20 0 R>>>>"),
        field("100 520 115 535", "/FT/Tx/Ff 8192/T(secret)/V(hunter2)"),
        field("100 300 300 320", "/FT/Tx/T(code)/TU(Code of the town)/V(A-17)"),
        "<</Type/Annot/Subtype/Text/Rect[400 400 420 420]/T(Anna)/Contents(This cannot be right.)>>",
        "<</Type/Annot/Subtype/FreeText/Rect[400 300 500 320]/DA(/Helv 12 Tf)/Contents(Checked twice)>>",
        "<</Type/Annot/Subtype/Link/Rect[400 200 500 220]/Contents(a link)>>",
        "<</Type/Annot/Subtype/Text/F 2/Rect[400 400 420 420]/Contents(hidden)>>",
        "<</Type/XObject/Subtype/Form/BBox[0 0 15 15]/Length 0>>stream\n\nendstream",
    )
    numbers = " ".join(f"{10 + number} 0 R" for number in range(10))
    catalog = f"/AcroForm<</Fields[{numbers}]/NeedAppearances true/DA(/Helv 12 Tf 0 g)/DR<</Font<</Helv {FONT}>>>>>>"
    return write(tmp_path / "form.pdf", [(LABELS, f"{LETTER}/Annots[{numbers}]")], *fields, catalog=catalog)


def test_values_stand_beside_their_labels(form):
    text = page_texts(form)[0]
    for expected in ("Applicant: Giovanna Marchetti\n", "Born: Turin\n", "[x] I agree\n", "Code of the town: A-17"):
        assert expected in f"{text}\n"
    assert "hunter2" not in text
    assert text.count("[x]") == 1


def test_comments_are_read_with_who_wrote_them(form):
    text = page_texts(form)[0]
    assert "Comment (Anna): This cannot be right." in text
    assert "Checked twice" in text
    assert "a link" not in text
    assert "hidden" not in text


@pytest.mark.parametrize("quote", ["Applicant: Giovanna Marchetti", "Giovanna Marchetti", "This cannot be right."])
def test_a_quote_of_a_value_or_a_comment_is_found_and_marked(form, quote):
    position = QuotePosition(quote, 1, 2)
    assert quote_search.look_up(form, [position])[0].result == FOUND
    page = quote_search.page_picture(form, position)
    assert page.state == MARKED
    assert page.is_comment == ("right" in quote)


def test_values_are_drawn_on_the_page(form):
    page = quote_search.page_picture(form, QuotePosition("zq" * 30, 1, 2))
    image = Image.open(BytesIO(page.data)).convert("L")
    scale = image.width / 612
    value = image.crop((int(202 * scale), int((792 - 698) * scale), int(320 * scale), int((792 - 682) * scale)))
    assert value.getextrema()[0] < 100
