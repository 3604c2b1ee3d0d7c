"""Code that answers in the place of the program it runs in, or changes what it says, is no error of the server."""

import json
import sys
import threading
from contextlib import closing

import anthropic
import pytest

from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox.container import CellStopped, Container
from nbfiles.server.engines.sandbox.engine import Sandbox
from tests.server.official import CODE, MODEL, connect, data, text

# The names of the program's own variables, as code finds them in the frames below its own.
IN_ITS_PLACE = """import sys
frame = sys._getframe()
while "replies" not in frame.f_locals:
    frame = frame.f_back
program = frame.f_locals
def say(rest):
    program["replies"].write('{"call": "%s", %s}\\n' % (program["command"]["call"], rest))
    program["replies"].flush()
"""
OUTPUT = '"return_code": 0, "stdout": "forged", "stderr": ""'
FORGED = {
    "nothing": '"x": 1',
    "a key is missing": '"return_code": 0, "stdout": ""',
    "a text as its code": OUTPUT.replace("0", '"0"'),
    "true as its code": OUTPUT.replace("0", "true"),
    "no number": OUTPUT.replace("0", "NaN"),
    "no finite number": OUTPUT.replace("0", "1e999"),
    "a number without end": OUTPUT.replace("0", "9" * 5000),
    "no stderr": OUTPUT.replace('""', "null"),
    "half a character": OUTPUT.replace("forged", "\\ud800"),
    "more than is printed": OUTPUT.replace("forged", "x" * 200_000),
    "another type": f'{OUTPUT}, "type": "text"',
    "an error of its own": '"error_code": "boredom", "error_message": {}',
    "files of its own": f'{OUTPUT}, "content": [{{"file_id": "file_1"}}]',
    "the answer to a question": '"result": 1',
    "a problem": '"problem": "x", "message": "y", "name": null',
    "too deep": f'"result": {"[" * 50_000}',
    "no end of objects": f'"result": [{"{}," * 1_000_000}1]',
    "no end of bytes": f'"result": "{"x" * 5_000_000}"',
}
NO_TABLE = {
    "nothing": {},
    "no object": [1],
    "None": {"result": None},
    "a text": {"result": "x"},
    "no keys": {"result": {}},
    "no message": {"problem": "ValueError", "message": None, "name": None},
    "no name": {"problem": "ModuleNotFoundError", "message": "x", "name": 3},
    "another problem": {"problem": {}, "message": "x", "name": None},
    "both": {"problem": "x", "message": "y", "name": None, "result": 1},
    "output": {"return_code": 0, "stdout": "", "stderr": ""},
}
COLUMN = {"name": "a", "kind": "number", "every": None, "distinct": 3, "longest": 0, "missing": 0}
TABLE = {
    "name": "penguins.csv",
    "reader": "csv",
    "options": {},
    "renamed": False,
    "nested": False,
    "dates": [],
    "rows": 3,
    "measures": True,
    "columns": [COLUMN],
    "pair": None,
    "split": None,
}
SPOILED = {
    "another file": {"name": "other.csv"},
    "an unknown reader": {"reader": "pickle"},
    "deep options": {"options": {"sep": [[[]]]}},
    "a split of no columns": {"split": ["b", "c"]},
    "three in a pair": {"pair": ["a", "a", "a"]},
    "dates of no column": {"dates": ["b"]},
    "half a row": {"rows": 1.5},
    "no number of rows": {"rows": float("nan")},
    "more rows than there are": {"rows": 10**400},
    "columns without names": {"columns": [{**COLUMN, "name": None}]},
    "columns of an unknown kind": {"columns": [{**COLUMN, "kind": []}]},
    "fewer than none missing": {"columns": [{**COLUMN, "missing": -1}]},
}


@pytest.fixture
def box(tmp_path):
    turns = threading.BoundedSemaphore(1)
    with closing(Container("container_1", tmp_path / "box", tmp_path / "cache", turns)) as opened:
        yield opened


@pytest.mark.parametrize("rest", FORGED.values(), ids=FORGED.keys())
def test_a_forged_reply_without_the_shape_of_one_ends_the_code(box, rest):
    (box.files.folder / "forged").write_text(rest)
    with pytest.raises(CellStopped) as stopped:
        box.run(f"{IN_ITS_PLACE}say(open('forged').read())", threading.Event())
    assert str(stopped.value) == "unavailable"
    assert box.run("print('again')", threading.Event())["stdout"] == "again\n"


def test_a_forged_reply_is_told_as_an_error_that_the_sdk_reads(run):
    message, result = run(f"{IN_ITS_PLACE}say('''{OUTPUT}, \"error_code\": \"boredom\"''')")
    assert (result.type, result.error_code) == ("code_execution_tool_result_error", "unavailable")
    assert "what its replies come through" in message.content[-1].text


def test_a_forged_reply_with_its_shape_deceives_this_call_and_no_later_one(box):
    first = box.run(f"{IN_ITS_PLACE}[say('''{OUTPUT}''') for _ in range(3)]", threading.Event())
    assert first["stdout"] == "forged"
    assert box.run("print('mine')", threading.Event())["stdout"] == "mine\n"


def test_a_reply_of_more_objects_than_a_table_has_is_none(box):
    with pytest.raises(CellStopped):
        box.ask(Program("result = [{}] * 400_000", {}), threading.Event())


def answering(reply):
    return f"import __main__\n__main__._answer = lambda *_: {reply!r}".replace("nan", "float('nan')")


@pytest.mark.parametrize("reply", NO_TABLE.values(), ids=NO_TABLE.keys())
def test_a_program_that_code_has_changed_tells_of_no_table(run, ask, penguins, reply):
    message, _ = run(answering(reply), data(penguins))
    said = ask(data(penguins), text("profile"), tools=[CODE], container=message.container.id).content[-1].text
    assert any(f"could not be read. {how}" in said for how in ("It was ended", "Python ended"))


@pytest.mark.parametrize("change", SPOILED.values(), ids=SPOILED.keys())
def test_a_table_that_cannot_be_is_none(run, ask, penguins, change):
    message, _ = run(answering({"result": TABLE | change}), data(penguins))
    said = ask(data(penguins), text("profile"), tools=[CODE], container=message.container.id).content[-1].text
    assert "could not be read. It was ended" in said


def test_facts_that_cannot_be_are_left_out(run, ask, penguins):
    lies = "lambda asked, cells: {'result': [{}]} if 'result = facts(' in asked['code'] else answer(asked, cells)"
    message, _ = run(f"import __main__\nanswer = __main__._answer\n__main__._answer = {lies}", data(penguins))
    said = ask(data(penguins), text("profile"), tools=[CODE], container=message.container.id).content[-1].text
    assert "**penguins.csv** has 344 rows" in said


@pytest.mark.parametrize(
    "call",
    [
        '{"command": "view", "path": "\\ud800"}',
        '{"command": "view", "path": NaN}',
        '{"command": "view", "path": 1e999}',
        '{"command": "create", "path": "a", "file_text": "\\udfff"}',
        "[" * 50_000,
        '{"a":' * 900 + "1" + "}" * 900,
        f'{{"command": "view", "path": "a", "view_range": [1, {"9" * 5000}]}}',
    ],
)
def test_what_the_editor_cannot_take_is_refused_by_its_code(ask, call):
    (block,) = [
        b
        for b in ask(text(f"```text_editor\n{call}\n```"), tools=[CODE]).content
        if b.type == "text_editor_code_execution_tool_result"
    ]
    assert block.content.error_code == "invalid_tool_input"


@pytest.mark.parametrize("command", ["view", "create", "str_replace"])
def test_a_link_to_itself_leads_the_editor_nowhere(ask, command):
    call = json.dumps({"command": command, "path": "loop/a", "file_text": "x", "old_str": "x"})
    fences = f"```bash\nln -s loop loop\n```\n```text_editor\n{call}\n```"
    blocks = ask(text(fences), tools=[CODE]).content
    result = next(b.content for b in blocks if b.type == "text_editor_code_execution_tool_result")
    assert result.error_code in ("invalid_tool_input", "file_not_found", "unavailable")  # by version of Python


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("folder", ["TMPDIR", "MPLCONFIGDIR", "INPUT_DIR", "OUTPUT_DIR"])
def test_a_folder_that_became_a_link_to_itself_is_made_anew(run, penguins, folder):
    message, _ = run(
        f"import os\npath = os.environ['{folder}']\n"
        "try:\n    os.rename(path, path + '2')\n    os.symlink(path, path)\nexcept OSError:\n    pass",
    )
    _, result = run("print(1)", data(penguins), container=message.container.id)
    assert result.type in ("code_execution_result", "code_execution_tool_result_error")


class Broken(Sandbox):
    """An engine with a mistake, whose error says what it should not."""

    def can(self, *_):
        return True

    def answer(self, *_):
        raise RuntimeError("sk-ant-api03-" + "x" * 40 + " in /home/somebody/private.txt")
        yield


def is_said_and_nothing_private(log):
    assert "RuntimeError" in log
    assert "test_hostile_code.py" in log
    assert "somebody" not in log
    assert "sk-ant-api03" not in log


ANY = {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}


def test_the_log_of_a_mistake_of_ours_says_where_and_nothing_private(serve, caplog):
    with connect(serve(engines=[Broken])) as client:
        with pytest.raises(anthropic.InternalServerError):
            client.messages.create(**ANY)
        is_said_and_nothing_private(caplog.text)
        caplog.clear()
        with pytest.raises(anthropic.APIStatusError):
            list(client.messages.create(**ANY, stream=True))
        is_said_and_nothing_private(caplog.text)
