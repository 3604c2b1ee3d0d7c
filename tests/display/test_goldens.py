"""How each block of the code execution tool looks, in HTML and as text (docs/wire-facts.md).

`python -m tests.display.test_goldens` writes the files anew, to be read before they are committed.
"""

from pathlib import Path

import pytest

from nbfiles._display.answer import bundle
from tests.answers import answer_of

FOLDER = Path(__file__).parent / "goldens"
FORMS = {"html": "text/html", "txt": "text/plain"}
CODE = "import pandas as pd\n\n# sum it up\ndf = pd.read_csv('a.csv')\nprint(len(df), \"rows & <more>\")"


def call(name, result_type=None, /, *, given, **result):
    tool = {"type": "server_tool_use", "id": "srvtoolu_1", "name": name, "input": given}
    if result_type is None:
        return (tool,)
    content = {"type": result_type, **result}
    return tool, {"type": f"{name}_tool_result", "tool_use_id": "srvtoolu_1", "content": content}


def python(kind="code_execution_result", **result):
    return call("code_execution", kind, given={"code": CODE}, **result)


def bash(kind="bash_code_execution_result", **result):
    return call("bash_code_execution", kind, given={"command": "for f in *; do echo $f; done"}, **result)


def editor(kind, given, **result):
    return call("text_editor_code_execution", f"text_editor_code_execution_{kind}", given=given, **result)


def made(kind, count):
    return {"content": [{"type": kind, "file_id": f"file_{n}"} for n in range(count)]}


RAN = {"stdout": "344 rows & <more>\n", "stderr": "", "return_code": 0}
CREATE = {"command": "create", "path": "plot.py", "file_text": "print(1)\nprint(2)\n"}
REPLACE = {"command": "str_replace", "path": "plot.py", "old_str": "1", "new_str": "3"}
VIEW = {"command": "view", "path": "notes.txt"}
CASES = {
    "python": python(**RAN, **made("code_execution_output", 2)),
    "python_failed": python(stdout="", stderr="Traceback: <b>KeyError</b>\n", return_code=1, content=[]),
    "python_coloured": python(stdout="\x1b[1;31mred\x1b[0m\r\n 10%\r 99%\r100%\nend\r\n", stderr="\x1b[Kx",
                              return_code=0, content=[]),
    "python_running": call("code_execution", given={"code": CODE}),
    "python_encrypted": python("encrypted_code_execution_result", encrypted_stdout="x9", stderr="",
                               return_code=0, **made("code_execution_output", 1)),
    "bash": bash(**RAN, **made("bash_code_execution_output", 1)),
    "editor_view": editor("view_result", VIEW, content="one\ntwo\n", file_type="text", start_line=1,
                          num_lines=2, total_lines=9),
    "editor_view_image": editor("view_result", VIEW, content="iVBORw0KGgo=", file_type="image"),
    "editor_create": editor("create_result", CREATE, is_file_update=False),
    "editor_str_replace": editor("str_replace_result", REPLACE, lines=["-print(1)", "+print(3)"],
                                 old_start=1, old_lines=1, new_start=1, new_lines=1),
    "container_upload": ({"type": "container_upload", "file_id": "file_1"},),
    "unknown": python("hologram_result", shape="cube"),
}  # fmt: skip
ERRORS = ("invalid_tool_input", "unavailable", "too_many_requests", "execution_time_exceeded")
CASES |= {f"python_{code}": python("code_execution_tool_result_error", error_code=code) for code in ERRORS}
CASES |= {
    f"bash_{code}": bash("bash_code_execution_tool_result_error", error_code=code)
    for code in (*ERRORS, "output_file_too_large")
}
CASES |= {f"editor_{code}": editor("tool_result_error", VIEW, error_code=code) for code in (*ERRORS, "file_not_found")}


def shown(name, form):
    answer = answer_of(*CASES[name], model="claude-sonnet-5-5", stop_reason="end_turn", sent_to="Claude")
    return bundle(answer)[FORMS[form]] + "\n"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CASES)
def test_a_block_looks_as_it_did(name, form):
    assert shown(name, form) == (FOLDER / f"{name}.{form}").read_text()


@pytest.mark.parametrize("name", CASES)
def test_no_block_shows_a_raw_id(name):
    assert all("file_" not in shown(name, form).replace("file_not_found", "") for form in FORMS)


if __name__ == "__main__":
    for name in CASES:
        for form in FORMS:
            (FOLDER / f"{name}.{form}").write_text(shown(name, form))
