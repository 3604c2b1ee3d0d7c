import time

import anthropic
import pytest

from tests.server.official import MODEL, document, text

LONG = {"type": "text", "text": "A boat came back with the tide. " * 200}
EPHEMERAL = {"type": "ephemeral"}


def marked(block, **more):
    return {**block, "cache_control": EPHEMERAL | more}


def turn(*content):
    return [{"role": "user", "content": list(content)}]


@pytest.fixture
def fresh():
    """A text that no other test has cached."""
    return {"type": "text", "text": f"{time.time_ns()} {LONG['text']}"}


def test_the_first_request_writes_and_the_second_reads(ask, fresh):
    first = ask(marked(fresh), text("One?")).usage
    second = ask(marked(fresh), text("Another question?")).usage
    assert first.cache_creation_input_tokens > 1600
    assert first.cache_read_input_tokens == second.cache_creation_input_tokens == 0
    assert second.cache_read_input_tokens == first.cache_creation_input_tokens
    assert first.input_tokens < 10


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def timed(connect_to):
    """Ask a server with a clock of its own."""
    clock = Clock()
    client = connect_to(clock=clock)

    def send(*content):
        return client.messages.create(model=MODEL, max_tokens=4000, messages=turn(*content)).usage

    return send, clock


def test_the_hour_is_counted_apart_and_lasts_an_hour(timed, fresh):
    ask, clock = timed
    written = ask(marked(fresh, ttl="1h"), text("?")).cache_creation
    assert (written.ephemeral_5m_input_tokens, written.ephemeral_1h_input_tokens > 0) == (0, True)
    clock.now += 3500
    assert ask(marked(fresh, ttl="1h"), text("?")).cache_read_input_tokens > 0
    clock.now += 4500
    assert ask(marked(fresh, ttl="1h"), text("?")).cache_read_input_tokens == 0


def test_five_minutes_later_it_is_written_again(timed, fresh):
    ask, clock = timed
    ask(marked(fresh), text("?"))
    clock.now += 301
    assert ask(marked(fresh), text("?")).cache_creation_input_tokens > 0


def test_a_short_prompt_is_not_cached(ask):
    assert ask(marked(text("Short.")), text("?")).usage.cache_creation_input_tokens == 0


def test_a_conversation_reads_what_its_last_turn_wrote(ask, fresh):
    first = ask(messages=turn(fresh), cache_control=EPHEMERAL)
    longer = [*turn(fresh), first.to_param(), *turn(text("And then?"))]
    second = ask(messages=longer, cache_control=EPHEMERAL).usage
    assert second.cache_read_input_tokens == first.usage.cache_creation_input_tokens
    assert second.cache_creation_input_tokens > 0


def test_another_system_prompt_or_model_reads_nothing(ask, fresh):
    ask(marked(fresh))
    assert ask(marked(fresh), system="Be brief.").usage.cache_read_input_tokens == 0
    assert ask(marked(fresh), model="claude-opus-5-5").usage.cache_read_input_tokens == 0


def test_counting_agrees_with_the_sum_and_writes_nothing(client, ask, fresh):
    messages = turn(marked(fresh), text("?"))
    counted = client.messages.count_tokens(model=MODEL, messages=messages).input_tokens
    used = ask(messages=messages).usage
    assert used.cache_read_input_tokens == 0
    assert counted == used.input_tokens + used.cache_creation_input_tokens


def test_a_stream_says_the_same(client, ask, manual):
    request = {"model": MODEL, "max_tokens": 50, "messages": turn(marked(document(manual)), text("Who?"))}
    ask(**request)
    with client.messages.stream(**request) as stream:
        streamed = stream.get_final_message().usage
    assert streamed.cache_read_input_tokens > 38 * 1500
    assert streamed.to_dict() == ask(**request).usage.to_dict()


@pytest.mark.parametrize(
    ("message", "content"),
    [
        ("maximum of 4", [marked(text(str(n))) for n in range(5)]),
        ("must not come after", [marked(text("a")), marked(text("b"), ttl="1h")]),
        ("ttl: Input should be '5m' or '1h'", [marked(text("a"), ttl="2h")]),
    ],
)
def test_breakpoints_follow_the_documented_rules(ask, message, content):
    with pytest.raises(anthropic.BadRequestError, match=message):
        ask(*content)


@pytest.mark.parametrize(
    ("message", "model", "options"),
    [
        ("not supported by claude-opus-5-5", "claude-opus-5-5", {"thinking": {"type": "disabled"}}),
        ("thinking.type", "claude-sonnet-5-5", {"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        ("greater than or equal", "claude-haiku-4-5", {"thinking": {"type": "enabled", "budget_tokens": 5}}),
        ("effort", "claude-haiku-4-5", {"output_config": {"effort": "high"}}),
        ("effort: Input should be", "claude-sonnet-5-5", {"output_config": {"effort": "huge"}}),
    ],
)
def test_thinking_and_effort_follow_the_model(ask, message, model, options):
    with pytest.raises(anthropic.BadRequestError, match=message):
        ask(text("?"), model=model, **options)


def test_what_the_model_takes_is_accepted(ask):
    options = {"thinking": {"type": "adaptive"}, "output_config": {"effort": "xhigh"}}
    assert ask(text("?"), **options).stop_reason == "end_turn"
