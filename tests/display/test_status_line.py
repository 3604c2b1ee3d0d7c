"""The quiet line below an answer that is being written."""

import threading

import pytest

from nbfiles._display.status_line import Clock, status_line
from tests.answers import built
from tests.waiting import HANG_S

CALL = {"type": "server_tool_use", "id": "t1", "name": "code_execution", "input": {}}
EDITOR = "text_editor_code_execution"


def edit(command):
    return CALL | {"name": EDITOR, "input": {"command": command, "path": "plot.py"}}


EDIT = edit("create")
OUTPUT = {"type": "code_execution_output", "file_id": "file_1"}
RESULT = {"type": "code_execution_tool_result", "tool_use_id": "t1", "content": {"content": [OUTPUT]}}
ERROR = {"type": f"{EDITOR}_tool_result_error", "error_code": "unavailable"}
REFUSED = {"type": f"{EDITOR}_tool_result", "tool_use_id": "t1", "content": ERROR}


def begun(*blocks, **delta):
    events = [{"type": "content_block_start", "content_block": block} for block in blocks]
    events += [{"type": "content_block_delta", "delta": delta}] if delta else []
    return built(events)


WROTE = {"type": "input_json_delta", "partial_json": '{"code": "a = 1\\nb = 2'}
CREATES = WROTE | {"partial_json": '{"command": "create", "path": "plot.py", "file_text": "a\\nb'}
VIEWS = WROTE | {"partial_json": '{"command": "view", "path": "plot.py'}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (begun(), "Thinking"),
        (begun({"type": "thinking", "thinking": "hm"}), "Thinking"),
        (begun({"type": "text", "text": "So"}), "Writing"),
        (begun(CALL), "Step 1: writing code, 1 line"),
        (begun(CALL, **WROTE), "Step 1: writing code, 2 lines"),
        (begun(CALL | {"input": {"code": "1"}}), "Step 1: running"),
        (begun(CALL | {"input": {"code": "1"}}, RESULT), "Reading the results, 1 file made"),
        (begun(CALL | {"name": EDITOR}, **CREATES), "Step 1: writing plot.py, 2 lines"),
        (begun(CALL | {"name": EDITOR}, **VIEWS), "Step 1: writing code, 1 line"),
        (begun(EDIT), "Step 1: writing plot.py"),
        (begun(edit("view")), "Step 1: looking at plot.py"),
        (begun(edit("str_replace")), "Step 1: changing plot.py"),
        (begun(edit("undo")), "Step 1: working on plot.py"),
        (begun(EDIT, RESULT), "Wrote plot.py"),
        (begun(edit("view"), RESULT), "Looked at plot.py"),
        (begun(edit("str_replace"), RESULT), "Changed plot.py"),
        (begun(EDIT, REFUSED), "Writing plot.py failed"),
        (begun({"type": "hologram"}), "Working"),
    ],
)
def test_it_says_what_goes_on(answer, words):
    assert status_line(answer.snapshot(), answer.partial_input) == words


def test_seconds_are_counted_while_nothing_arrives_and_not_afterwards():
    before = set(threading.enumerate())
    ticked = threading.Event()
    clock = Clock()
    clock.start(ticked.set)
    assert ticked.wait(HANG_S)
    clock.stop()
    assert set(threading.enumerate()) <= before
