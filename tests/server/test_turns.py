import anthropic
import pytest

from tests.server.official import CODE, MODEL, text

TOOL = {"name": "look", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "A boat."}
RAN = {
    "type": "server_tool_use",
    "id": "srvtoolu_1",
    "name": "bash_code_execution",
    "input": {"command": "ls"},
}
GAVE = {
    "type": "bash_code_execution_tool_result",
    "tool_use_id": "srvtoolu_1",
    "content": {
        "type": "bash_code_execution_result",
        "stdout": "",
        "stderr": "",
        "return_code": 0,
        "content": [],
    },
}


def turns(*contents):
    """Return a conversation; the user begins."""
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": content} for n, content in enumerate(contents)]


@pytest.mark.parametrize("content", ["{", [text("{")]])
@pytest.mark.parametrize("model", [MODEL, "claude-opus-4-6"])
def test_newer_models_take_no_prefill(ask, content, model):
    with pytest.raises(anthropic.BadRequestError, match="must end with a user message"):
        ask(messages=turns("Which boats?", content), model=model)


def test_older_models_go_on_from_a_prefill(ask):
    assert ask(messages=turns("Which boats?", "{"), model="claude-haiku-4-5").stop_reason == "end_turn"


WHOLE = {
    "a result": turns("Look.", [CALL], [RESULT, text("And?")]),
    "a result in the second of two messages": [
        *turns("Look.", [CALL], [text("Here:")]),
        {"role": "user", "content": [RESULT]},
    ],
    "a result of the server": turns("List.", [RAN, GAVE, text("Done.")], "And?"),
    "a turn in two messages": [
        *turns("List.", [RAN]),
        {"role": "assistant", "content": [GAVE, text("Done.")]},
        {"role": "user", "content": "And?"},
    ],
    "a paused turn": turns("List.", [RAN]),
    "a paused turn with a result": turns("List.", [RAN, GAVE]),
    "code that waits for a tool": turns("Look.", [RAN, CALL], [RESULT]),
    "a word of the system between": [
        *turns("Look.", [CALL]),
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [RESULT]},
    ],
}


@pytest.mark.parametrize("messages", WHOLE.values(), ids=WHOLE.keys())
def test_calls_with_their_results_are_taken(ask, messages):
    assert ask(messages=messages, tools=[CODE, TOOL]).content


TORN = {
    "messages.1: `tool_use` ids were found without `tool_result` blocks": turns("Look.", [CALL], "And?"),
    "messages.2.content.0: unexpected `tool_use_id` found in `tool_result`": turns("Look.", "No.", [RESULT]),
    "messages.0.content.0: unexpected": turns([RESULT]),
    "messages.1.content.0: unexpected `tool_use_id` found in `bash": turns("List.", [GAVE], "And?"),
    "messages.1.content.1: `tool_use` ids must be unique": turns("Look.", [CALL, CALL], [RESULT]),
    "messages.2.content.2: each tool_use must have a single result. Found multiple": (
        turns("Look.", [CALL], [RESULT, text("And"), RESULT])
    ),
    "messages.1: `bash_code_execution` tool use with id `srvtoolu_1`": turns("List.", [RAN], "And?"),
}


@pytest.mark.parametrize(("message", "messages"), TORN.items(), ids=TORN.keys())
def test_a_call_without_its_result_is_refused(ask, message, messages):
    with pytest.raises(anthropic.BadRequestError) as refused:
        ask(messages=messages, tools=[CODE, TOOL])
    assert refused.value.api_message.startswith(message)
