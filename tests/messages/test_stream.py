"""An answer is made of events, whatever the events are."""

import copy

import pytest

from nbfiles._display.answer import bundle
from nbfiles._messages.block_values import Prose, Thought
from nbfiles._messages.code_steps import CodeStep
from tests.answers import built

PAGE = {
    "type": "page_location",
    "cited_text": "forty kilobytes",
    "document_index": 0,
    "start_page_number": 9,
    "end_page_number": 10,
}


def start(**usage):
    return {"type": "message_start", "message": {"id": "msg_1", "model": "m-1", "usage": usage}}


def block(**content):
    return {"type": "content_block_start", "index": 0, "content_block": content}


def delta(**content):
    return {"type": "content_block_delta", "index": 0, "delta": content}


def text(words):
    return delta(type="text_delta", text=words)


STOP = {"type": "content_block_stop", "index": 0}


def end(reason="end_turn", **rest):
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {}} | rest


def folded(*events):
    return built(events, documents=("manual.pdf",)).snapshot()


def test_text_grows_delta_by_delta():
    answer = folded(start(), block(type="text", text=""), text("It needs "), text("40 KB."), STOP, end())
    assert answer.text == "It needs 40 KB."
    assert (answer.model, answer.stop_reason) == ("m-1", "end_turn")


def test_citations_are_numbered_in_the_order_of_the_text_and_once_each():
    cite = delta(type="citations_delta", citation=PAGE)
    other = delta(type="citations_delta", citation=PAGE | {"cited_text": "else", "end_page_number": 12})
    answer = folded(
        start(),
        *(block(type="text", text=""), text("A"), cite),
        *(block(type="text", text=""), text("B"), other, cite),
    )
    first, second = answer.citations
    assert (first.number, first.file, first.where, first.quote) == (
        1,
        "manual.pdf",
        "page 9",
        "forty kilobytes",
    )
    assert (second.number, second.where) == (2, "pages 9–11")
    assert list(answer.parts()) == [Prose((("A", (1,)), ("B", (2, 1))))]


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (
            {"type": "char_location", "start_char_index": 1200, "end_char_index": 1300},
            "characters 1,200–1,300",
        ),
        ({"type": "content_block_location", "start_block_index": 0, "end_block_index": 1}, "block 1"),
        ({"type": "something_new"}, ""),
        ({"type": "page_location", "start_page_number": "9"}, ""),
    ],
)
def test_every_kind_of_place_is_said_in_words(raw, where):
    cited = raw | {"cited_text": "q", "document_index": 7, "document_title": "t"}
    answer = folded(start(), block(type="text", text="A"), delta(type="citations_delta", citation=cited))
    assert (answer.citations[0].where, answer.citations[0].file) == (where, "t")


def test_code_its_output_and_its_files_are_found():
    result = {"type": "code_execution_result", "stdout": "42\n", "stderr": "", "return_code": 0}
    result["content"] = [{"type": "code_execution_output", "file_id": "file_1"}]
    answer = folded(
        start(),
        block(type="server_tool_use", id="t1", name="code_execution", input={}),
        delta(type="input_json_delta", partial_json='{"code": "print('),
        delta(type="input_json_delta", partial_json='42)"}'),
        STOP,
        block(type="code_execution_tool_result", tool_use_id="t1", content=result),
        end(delta={"stop_reason": "end_turn", "container": {"id": "container_1"}}),
    )
    assert answer.code == (CodeStep("print(42)", "42\n", "", 0, ended=True, file_ids=("file_1",)),)
    assert list(answer.origins()) == ["file_1"]
    assert answer.container == "container_1"


def test_an_error_of_the_tool_is_kept():
    wrong = {"type": "code_execution_tool_result_error", "error_code": "execution_time_exceeded"}
    answer = folded(
        start(),
        block(type="server_tool_use", id="t1", name="bash_code_execution", input={"command": "sleep 99"}),
        block(type="bash_code_execution_tool_result", tool_use_id="t1", content=wrong),
    )
    step = CodeStep("sleep 99", error="execution_time_exceeded", language="bash", ended=True)
    assert answer.code == (step,)


def test_thinking_is_kept_as_it_came_so_that_it_can_be_sent_back():
    answer = folded(
        start(),
        block(type="thinking", thinking="", signature=""),
        delta(type="thinking_delta", thinking="hm"),
        delta(type="signature_delta", signature="sig"),
    )
    assert [block.raw for block in answer.blocks] == [{"type": "thinking", "thinking": "hm", "signature": "sig"}]
    assert answer.text == ""


def test_thoughts_stand_where_they_came_and_empty_ones_nowhere():
    answer = folded(
        *(start(), block(type="text", text="A"), block(type="thinking", thinking="")),
        *(delta(type="thinking_delta", thinking="hm"), block(type="thinking", thinking=" ", signature="s")),
        block(type="text", text="B"),
    )
    assert list(answer.parts()) == [Prose((("A", ()),)), Thought("hm"), Prose((("B", ()),))]
    shown = bundle(answer)
    assert "<details" in shown["text/html"]
    assert "Thinking, 1 word\n    hm" in shown["text/plain"]


def test_a_second_message_goes_on_behind_the_first():
    first = start(input_tokens=100), block(type="text", text="A"), end("pause_turn", usage={"output_tokens": 5})
    both = folded(*first, start(input_tokens=120), block(type="text", text="B"), end(usage={"output_tokens": 7}))
    assert both.text == "AB"
    assert (both.usage.input_tokens, both.usage.output_tokens) == (220, 12)


def test_the_last_count_of_tokens_counts():
    answer = folded(start(input_tokens=10, output_tokens=1), end(usage={"input_tokens": 30, "output_tokens": 9}))
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (30, 9)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"type": "brand_new"},
        {"type": "message_start"},
        {"type": "content_block_start", "content_block": None},
        {"type": "content_block_delta", "delta": {"type": "new_delta"}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": None}},
        {"type": "message_delta", "usage": None, "delta": None},
        {"type": "message_delta", "usage": {"output_tokens": "many"}},
    ],
)
def test_odd_events_change_nothing_that_was_there(odd):
    assert folded(start(), block(type="text", text="kept"), odd).text == "kept"


def test_an_unknown_block_is_kept_and_breaks_nothing():
    answer = folded(start(), block(type="hologram", data=1), block(type="text", text="kept"))
    assert answer.text == "kept"
    assert [part for part in answer.parts() if isinstance(part, Prose)]


def test_a_later_event_changes_neither_an_earlier_answer_nor_an_event():
    begin, event = block(type="text", text="A", citations=[]), delta(type="citations_delta", citation=PAGE)
    builder = built([start(), begin])
    answer = builder.snapshot()
    before = copy.deepcopy((answer.blocks, begin, event))
    builder.add(event)
    assert (answer.blocks, begin, event) == before
    assert builder.snapshot() != answer


def test_the_answer_is_the_same_one_until_something_arrives():
    builder = built([start(), block(type="text", text="A")])
    first = builder.snapshot()
    assert builder.snapshot() is first
    builder.add(text("B"))
    assert (first.text, builder.snapshot().text) == ("A", "AB")
