"""Every quote is looked up in the local file."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from nbfiles._display import citation
from nbfiles._documents import quote_search
from nbfiles._documents.quote_search import QuotePosition
from nbfiles._documents.readers.quotes import find
from nbfiles._messages import citation_check
from nbfiles._messages.answer import Answer, Outcome
from nbfiles._messages.per_file import FileResult
from nbfiles.records import FileRecord, Kind
from tests.answers import answer_of

MANUAL = Path(__file__).parents[2] / "notebooks" / "samples" / "bzip2-manual.pdf"
DAY = datetime(2026, 11, 1, tzinfo=UTC)
QUOTE = "compressing a file 20,000 bytes long with the flag -9 will cause the compressor to allocate around 7600k"


def record(path, kind=Kind.PDF):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return FileRecord(path.name, "file_1", kind, "x/y", 9, DAY, sha256=digest, path=path)


def cited(quote, first=9, end=10, **raw):
    place = {"type": "page_location", "start_page_number": first, "end_page_number": end}
    citation = {"cited_text": quote, "document_index": 0, **(raw or place)}
    return answer_of({"type": "text", "text": "A", "citations": [citation]}, documents=("m",))


def looked_up(answer, file):
    return citation_check.look_up(answer, lambda _name: file, lambda record: record.path)[0].evidence


@pytest.mark.parametrize(
    ("quote", "first", "end", "said"),
    [
        (QUOTE, 9, 10, citation_check.FOUND),
        (QUOTE.replace(" ", "\n  "), 9, 10, citation_check.FOUND),
        (QUOTE, 8, 11, citation_check.FOUND),
        (QUOTE, 3, 4, citation_check.NOT_FOUND),
        ("something that nobody wrote", 9, 10, citation_check.NOT_FOUND),
        (QUOTE, 900, 901, citation_check.NO_TEXT),
    ],
)
def test_a_quote_is_looked_up_on_its_pages(quote, first, end, said):
    assert looked_up(cited(quote, first, end), record(MANUAL)) == said


def test_a_scan_has_no_text_to_look_in(tmp_path):
    path = tmp_path / "scan.pdf"
    Image.new("RGB", (100, 100), "white").save(path)
    assert looked_up(cited("anything", 1, 2), record(path)) == citation_check.NO_TEXT


def test_a_quote_of_a_text_is_looked_up_at_its_place_and_elsewhere(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Grüße. The launch is on Friday.")
    place = {"type": "char_location", "start_char_index": 7, "end_char_index": 31}
    assert looked_up(cited("The launch is on Friday.", **place), record(path, Kind.TEXT)) == citation_check.FOUND
    assert looked_up(cited("on Friday", **place), record(path, Kind.TEXT)) == citation_check.FOUND
    assert looked_up(cited("on Monday", **place), record(path, Kind.TEXT)) == citation_check.NOT_FOUND


def test_only_the_very_bytes_that_were_uploaded_count(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")
    file = record(path, Kind.TEXT)
    path.write_text("two")
    assert looked_up(cited("one", type="char_location"), file) == citation_check.CHANGED
    path.unlink()
    assert looked_up(cited("one", type="char_location"), file) == citation_check.GONE
    assert looked_up(cited("one", type="char_location"), None) == citation_check.GONE


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("the ‘best’ café", "'best' café"),
        ("work-\nshop rules", "workshop rules"),
        ("of\u00a0ﬁve", "of five"),
        ("a – b", "a - b"),
    ],
)
def test_typography_does_not_hide_a_quote(text, quote):
    start, end = find(text, quote)
    assert text[end - 1] == quote[-1]
    assert start == text.index(quote[0] if quote[0] != "'" else "‘")


def test_the_page_has_the_quote_marked():
    plain = quote_search.page_picture(MANUAL, QuotePosition("not there at all, and never was", 9, 10))
    marked = quote_search.page_picture(MANUAL, QuotePosition(QUOTE, 9, 10))
    assert (plain.marked, marked.marked) == (False, True)
    assert plain.data != marked.data
    assert len(marked.data) < 300_000
    assert quote_search.page_picture(MANUAL, QuotePosition(QUOTE, 99, 100)) is None


def test_a_citation_names_the_page_as_it_is_printed_and_the_sheet():
    answer = cited(QUOTE)
    checked = citation_check.look_up(answer, lambda _name: record(MANUAL), lambda record: record.path)
    outcome = replace(answer.outcome, page_labels=tuple(one.page_label for one in checked))
    (only,) = replace(answer, outcome=outcome).citations
    assert (only.where, only.page_label) == ("page 6 (sheet 9)", "6")
    assert answer.citations[0].where == "page 9"


def test_a_citation_keeps_the_label_of_its_page_through_json():
    answer = replace(cited(QUOTE), outcome=Outcome(evidence=("quote found",), page_labels=("6",)))
    kept = Answer.from_dict(json.loads(json.dumps(answer.to_dict())))
    assert kept.citations[0].where == "page 6 (sheet 9)"
    older = answer.to_dict()
    del older["outcome"]["page_labels"]
    assert Answer.from_dict(older).citations[0].where == "page 9"


def test_a_row_of_each_has_the_label_beside_the_sheet_where_they_differ():
    labelled = replace(cited(QUOTE, 9, 11), outcome=Outcome(page_labels=("6–7",)))
    cells = FileResult("m", answer=labelled).cells()
    assert (cells["page"], cells["page_label"]) == ("9–10", "6–7")
    assert "page_label" not in FileResult("m", answer=cited(QUOTE)).cells()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": quote_search.MARKED}, "The quote is marked on the page."),
        ({"state": quote_search.MARKED, "page": 10, "label": "7"}, "The quote is marked on page 7 (sheet 10)."),
        ({"state": quote_search.MARKED, "is_comment": True}, "in a comment, whose place is marked on the page"),
        ({"state": quote_search.GOES_ON}, "It goes on on the next page."),
        ({"state": quote_search.BEGINNING}, "Only the beginning of the quote was found"),
        ({"state": quote_search.UNSEEN}, "NOT marked: it is in the text of the page, but not to be seen on it."),
        ({"state": quote_search.NO_TEXT}, "NOT marked: the page has no text layer."),
        ({"state": quote_search.NOT_FOUND}, "NOT marked: it was not found there."),
    ],
)
def test_what_is_marked_is_said_above_the_page(fields, said):
    page = quote_search.PagePicture(b"x", "image/jpeg", **{"page": 9, **fields})
    shown = citation.bundle(cited(QUOTE).citations[0], page)
    assert said in shown["text/plain"]
    assert "data:image/jpeg;base64,eA==" in shown["text/html"]
    assert page.name in shown["text/html"]
