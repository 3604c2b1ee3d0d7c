"""The table of files that are each asked the same."""

from dataclasses import replace

from nbfiles.asking.answer import Answer
from nbfiles.asking.each import Row
from nbfiles.display import each


def test_answers_are_readable_while_others_wait():
    said = Answer(blocks=({"type": "text", "text": "The launch is on **Friday**.\nAll is well."},), cost=0.0)
    rows = [Row("a.txt", "done", said), Row("b.txt", "asking")]
    shown = each.bundle(rows, "")
    for text in shown.values():
        assert "The launch is on **Friday**. All is well." in text
    long = replace(said, blocks=({"type": "text", "text": "word " * 200},))
    assert "word …" in each.bundle([Row("a.txt", "done", long)], "")["text/plain"]


def test_nothing_is_said_before_the_first_answer():
    assert "answer" not in each.bundle([Row("a.txt"), Row("b.txt")], "")["text/plain"].splitlines()[0]
