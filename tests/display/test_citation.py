"""A cited passage is redacted as a whole, and then cut: what says that a word is secret may stand elsewhere."""

import pytest

from nbfiles._display.citation import bundle
from nbfiles._documents.quote_search import QuoteContext
from nbfiles._messages.citations import Citation
from tests.canaries import letters

SECRET = letters(24)
NAMED = f"os.environ['OPENAI_API_KEY'] = '{SECRET}'"


def shown(before: str, quote: str, after: str) -> str:
    drawn = bundle(Citation(1, "a.txt", "characters 1–9", quote), QuoteContext(before, quote, after))
    return f"{drawn['text/html']}\n{drawn['text/plain']}"


@pytest.mark.parametrize("cut", [8, 20, 27, 34, 45])
@pytest.mark.parametrize("fill", [0, 300, 360, 375, 390, 398])
def test_a_secret_is_hidden_wherever_it_stands_in_a_passage(cut: int, fill: int) -> None:
    for text in (
        shown(f"{NAMED}\n{'x ' * (fill // 2)}", "What is cited.", "More."),
        shown("Before.\n", "What is cited.", f"{'x ' * (fill // 2)}\n{NAMED}"),
        shown(f"Before.\n{NAMED[:cut]}", NAMED[cut:], "\nMore."),
        shown("Before.\n", NAMED[:cut], f"{NAMED[cut:]}\nMore."),
    ):
        assert SECRET[-10:] not in text
        assert SECRET[:10] not in text


def test_what_is_around_a_quote_is_shown_and_cut() -> None:
    text = shown(f"far {'a' * 500} near, ", "the quote", f" then {'b' * 500} away")
    assert "near, >>>the quote<<< then" in text
    assert "near, <b><u>the quote</u></b> then" in text
    assert "far" not in text
    assert "away" not in text
