"""A growing answer costs what changed: what is settled is sent once or twice, and stays."""

import pytest

from nbfiles._display import answer
from nbfiles._display.output import MESSAGE_CHARS
from nbfiles._display.streaming import END_CHARS, OUTPUT_CHARS
from tests.answers import answer_of, said
from tests.canaries import api_id, letters

TEXT = """
## What the manual says

The block size **affects** both the ratio and the memory, for `compress` and for `decompress`. Larger
blocks give rapidly diminishing returns; most of the gain comes from the first two or three hundred
kilobytes, which is worth knowing on *small* machines.

- First point: the recovery tool splits a file into blocks of its own.
- Second point: a damaged block is found by its checksum.

| level | memory | ratio |
|---|---|---|
| 1 | 1.2 MB | 3.1 |
| 9 | 7.6 MB | 3.7 |
"""


def growing(text):
    """An answer as it grows by 10 tokens of 4 characters, ten times a second."""
    for end in range(40, len(text) + 1, 40):
        whole = said(text[:end], model="claude-sonnet-5-5", sources=("report.pdf",))
        yield answer.partial_view(whole, "Writing …")


def test_an_answer_of_ten_thousand_tokens_sends_two_megabytes_at_most():
    sent, shown = 0, []
    for growth in growing((TEXT * 100)[:40_000]):
        before, shown = shown, growth.outputs()
        changed = [bundle for place, bundle in enumerate(shown) if place >= len(before) or bundle != before[place]]
        sent += sum(MESSAGE_CHARS + sum(map(len, bundle.values())) for bundle in changed)
    assert sent + 110_000 < 2_000_000  # the last paint sends the whole, as HTML and as text
    assert len(shown) < 20


def test_the_longest_answer_takes_fewer_outputs_than_jupyterlab_shows():
    whole = said((TEXT * 600)[:199_000])
    assert 20 < len(answer.partial_view(whole, "Writing …").outputs()) < 45


def test_only_the_last_outputs_change_and_all_of_them_are_the_whole():
    before: list[dict[str, str]] = []
    for growth in growing(TEXT * 30):
        now = growth.outputs()
        assert now[: max(len(before) - 2, 0)] == before[:-2]
        assert all(len(bundle["text/html"]) < OUTPUT_CHARS + 2 * END_CHARS for bundle in now)
        before = now
    bare = [b["text/html"].removeprefix(growth.frame).removesuffix("</div>") for b in now]
    assert "".join(bare) == growth.whole()["text/html"].removeprefix(growth.frame).removesuffix("</div>")


def test_what_is_settled_has_its_text_and_the_end_says_what_is_going_on():
    *_, growth = growing(TEXT * 30)
    *settled, last = (bundle["text/plain"] for bundle in growth.outputs())
    assert settled[0].startswith("claude-sonnet-5-5 · report.pdf")
    assert all("| 9 | 7.6 MB | 3.7 |" in text for text in settled)
    assert last == "Writing …"
    assert growth.whole()["text/plain"] == "claude-sonnet-5-5 · report.pdf\n\nWriting …"


def test_a_list_a_table_or_open_code_is_never_divided():
    for begin, line in (("", "- point\n"), ("|a|\n|-|\n", "| cell |\n"), ("```\n", "x = 1\n")):
        text = f"Before.\n\n{begin}{line * 900}"
        growth = answer.partial_view(said(text), "Writing …")
        *_, last = growth.outputs()
        assert last["text/html"].count(line.strip(" -|\n")) == 900


@pytest.mark.parametrize(
    "secret", [api_id("file"), api_id("container"), "sk-" + "ant-" + letters(40), "gh" + "p_" + letters(36)]
)
@pytest.mark.parametrize("written", ["{}", "`{}`", "**{}**", "({}).", "https://example.com/?key={}"])
def test_the_beginning_of_a_secret_is_not_shown_while_it_is_written(secret, written):
    text = f"It is {written.format(secret)} and so on"
    for end in range(text.index(secret), len(text)):
        shown = answer.partial_view(said(text[:end]), "Writing …").whole()["text/html"]
        assert "It is" in shown
        assert secret[8:12] not in shown
    assert "and so" in shown


def test_words_are_shown_while_they_grow():
    for text in (
        "Is it so?",
        "A word",
        "日本語です？はい",
        "# Head",
        "| a | b |",
        "```python\nx = 1",
        "file",
        "x" * 500,
    ):
        assert text.split()[-1].strip("|#") in answer.partial_view(said(text), "Writing …").whole()["text/html"]


def test_a_thought_that_goes_on_is_only_a_word():
    thought = {"type": "thinking", "thinking": "Let me see. " * 500}
    growth = answer.partial_view(answer_of(thought), "Thinking …")
    assert "Let me see" not in growth.whole()["text/html"]
    written = answer.partial_view(answer_of(thought, {"type": "text", "text": "Yes."}), "Writing …")
    assert "Thinking, 1,500 words" in written.whole()["text/html"]
