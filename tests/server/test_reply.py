import json

from hypothesis import given
from hypothesis import strategies as st

from nbfiles.server.messages.events import bursts, encode, fold
from nbfiles.server.messages.parts import CallPart, ResultPart, TextPart
from nbfiles.server.messages.query import Query
from nbfiles.server.messages.usage import PromptTokens, of_text

CITATION = {"type": "char_location", "cited_text": "x"}


def code(source):
    return CallPart("c", "code_execution", {"code": source})


PARTS = st.lists(st.builds(TextPart, st.text(), st.sampled_from([(), (CITATION,)])) | st.builds(code, st.text()))


def a_query(max_tokens=10**6, stop_sequences=()):
    return Query("m", "?", (), (), (), None, None, max_tokens, stop_sequences, PromptTokens(7))


def message(parts, **limits):
    return fold(event for burst in bursts(a_query(**limits), parts) for event in burst)


@given(PARTS)
def test_a_message_says_what_its_parts_say(parts):
    content = message(parts)["content"]
    assert "".join(b["text"] for b in content if b["type"] == "text") == "".join(
        part.text for part in parts if isinstance(part, TextPart)
    )
    assert [b["input"]["code"] for b in content if b["type"] == "server_tool_use"] == [
        part.input["code"] for part in parts if isinstance(part, CallPart)
    ]


@given(PARTS, st.integers(0, 60))
def test_no_answer_is_longer_than_allowed(parts, most):
    texts = [block.get("text", "") for block in message(parts, max_tokens=most)["content"]]
    assert sum(map(of_text, texts)) <= most


@given(st.text())
def test_every_event_is_one_data_line_whatever_the_text(words):
    body = encode([{"type": "text_delta", "text": words}]).decode()
    lines = body.splitlines()
    assert lines[0] == "event: text_delta"
    assert json.loads(lines[1].removeprefix("data: "))["text"] == words
    assert lines[2:] == [""]


def test_a_quotation_cut_short_loses_its_citation():
    (block,) = message([TextPart("one two three four five", (CITATION,))], max_tokens=2)["content"]
    assert (block["text"], block["citations"]) == ("one two ", None)


def test_code_that_does_not_fit_does_not_run():
    ran = []

    def parts():
        yield code("x" * 100)
        ran.append("here")
        yield ResultPart("c", "code_execution", {})

    assert message(parts(), max_tokens=5)["stop_reason"] == "max_tokens"
    assert ran == []


def test_usage_counts_runs():
    used = message([code("1"), code("2")])["usage"]
    assert used["server_tool_use"]["code_execution_requests"] == 2
