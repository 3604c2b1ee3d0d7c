"""An answer longer than any that a model writes for a person is shown by its beginning, and kept whole."""

from nbfiles._display import answer as views
from tests.answers import said

TEXT = "word " * (views.SHOWN_CHARS // 5) + "and more"


def test_a_long_answer_is_shown_by_its_beginning_and_says_so():
    answer = said(TEXT)
    bundle = views.bundle(answer)
    assert answer.text == TEXT
    assert "Shown: the first 600,000 of 600,008 characters. All: answer.text" in bundle["text/html"]
    assert "Shown: the first 600,000 of 600,008 characters. All: answer.text" in bundle["text/plain"]
    assert "and more" not in bundle["text/plain"]


def test_so_it_is_while_it_grows():
    assert "and more" not in views.partial_view(said(TEXT), "writes").end.plain


def test_an_answer_as_long_as_a_model_writes_is_shown_whole():
    assert "Shown:" not in views.bundle(said(TEXT[: views.SHOWN_CHARS]))["text/plain"]
