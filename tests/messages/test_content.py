"""Which block each file becomes, and what a follow-up sends back."""

from datetime import UTC, datetime

import pytest

from nbfiles._messages import content
from nbfiles._messages.models import NEWEST_CODE
from nbfiles.errors import BadInput
from nbfiles.records import FileRecord, Kind
from tests.answers import answer_of

DAY = datetime(2026, 11, 1, tzinfo=UTC)
PDF = FileRecord("a.pdf", "file_1", Kind.PDF, "application/pdf", 9, DAY)
CSV = FileRecord("b.csv", "file_2", Kind.DATA, "text/plain", 9, DAY)
XLSX = FileRecord("c.xlsx", "file_3", Kind.DATA, "application/octet-stream", 9, DAY)
SAID = ({"type": "text", "text": "because"},)
PNG = FileRecord("d.png", "file_4", Kind.IMAGE, "image/png", 9, DAY)


def types(records, **options):
    return [block["type"] for block in content.blocks(records, **options)]


def test_each_kind_has_its_block():
    assert types([PDF, CSV, PNG], code=True) == ["document", "container_upload", "image"]


def test_without_code_data_in_text_form_is_a_document():
    assert types([CSV], code=False) == ["document"]


def test_without_code_binary_data_is_refused():
    with pytest.raises(BadInput, match=r"c\.xlsx.*code=False"):
        content.blocks([XLSX], code=False)


def test_code_that_was_asked_for_gets_every_file():
    assert types([PDF], code=True, asked_for=True) == ["document", "container_upload"]


def documents(request):
    return [block for block in content.all_blocks(request["messages"]) if block["type"] == "document"]


@pytest.mark.parametrize(("cite", "settings"), [(True, [{"enabled": True}] * 2), (False, [None] * 2)])
def test_all_documents_are_cited_or_none_also_those_of_earlier_turns(cite, settings):
    first = answer_of(*SAID, request=ask(content.blocks([PDF], code=False), cite=not cite))
    request = ask(content.blocks([CSV], code=False), cite=cite, after=first)
    assert [block.get("citations") for block in documents(request)] == settings


def marked(message):
    return [block for block in message["content"] if "cache_control" in block]


def test_breakpoints_stand_behind_files_and_question_of_the_last_turn_and_of_the_one_before():
    turns = [ask(content.blocks([PDF], code=False), cached=True)]
    for blocks in ([PNG], [], [CSV]):
        turns.append(ask(content.blocks(blocks, code=False), cached=True, after=answer_of(*SAID, request=turns[-1])))
    marks = [
        [(n, block["type"]) for n, message in enumerate(turn["messages"]) for block in marked(message)]
        for turn in turns
    ]
    assert marks == [
        [(0, "document"), (0, "text")],
        [(0, "document"), (0, "text"), (2, "image"), (2, "text")],
        [(2, "image"), (2, "text"), (4, "text")],
        [(2, "image"), (4, "text"), (6, "document"), (6, "text")],
    ]
    assert "cache_control" not in str(ask(content.blocks([PDF], code=False)))


def test_another_model_gets_no_thoughts_of_the_one_before():
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    first = answer_of(thought, *SAID, request=ask([]))
    assert content.history(first, "m")[1]["content"] == [thought, *SAID]
    assert content.history(first, "other")[1]["content"] == list(SAID)


def test_a_new_container_gets_what_code_had_made_in_the_old_one():
    made = {"type": "container_upload", "file_id": "file_9"}
    first = answer_of(made, *SAID, request=ask(content.blocks([CSV], code=True)), container="c_1")
    request = content.in_new_container(ask([], code=NEWEST_CODE, after=first))
    assert "container" not in request
    assert request["messages"][-1]["content"][0] == made


def ask(blocks, **options):
    return content.request("why?", blocks, model="m", max_tokens=9, **options)


def test_the_question_comes_last_and_literally():
    request = ask(content.blocks([PDF], code=False))
    assert request["messages"][0]["content"][-1] == {"type": "text", "text": "why?"}
    assert "tools" not in request


def test_a_follow_up_repeats_the_conversation_and_uses_its_container():
    said = ({"type": "text", "text": "because", "citations": [{"type": "page_location"}]},)
    first = answer_of(*said, request=ask([], code=NEWEST_CODE), container="container_1")
    request = ask([], code=NEWEST_CODE, after=first)
    assert [message["role"] for message in request["messages"]] == ["user", "assistant", "user"]
    assert request["messages"][1]["content"] == list(said)
    assert request["container"] == "container_1"


def test_what_the_api_would_refuse_is_not_sent_back():
    cut = (
        {"type": "thinking", "thinking": "hm", "signature": ""},
        {"type": "text", "text": "  "},
        {"type": "server_tool_use", "id": "t1", "name": "x", "input": {}},
    )
    assert len(content.history(answer_of(*cut, request=ask([])))) == 1


def test_documents_are_counted_over_the_whole_conversation():
    first = answer_of(*SAID, request=ask(content.blocks([PDF], code=False)))
    messages = ask(content.blocks([PNG, CSV], code=False), after=first)["messages"]
    assert content.names_of_documents(messages) == ("a.pdf", "b.csv")
