"""A type of block is drawn by one entry of BLOCKS: in the growing answer, the finished one, and the status line."""

import pytest

from nbfiles._display import answer
from nbfiles._display.sanitize import RenderedBlock, escape
from nbfiles._display.status_line import status_line
from nbfiles._messages.blocks import BLOCKS, BlockKind, Unknown, View, writes
from tests.answers import answer_of, built

START = {"type": "content_block_start", "content_block": {"type": "poem", "lines": ""}}
MORE = {"type": "content_block_delta", "delta": {"type": "poem_delta", "line": "Roses are <red>"}}


def draw(part, _number):
    """Return a poem, as the entry below names it."""
    text = part.raw["lines"]
    return RenderedBlock(f"<blockquote>{escape(text)}</blockquote>", f"Poem: {text}")


def rhyming(_answer, _partial_input):
    return "Looking for a rhyme"


@pytest.fixture(autouse=True)
def poem(monkeypatch):
    """One entry, as a new type of block would have it."""
    entry = BlockKind(
        lambda raw: Unknown(raw["type"], raw),
        {"poem_delta": writes("line", "lines")},
        view=View(__name__, "draw"),
        status=View(__name__, "rhyming"),
    )
    monkeypatch.setitem(BLOCKS, "poem", entry)


def test_it_is_drawn_while_it_arrives_and_the_status_line_names_it():
    builder = built([START, MORE])
    so_far = builder.snapshot()
    assert status_line(so_far, builder.partial_input) == "Looking for a rhyme"
    html = answer.partial_view(so_far, "…").whole()["text/html"]
    assert "<blockquote>Roses are &lt;red&gt;</blockquote>" in html


def test_a_finished_answer_shows_it_between_its_prose_in_both_forms():
    before, after = ({"type": "text", "text": text} for text in ("First.", "Last."))
    shown = answer.bundle(answer_of(before, {"type": "poem", "lines": "Roses are <red>"}, after))
    plain = shown["text/plain"]
    assert plain.index("First.") < plain.index("Poem: Roses are <red>") < plain.index("Last.")
    assert "<blockquote>Roses are &lt;red&gt;</blockquote>" in shown["text/html"]


def test_a_type_that_nobody_entered_is_not_drawn_and_does_no_harm():
    shown = answer.bundle(answer_of({"type": "hologram", "shape": "cube"}, {"type": "text", "text": "Yes."}))
    assert "Yes." in shown["text/plain"]
    assert "cube" not in shown["text/plain"] + shown["text/html"]
