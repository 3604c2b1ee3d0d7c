"""What a model can do is asked of the API only where the table does not vouch for it."""

import pytest

from nbfiles.asking import content
from nbfiles.asking.models import TABLE, Models, from_json, needs
from nbfiles.errors import BadInput, ServerTrouble

BLIND = {"id": "claude-blind-1", "max_tokens": 100, "capabilities": {"image_input": {"supported": False}}}
OLD = {"id": "claude-old-1", "capabilities": {"effort": {"high": {"supported": False}}}}


def test_the_table_vouches_without_asking():
    def fetch():
        pytest.fail("the API was asked")

    Models(fetch).check("claude-sonnet-5-5", ["pdf_input", "citations", "effort:max"], 128_000)


def test_the_api_is_asked_once():
    asked = []
    models = Models(lambda: asked.append(1) or [BLIND])
    models.check("claude-blind-1", ["pdf_input"], 100)
    models.check("claude-blind-1", ["citations"], 9)
    assert asked == [1]


@pytest.mark.parametrize(
    ("model", "wanted", "max_tokens", "words"),
    [
        (
            "claude-blind-1",
            ["image_input"],
            9,
            "claude-blind-1 cannot read images. claude-old-1 can: --model",
        ),
        ("claude-old-1", ["effort:high"], 9, "take --effort high. claude-blind-1 can"),
        ("claude-blind-1", [], 101, "writes at most 100 tokens, not 101. claude-old-1 can"),
        ("claude-blnd-1", [], 9, "no model “claude-blnd-1”. Did you mean claude-blind-1"),
    ],
)
def test_what_a_model_cannot_is_refused_naming_one_that_can(model, wanted, max_tokens, words):
    with pytest.raises(BadInput, match=words):
        Models(lambda: [BLIND, OLD]).check(model, wanted, max_tokens)


def test_a_model_that_nobody_lists_is_left_to_the_api():
    Models(lambda: [BLIND]).check("llama-99", ["image_input"], 9)


def test_where_the_api_does_not_tell_the_table_does_and_the_api_is_asked_again():
    replies = [ServerTrouble("no"), [BLIND]]

    def fetch():
        reply = replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    models = Models(fetch)
    assert models.all() == TABLE
    assert [model.id for model in models.all()] == ["claude-blind-1"]


def test_what_a_model_does_not_say_it_can_do():
    assert "citations" in from_json({"id": "m", "capabilities": None}).can


def test_a_request_needs_what_is_in_it():
    blocks = [{"type": "image", "source": {}}, {"type": "document", "source": {}, "title": "t"}]
    output = {"effort": "high", "format": {}}
    request = content.request("q", blocks, model="m", max_tokens=9, code=True, output=output)
    assert needs(request, ["PDF"]) == [
        "pdf_input",
        "image_input",
        "citations",
        "structured_outputs",
        "code_execution",
        "effort:high",
    ]
    assert needs(content.request("q", [], model="m", max_tokens=9, code=False), []) == []
