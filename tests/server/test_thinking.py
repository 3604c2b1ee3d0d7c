import anthropic
import pytest

from tests.server.official import CODE, MODEL, document, text

RUN = text("```python\nprint(1)\n```\n```python\nprint(2)\n```")
SHOWN = {"type": "adaptive", "display": "summarized"}


def thoughts(message):
    return [block for block in message.content if block.type == "thinking"]


def test_nothing_is_thought_unless_it_is_asked_for(ask):
    message = ask(RUN, tools=[CODE])
    assert thoughts(message) == []
    assert message.usage.output_tokens_details.thinking_tokens == 0


def test_what_is_thought_says_that_it_is_no_reasoning(ask, manual):
    message = ask(document(manual), text("What is bzip2?"), thinking=SHOWN)
    assert message.content[0].type == "thinking"
    assert "no reasoning" in message.content[0].thinking
    assert message.content[0].signature
    used = message.usage
    assert 0 < used.output_tokens_details.thinking_tokens < used.output_tokens


def test_newer_models_omit_their_thinking_unless_told_to_show_it(ask):
    message = ask(RUN, tools=[CODE], thinking={"type": "adaptive"})
    assert [block.thinking for block in thoughts(message)] == ["", ""]
    assert all(block.signature for block in thoughts(message))
    older = ask(RUN, tools=[CODE], model="claude-haiku-4-5", thinking={"type": "enabled", "budget_tokens": 1024})
    assert "Step 2" in thoughts(older)[1].thinking


def test_between_tools_means_not_before_the_first(ask):
    message = ask(RUN, tools=[CODE], thinking={"type": "between_tools"})
    assert [block.type for block in message.content[:3]] == [
        "server_tool_use",
        "code_execution_tool_result",
        "thinking",
    ]
    assert "Step 2" in message.content[2].thinking


def test_a_stream_sends_thoughts_in_parts_and_signs_them(client):
    options = {"model": MODEL, "max_tokens": 2000, "tools": [CODE], "thinking": SHOWN}
    with client.messages.stream(messages=[{"role": "user", "content": [RUN]}], **options) as stream:
        kinds = [event.type for event in stream]
        block = thoughts(stream.get_final_message())[0]
    assert kinds.count("thinking") > 2
    assert kinds.count("signature") == 2
    assert block.thinking.startswith("Local server")


def test_the_documented_word_redacts_them(ask):
    word = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING"
    message = ask(RUN, text(word), tools=[CODE], thinking=SHOWN)
    assert message.content[0].type == "redacted_thinking"
    assert message.content[0].data


def test_thoughts_come_back_as_they_were(ask):
    first = ask(RUN, tools=[CODE], thinking=SHOWN)
    said = {"role": "assistant", "content": [block.to_dict() for block in first.content]}
    history = [{"role": "user", "content": [RUN]}, said, {"role": "user", "content": [RUN]}]
    assert ask(messages=history, tools=[CODE], container=first.container.id).content
    said["content"][0]["thinking"] += " changed"
    with pytest.raises(anthropic.BadRequestError, match=r"messages\.1\.content\.0: .*cannot be modified"):
        ask(messages=history, tools=[CODE])
