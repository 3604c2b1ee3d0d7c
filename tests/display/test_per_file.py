"""The table of files that are each asked the same."""

from nbfiles._display import per_file
from nbfiles._messages.per_file import FileResult
from tests.answers import said


def test_answers_are_readable_while_others_wait():
    short = said("The launch is on **Friday**.\nAll is well.", cost=0.0)
    rows = [FileResult("a.txt", "done", short), FileResult("b.txt", "asking")]
    shown = per_file.bundle(rows, "")
    for text in shown.values():
        assert "The launch is on **Friday**. All is well." in text
    long = said("word " * 200)
    assert "word …" in per_file.bundle([FileResult("a.txt", "done", long)], "")["text/plain"]


def test_nothing_is_said_before_the_first_answer():
    assert "answer" not in per_file.bundle([FileResult("a.txt"), FileResult("b.txt")], "")["text/plain"].splitlines()[0]
