"""A new type of block is one entry of BLOCKS: it streams, is shown, named, and sent back."""

import json

import pytest

from nbfiles._display.answer import bundle
from nbfiles._display.sanitize import RenderedBlock
from nbfiles._display.status_line import status_line
from nbfiles._messages import blocks
from nbfiles._messages.answer import Answer
from nbfiles._messages.block_values import Block
from nbfiles._messages.blocks import BlockKind, View, writes
from nbfiles._messages.content import history
from tests.answers import built

START = {"type": "content_block_start", "content_block": {"type": "haiku", "lines": ""}}


def delta(text):
    return {"type": "content_block_delta", "delta": {"type": "haiku_delta", "more": text}}


def draw(part: Block, _number: int) -> RenderedBlock:
    """Draw the invented block; its entry names this function."""
    return RenderedBlock(f"<blockquote>{part.raw['lines']}</blockquote>", f"Haiku: {part.raw['lines']}")


@pytest.fixture
def haiku(monkeypatch):
    entry = BlockKind(
        lambda raw: Block("haiku", raw),
        {"haiku_delta": writes("more", "lines")},
        view=View(__name__, "draw"),
        status="Counting syllables",
        resend=lambda block, _answered: {**block.raw, "read": True},
    )
    monkeypatch.setitem(blocks.BLOCKS, "haiku", entry)


@pytest.fixture
def answer(haiku):
    request = {"model": "m", "messages": [{"role": "user", "content": []}]}
    text = {"type": "content_block_start", "content_block": {"type": "text", "text": "So."}}
    return built([text, START, delta("An old "), delta("pond")], request=request).snapshot()


def test_it_grows_and_says_what_goes_on(answer):
    assert answer.blocks[-1].raw["lines"] == "An old pond"
    assert status_line(answer) == "Counting syllables"


def test_it_is_drawn_in_its_place_and_in_the_text_twin(answer):
    assert "<blockquote>An old pond</blockquote>" in bundle(answer)["text/html"]
    assert "So.\n\nHaiku: An old pond" in bundle(answer)["text/plain"]


def test_it_is_sent_back_in_the_next_turn(answer):
    assert history(answer)[-1]["content"][-1] == {"type": "haiku", "lines": "An old pond", "read": True}


def test_it_goes_through_json(answer):
    assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer
