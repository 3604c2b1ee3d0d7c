"""Tools that the client runs: when they are called, what they are given, and how the conversation goes on."""

import json
from contextlib import suppress

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.official import MODEL, document, text

FORCED = "claude-opus-4-8"  # the newest models decide themselves
WEATHER = {
    "name": "get_weather",
    "description": "Get the current weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CLOCK = {
    "name": "get_time",
    "description": "Get the local time in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
INVOICE = {
    "name": "invoice",
    "input_schema": {
        "type": "object",
        "properties": {"vendor": {"type": "string"}, "total": {"type": "number"}, "note": {"type": "string"}},
        "required": ["vendor", "total"],
    },
}
BILL = "Read this. Vendor: Northwind\nTotal: 1,234.50"


def calls(message):
    return [block for block in message.content if block.type == "tool_use"]


def test_a_forced_tool_is_called_with_input_that_fits(ask):
    message = ask(text(BILL), model=FORCED, tools=[WEATHER, INVOICE], tool_choice={"type": "tool", "name": "invoice"})
    (call,) = message.content
    assert (call.type, call.name, call.input) == ("tool_use", "invoice", {"vendor": "Northwind", "total": 1234.5})
    assert call.id.startswith("toolu_")
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens > 5


def test_a_forced_tool_is_filled_from_documents(ask, manual):
    fields = {"block_size": {"type": "string", "description": "the block size of the flags"}}
    tool = {"name": "read", "input_schema": {"type": "object", "properties": fields, "required": ["block_size"]}}
    choice = {"type": "any"}
    message = ask(document(manual, cite=False), text("Read it."), model=FORCED, tools=[tool], tool_choice=choice)
    assert "block size" in calls(message)[0].input["block_size"]


def test_any_takes_the_one_that_fits_best(ask):
    for question, name in (("What time is it in Paris?", "get_time"), ("Is the weather good?", "get_weather")):
        (call,) = calls(ask(text(question), model=FORCED, tools=[WEATHER, CLOCK, INVOICE], tool_choice={"type": "any"}))
        assert call.name == name


def test_where_the_choice_is_free_a_tool_is_called_that_fits_the_question(ask):
    message = ask(text("What is the current weather in Paris?"), tools=[WEATHER, INVOICE])
    assert [call.name for call in calls(message)] == ["get_weather"]
    message = ask(text("Why is the sky blue?"), tools=[WEATHER, INVOICE])
    assert (calls(message), message.stop_reason) == ([], "end_turn")
    message = ask(text("What is the current weather in Paris?"), tools=[WEATHER], tool_choice={"type": "none"})
    assert calls(message) == []


def test_where_the_choice_is_free_a_tool_is_called_whose_input_the_question_spells_out(ask):
    assert calls(ask(text(BILL), tools=[WEATHER, INVOICE]))[0].input == {"vendor": "Northwind", "total": 1234.5}
    assert calls(ask(text("Vendor: Northwind"), tools=[INVOICE])) == []  # the total is required, too
    assert calls(ask(text(BILL), tools=[{"name": "ping", "input_schema": {"type": "object"}}])) == []


def test_a_user_who_asks_for_a_tool_call_gets_one_about_what_was_said_before(ask):
    turns = [
        {"role": "user", "content": BILL},
        {"role": "assistant", "content": "Here it is."},
        {"role": "user", "content": "Please include your response in a tool call."},
    ]
    (call,) = calls(ask(messages=turns, tools=[WEATHER, INVOICE]))
    assert (call.name, call.input["vendor"]) == ("invoice", "Northwind")


def test_any_goes_on_to_another_tool_once_one_has_answered(ask):
    more = {"model": FORCED, "tools": [WEATHER, INVOICE], "tool_choice": {"type": "any"}}
    turns = [{"role": "user", "content": "What is the current weather in Paris?"}]
    for expected in ("get_weather", "invoice"):
        asked = ask(messages=turns, **more)
        (call,) = calls(asked)
        assert call.name == expected
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "Vendor: Northwind"}
        turns += [{"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
    assert call.input["vendor"] == "Northwind"  # the result of the first is known to the second


def test_two_tools_are_called_at_once_unless_that_is_switched_off(ask):
    question = text("Get the weather and the local time in the city of Paris.")
    assert {call.name for call in calls(ask(question, tools=[WEATHER, CLOCK]))} == {"get_weather", "get_time"}
    alone = {"type": "auto", "disable_parallel_tool_use": True}
    assert len(calls(ask(question, tools=[WEATHER, CLOCK], tool_choice=alone))) == 1


def test_the_results_go_on_to_an_answer(ask):
    question = {"role": "user", "content": "What is the current weather in Paris?"}
    asked = ask(messages=[question], tools=[WEATHER])
    (call,) = calls(asked)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "Sunny, 21_C."}]}
    turns = [question, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
    answer = ask(messages=turns, tools=[WEATHER])
    assert answer.stop_reason == "end_turn"
    assert "**get_weather** returned: Sunny, 21_C." in answer.content[0].text
    assert answer.content[0].text.startswith("Local server")


def test_the_input_is_streamed_in_pieces(client):
    question = [{"role": "user", "content": BILL}]
    choice = {"type": "tool", "name": "invoice"}
    with client.messages.stream(
        model=FORCED, max_tokens=500, messages=question, tools=[INVOICE], tool_choice=choice
    ) as stream:
        pieces = [event.delta.partial_json for event in stream if event.type == "content_block_delta"]
    assert json.loads("".join(pieces)) == stream.get_final_message().content[0].input
    assert stream.get_final_message().stop_reason == "tool_use"


def test_the_sdk_runs_tools_until_there_is_an_answer(client):
    seen = []

    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """Get the current weather in a city."""
        seen.append(city)
        return "Sunny."

    runner = client.beta.messages.tool_runner(
        model=MODEL,
        max_tokens=500,
        tools=[get_weather],
        messages=[{"role": "user", "content": "What is the current weather in Paris?"}],
    )
    assert "Sunny." in runner.until_done().content[0].text
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("message", "more"),
    [
        ("Tool 'other' not found", {"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "other"}}),
        ("may only be specified while providing tools", {"tool_choice": {"type": "any"}}),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(ask, message, more):
    with pytest.raises(anthropic.BadRequestError, match=message):
        ask(text("?"), model=FORCED, **more)


def doubling(levels):
    """Return a schema whose every level holds the next one twice."""
    below = {f"L{n}": pair(f"#/$defs/L{n + 1}") for n in range(levels)}
    return {**pair("#/$defs/L0"), "$defs": {**below, f"L{levels}": {"type": "string"}}}


def pair(reference):
    twice = {"a": {"$ref": reference}, "b": {"$ref": reference}}
    return {"type": "object", "properties": twice, "required": ["a", "b"], "additionalProperties": False}


CLOSED = {"type": "object", "additionalProperties": False}
ENDLESS = {
    "two of itself": pair("#"),
    "nothing but itself": {**CLOSED, "$ref": "#"},
    "a reference to itself": {**pair("#/$defs/A"), "$defs": {"A": {"$ref": "#/$defs/A"}}},
    "references to each other": {**pair("#/$defs/A"), "$defs": {"A": pair("#/$defs/B"), "B": pair("#/$defs/A")}},
    "parts of itself": {**CLOSED, "allOf": [{"$ref": "#"}, {"$ref": "#"}]},
    "lists of itself": {**CLOSED, "required": ["a"], "properties": {"a": {"type": "array", "items": {"$ref": "#"}}}},
}


def forced(client, schema):
    """Let a tool be called that takes what fits a schema, and return its input."""
    message = client.messages.create(
        model=FORCED,
        max_tokens=500,
        messages=[{"role": "user", "content": BILL}],
        tools=[{"name": "any", "input_schema": schema}],
        tool_choice={"type": "any"},
    )
    return calls(message)[0].input


def structured(client, schema):
    return client.messages.create(
        model=MODEL,
        max_tokens=500,
        messages=[{"role": "user", "content": BILL}],
        output_config={"format": {"type": "json_schema", "schema": schema}},
    )


def test_a_schema_of_too_many_parts_is_refused(client):
    with pytest.raises(anthropic.BadRequestError, match=r"output_config\.format\.schema: Schema is too complex"):
        structured(client, doubling(20))
    with pytest.raises(anthropic.BadRequestError, match=r"tools\.0\.input_schema: Schema is too complex"):
        forced(client, doubling(20))


def test_a_long_chain_of_references_is_refused(client):
    chain = {f"L{n}": {"$ref": f"#/$defs/L{n + 1}"} for n in range(3_000)}
    schema = {**pair("#/$defs/L0"), "$defs": {**chain, "L3000": {"type": "string"}}}
    for send in (structured, forced):
        with pytest.raises(anthropic.BadRequestError, match="Schema is too complex"):
            send(client, schema)


def test_parts_that_are_used_several_times_are_filled(client):
    assert json.loads(structured(client, doubling(4)).content[0].text) == forced(client, doubling(4))


@pytest.mark.parametrize("schema", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_schema_without_end_holds_nobody_up(client, schema):
    with pytest.raises(anthropic.BadRequestError, match="recursive schemas are not supported"):
        structured(client, schema)
    assert isinstance(forced(client, schema), dict)


@pytest.mark.parametrize("name", ["a", "A-b_9", "__proto__", "x" * 128])
def test_a_tool_has_any_plain_name(ask, name):
    (call,) = ask(text("?"), model=FORCED, tools=[WEATHER | {"name": name}], tool_choice={"type": "any"}).content
    assert call.name == name


@pytest.mark.parametrize("name", ["", "a b", "a.b", "é", "a\n", "x" * 129])
def test_a_tool_with_another_name_is_refused(ask, name):
    with pytest.raises(anthropic.BadRequestError, match=r"tools\.1\.custom\.name: String should "):
        ask(text("?"), tools=[CLOCK, WEATHER | {"name": name}])


def test_two_tools_of_one_name_are_refused(ask):
    with pytest.raises(anthropic.BadRequestError, match=r"tools: Tool names must be unique\."):
        ask(text("?"), tools=[WEATHER, CLOCK, WEATHER])


def test_a_list_of_a_billion_items_is_not_made(client):
    many = {"type": "array", "minItems": 1_000, "items": {"type": "string", "format": "uuid"}}
    for items in ({**many, "minItems": 10**9}, {**many, "items": {**many, "items": many}, "anyOf": []}):
        assert forced(client, {"type": "object", "properties": {"a": items}, "required": ["a"]}) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["string", "object", "array", "#", "#/a", "", "date"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "anyOf", "allOf", "$ref", "enum", "required", "a", "minItems"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(JSON)
@settings(max_examples=150)
def test_no_schema_of_a_tool_breaks_the_server(client, schema):
    tool = {"name": "any", "input_schema": {"type": "object", "properties": {"a": schema}, "required": ["a"]}}
    with suppress(anthropic.BadRequestError):
        client.messages.create(
            model=FORCED,
            max_tokens=500,
            messages=[{"role": "user", "content": BILL}],
            tools=[tool],
            tool_choice={"type": "any"},
        )
