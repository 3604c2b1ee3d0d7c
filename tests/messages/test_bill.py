"""What was spent, what may be spent, and what is refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from nbfiles._files.file_tokens import Range
from nbfiles._messages import content, token_estimate
from nbfiles._messages.answer import Usage
from nbfiles._messages.costs import Costs, afford
from nbfiles.errors import BadInput
from nbfiles.records import FileRecord, Kind
from tests.answers import answer_of

SAMPLES = Path(__file__).parents[2] / "notebooks" / "samples"
SONNET = "claude-sonnet-5-5"
MILLION = Usage(1_000_000, 1_000_000, 1_000_000, 1_000_000)


def record(name, kind, mime_type, path=None):
    size = (SAMPLES / name).stat().st_size
    return FileRecord(name, f"file_{name}", kind, mime_type, size, datetime(2026, 11, 1, tzinfo=UTC), path=path)


PDF = record("bzip2-manual.pdf", Kind.PDF, "application/pdf", SAMPLES / "bzip2-manual.pdf")
PNG = record("flower.jpg", Kind.IMAGE, "image/jpeg", SAMPLES / "flower.jpg")


def test_a_question_without_an_answer_is_not_counted_as_one():
    bill = Costs()
    bill.add(answer_of(model=SONNET, usage=MILLION), "list")
    bill.add(answer_of(model=SONNET, unreported=1), "list")
    report = bill.report()
    assert (report.total.answers, report.unreported) == (1, 1)
    assert [total.answers for total in (*report.by_model, *report.by_thread, *report.by_file)] == [1, 1, 1]


def test_input_cache_and_output_are_told_apart_by_model_thread_and_file():
    bill = Costs()
    bill.add(answer_of(model=SONNET, usage=MILLION, thread="t", sources=("a.pdf", "b.pdf")), "list")
    bill.add(answer_of(model=SONNET, usage=MILLION, sources=("a.pdf",)), "list")
    assert bill.report().by_model[0].cost == pytest.approx((4, 5, 0.2, 20))
    assert [(total.name, total.answers) for total in bill.report().by_thread] == [("t", 1), ("no thread", 1)]
    assert [(total.name, total.answers) for total in bill.report().by_file] == [("a.pdf", 2), ("b.pdf", 1)]


def test_one_unknown_price_makes_a_total_unknown_and_nothing_else():
    bill = Costs()
    assert bill.add(answer_of(model=SONNET, usage=MILLION), "list") == pytest.approx(14.6)
    assert bill.add(answer_of(model="m", usage=MILLION), "list") is None
    assert bill.add(answer_of(model=SONNET, usage=MILLION), "unknown") is None
    assert bill.add(answer_of(model=SONNET, usage=MILLION), "free") == 0
    assert bill.total().cost is None
    assert bill.total().usage.input_tokens == 4_000_000


def test_a_budget_refuses_what_may_be_more_with_the_number():
    afford(0.5, 0.6, 0.1, "the budget")
    afford(9.0, None, 9.0, "no budget")
    with pytest.raises(BadInput, match=r"up to \$0\.5000, and \$0\.2000 is spent.*\$0\.60\. Nothing was sent"):
        afford(0.5, 0.6, 0.2, "the budget")


@pytest.mark.parametrize(("most", "spent"), [(None, 0.0), (0.1, None)])
def test_a_budget_cannot_be_held_where_a_price_is_unknown(most, spent):
    with pytest.raises(BadInput, match="not known"):
        afford(most, 1.0, spent, "the budget")


def tokens(*records, question="why?"):
    blocks = content.blocks(records, code=False)
    return token_estimate.of_request(content.request(question, blocks, model="m", max_tokens=9), records)


def test_a_pdf_counts_its_pages_and_its_text():
    alone, pages = tokens(), 38
    low, high = (a - b for a, b in zip(tokens(PDF), alone, strict=True))
    assert pages * 1_000 < low < high < pages * 6_000


def test_an_image_counts_its_tiles():
    low, high = tokens(PNG)
    assert 0 < high - tokens().high == low - tokens().low < 8_500


def test_a_file_that_is_not_here_is_estimated_by_its_size():
    gone = record("bzip2-manual.pdf", Kind.PDF, "application/pdf")
    assert tokens(gone).low < tokens(PDF).low < tokens(PDF).high < tokens(gone).high + 100_000


def test_the_price_runs_from_a_short_answer_to_the_longest_and_knows_the_cache():
    assert token_estimate.price(SONNET, Range(1000, 2000), 100, "list", cached=False) == pytest.approx((0.00201, 0.005))
    least, most = token_estimate.price(SONNET, Range(1000, 2000), 100, "list", cached=True)
    assert (least, most) == pytest.approx((0.00011, 0.006))
    assert token_estimate.price("m", Range(1, 2), 1, "list", cached=False) is None
    assert token_estimate.price(SONNET, Range(1, 2), 1, "unknown", cached=False) is None
    assert token_estimate.price("m", Range(1, 2), 1, "free", cached=False) == (0, 0)
