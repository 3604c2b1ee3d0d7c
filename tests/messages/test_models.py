"""What a model can do is asked of the API only where the table does not vouch for it."""

import pytest

from nbfiles._display import costs
from nbfiles._messages import content
from nbfiles._messages.models import NEWEST_CODE, OLDER_CODE, TABLE, Models, from_json, needs
from nbfiles.config import DEFAULT_MODEL
from nbfiles.errors import BadInput, ServerError

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
            "claude-blind-1 cannot read images. claude-old-1 can: model='claude-old-1'",
        ),
        ("claude-old-1", ["effort:high"], 9, "think with effort “high”. claude-blind-1 can"),
        ("claude-blind-1", [], 101, "writes at most 100 tokens, not 101. claude-old-1 can"),
        ("claude-blnd-1", [], 9, "no model “claude-blnd-1”. Did you mean claude-blind-1"),
    ],
)
def test_what_a_model_cannot_is_refused_naming_one_that_can(model, wanted, max_tokens, words):
    with pytest.raises(BadInput, match=words):
        Models(lambda: [BLIND, OLD]).check(model, wanted, max_tokens)


def test_a_model_is_left_to_the_api_where_that_does_not_tell_its_models():
    Models(lambda: []).check("llama-99", ["image_input"], 9)


def test_where_the_api_does_not_tell_the_table_does_and_the_api_is_asked_again():
    replies = [ServerError("no"), [BLIND]]

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


@pytest.mark.parametrize("odd", [None, 5, 1.5, "x", [], [[]], {"a": 1}])
def test_a_list_of_models_in_other_shapes_stops_no_question(odd):
    fields = (
        "capabilities",
        "max_tokens",
        "max_input_tokens",
        "retires_at",
        "lifecycle",
        "line",
        "created_at",
    )
    found = [odd, {"id": "m", **dict.fromkeys(fields, odd)}]
    found += [{"id": "n", "capabilities": dict.fromkeys(("server_tools", "effort", "citations"), odd)}]
    models = Models(lambda: found)
    models.check("m", ["citations"], 1)
    assert {"m", "n"} <= {model.id for model in models.all()}
    assert all(isinstance(cell, str) for row in costs.models(models.all(), "m").rows for cell in row)


def test_a_request_needs_what_is_in_it():
    blocks = [{"type": "image", "source": {}}, {"type": "document", "source": {}, "title": "t"}]
    output = {"effort": "high", "format": {}}
    request = content.request("q", blocks, model="m", max_tokens=9, code=NEWEST_CODE, output=output)
    assert needs(request, ["PDF"]) == [
        "pdf_input",
        "image_input",
        "citations",
        "structured_outputs",
        "code_execution",
        "effort:high",
    ]
    assert needs(content.request("q", [], model="m", max_tokens=9), []) == []


def listed(name, line="sonnet", created="2026-01-01", stage="active", **told):
    """A ModelInfo as the API sends it; what is not told, the model can do."""
    return {"id": name, "line": line, "created_at": created, "lifecycle": stage, "capabilities": told}


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        ([listed("claude-sonnet-6", created="2027-01-01"), listed(DEFAULT_MODEL)], DEFAULT_MODEL),
        (
            [
                listed(DEFAULT_MODEL, stage="deprecated"),
                listed("claude-sonnet-6", created="2027-01-01"),
                listed("claude-sonnet-6-1", created="2027-05-01"),
                listed("claude-sonnet-7", created="2027-09-01", citations={"supported": False}),
                listed("claude-opus-9", "opus", created="2028-01-01"),
            ],
            "claude-sonnet-6-1",
        ),
        ([listed("claude-new-1", "new")], "claude-new-1"),
        ([listed("claude-old-1", stage="deprecated")], DEFAULT_MODEL),
        ([], DEFAULT_MODEL),
    ],
)
def test_the_default_is_the_dated_choice_while_the_api_lists_it_as_staying(models, chosen):
    asked = []
    place = Models(lambda: asked.append(1) or models)
    assert place.default == DEFAULT_MODEL
    place.choose()
    place.choose()
    assert place.default == chosen
    assert asked == [1]


def test_a_place_that_does_not_list_its_models_is_asked_for_the_default_once():
    asked = []

    def fetch():
        asked.append(1)
        raise ServerError("no")

    models = Models(fetch)
    models.choose()
    models.choose()
    assert (models.default, asked) == (DEFAULT_MODEL, [1])


def test_the_code_tool_is_the_newest_that_the_model_supports():
    models = Models(lambda: [listed("claude-a"), listed("claude-b", code_execution={"supported": False})])
    assert models.code_tool("claude-haiku-4-5") == OLDER_CODE  # from the table
    models.choose()
    assert [models.code_tool(name) for name in ("claude-a", "claude-b", "llama-99")] == [
        NEWEST_CODE,
        OLDER_CODE,
        NEWEST_CODE,
    ]


def test_a_model_that_ends_soon_and_its_longest_answer_are_known():
    ending = listed("claude-a") | {"max_tokens": 4096, "retires_at": "2999-11-30T00:00:00Z"}
    models = Models(lambda: [ending, listed("claude-b")])
    models.choose()
    assert models.ending("claude-a")[0].startswith("claude-a ends on 2999-11-30. Later: model='claude-")
    assert models.ending("claude-b") == ()
    assert models.bounded("claude-a", 16_000) == 4096
    assert models.bounded("claude-b", 16_000) == 16_000
