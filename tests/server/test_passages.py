import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nbfiles._documents.pdf import page_texts
from nbfiles.server.engines.quotes.index import terms
from nbfiles.server.engines.quotes.passages import cut
from nbfiles.server.engines.quotes.prose import clipped, escaped
from nbfiles.server.messages.query import Document
from tests.server.official import SAMPLES

LETTERS = st.text(st.sampled_from("aB9 .\n•-:#\x0c\u2028é"), max_size=120)


def paged(*parts):
    return Document(0, "x", None, "page", parts, True)


def texts(*parts):
    return [passage.text for passage in cut(paged(*parts))]


@given(st.lists(LETTERS, max_size=4))
def test_a_passage_is_never_empty_and_stands_where_it_says(parts):
    for passage in cut(paged(*parts)):
        assert passage.text == passage.text.strip() != ""
        assert passage.text in parts[passage.part]


def test_sentences_stay_whole_and_abbreviations_do_not_end_them():
    assert texts("It works, e.g. On Mondays. It rests. ")[0] == "It works, e.g. On Mondays. It rests."


def test_a_german_date_does_not_end_a_sentence():
    assert len(texts("Das Haus wurde am 1. März verkauft. Es steht leer.")) == 2


def test_a_heading_begins_a_new_stretch_and_names_it():
    (passage,) = cut(paged("2.5. MEMORY\nIt takes a lot."))
    assert (passage.heading, passage.text) == ("2.5. MEMORY", "It takes a lot.")


def test_every_line_of_a_form_stands_for_itself():
    form = "Vendor: Northwind\nDue date: 14 March\nItems:\nRope, 3 pieces\nAnchor, 1 piece"
    assert texts(form) == [
        "Vendor: Northwind",
        "Due date: 14 March",
        "Items:\nRope, 3 pieces\nAnchor, 1 piece",
    ]
    prose = "It ends as follows: the boat\nsinks. Nobody asks: why?"
    assert texts(prose)[0] == prose


def test_lines_of_contents_are_left_out():
    assert texts("2.1. NAME . . . . . . . . . 2\n2.2. SYNOPSIS . . . . . . 3\n") == []


def test_running_heads_and_page_numbers_are_left_out():
    assert texts(*(f"The Handbook\nPage text {n} ends.\n{n}" for n in range(1, 4)))[0] == "Page text 1 ends."


def test_the_rest_of_a_sentence_from_the_page_before_is_left_out():
    assert texts("It is larger", "than a block. Next sentence.")[-1] == "Next sentence."


def test_no_passage_of_the_manual_is_too_long_to_read():
    pages = page_texts(SAMPLES / "bzip2-manual.pdf")
    lengths = sorted(len(text) for text in texts(*pages))
    assert lengths[int(len(lengths) * 0.95)] < 450


@given(st.lists(st.sampled_from([*"aB9 _*<>[]()`~|$\\!/&;é", "&lt;", "&#60;"]), max_size=30))
def test_text_of_a_document_reads_as_it_is(pieces):
    line = f"It says: {''.join(pieces).strip()}."
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(escaped(line))
    assert html == f"<p>{html_of(line)}</p>\n"


def html_of(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_a_name_with_underscores_and_a_comparison_need_no_backslash():
    assert escaped("sales_2026_Q3.csv has p < 0.05, 3 > 2") == "sales_2026_Q3.csv has p < 0.05, 3 > 2"


def test_words_of_asking_are_not_searched():
    assert terms("What does the -9 flag do, and how much?") == ["-9", "flag"]


def test_a_table_kept_as_text_is_cut_at_its_lines():
    rows = "".join(f"row {n},{'x' * 40}\n" for n in range(60))
    found = texts(rows)
    assert len(found) > 5
    assert all(text.startswith("row ") and len(text) <= 700 for text in found)


@pytest.mark.parametrize("endless", ["x" * 5000, "word " * 1000, "a\n" * 3000])
def test_text_that_never_ends_is_cut_all_the_same(endless):
    found = texts(endless)
    assert max(map(len, found)) <= 700
    assert found[-1] == found[-1].strip() != ""


def test_a_sentence_in_brackets_is_not_torn_apart():
    text = "The boat (it was red. It was old, too.) came back with the tide. Then it left."
    document = Document(0, None, None, "char", (text,), True)
    for passage in cut(document):
        assert passage.text.count("(") == passage.text.count(")")


def test_a_clipped_text_ends_before_an_open_bracket():
    assert (
        clipped("A boat came back from the sea (with the tide and the wind)", 48) == "A boat came back from the sea …"
    )


@pytest.mark.timeout(40)  # work that grew with the square of the length took hours
@pytest.mark.parametrize("sentence", ["The boat is red. ", "e.g. A ", "(x. A "])
def test_a_book_on_one_line_is_cut_in_one_go(sentence):
    whole = sentence * (2_000_000 // len(sentence))
    found = list(cut(Document(0, None, None, "char", (whole,), True)))
    assert found[-1].end >= len(whole) - len(sentence)
