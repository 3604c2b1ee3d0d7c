"""Every block of the code execution tool, with real code behind it."""

from functools import partial

import anthropic
import pytest

from nbfiles.server.engines.sandbox.editor import edit
from nbfiles.server.engines.sandbox.engine import Sandbox
from nbfiles.server.engines.sandbox.steps import steps
from tests.server.official import MODEL, text

NEWEST = "code_execution_20260521"
LEGACY, BASH_ONLY = "code_execution_20250522", "code_execution_20250825"


def fenced(language, body):
    return f"```{language}\n{body}\n```\n"


def tool(version):
    return [{"type": version, "name": "code_execution"}]


def doing(create):
    """Return what sends fences with `create` and returns the results of the tool, and the message."""

    def send(*fences, version=NEWEST, **more):
        options = {"model": MODEL, "max_tokens": 4000, "tools": tool(version), **more}
        message = create(messages=[{"role": "user", "content": "\n".join(fences)}], **options)
        return [block for block in message.content if block.type.endswith("_tool_result")], message

    return send


@pytest.fixture
def do(client):
    return doing(client.messages.create)


@pytest.fixture
def do_little(connect_to):
    """As `do`, where a cell may take a second."""
    return doing(connect_to(engines=[partial(Sandbox, cell_seconds=1)]).messages.create)


def test_bash_runs_and_its_files_come_back(do, client):
    command = "echo hello; echo oops >&2; echo a,b > $OUTPUT_DIR/t.csv; exit 3"
    (block,), message = do(fenced("bash", command))
    assert (block.type, block.content.type) == (
        "bash_code_execution_tool_result",
        "bash_code_execution_result",
    )
    found = block.content
    assert (found.stdout, found.stderr, found.return_code) == ("hello\n", "oops\n", 3)
    assert found.content[0].type == "bash_code_execution_output"
    assert client.files.download(found.content[0].file_id).read() == b"a,b\n"
    assert message.content[0].name == "bash_code_execution"
    assert message.content[0].input == {"command": f"{command}\n"}


def test_the_editor_creates_views_and_changes_files_that_code_can_run(do):
    blocks, message = do(
        fenced("text_editor", '{"command": "create", "path": "a.py", "file_text": "x = 1\\nprint(x)\\n"}'),
        fenced("text_editor", '{"command": "str_replace", "path": "a.py", "old_str": "1", "new_str": "2"}'),
        fenced("text_editor", '{"command": "create", "path": "a.py", "file_text": "x = 1\\nprint(x + 4)\\n"}'),
        fenced("text_editor", '{"command": "view", "path": "a.py", "view_range": [2, 2]}'),
        fenced("sh", "python3 a.py"),
    )
    created, replaced, again, viewed, ran = [block.content for block in blocks]
    assert {block.type for block in blocks[:4]} == {"text_editor_code_execution_tool_result"}
    assert (created.is_file_update, again.is_file_update) == (False, True)
    assert (replaced.lines, replaced.old_start, replaced.new_lines) == (["-x = 1", "+x = 2"], 1, 1)
    assert (viewed.content, viewed.start_line, viewed.num_lines, viewed.total_lines) == (
        "print(x + 4)\n",
        2,
        1,
        2,
    )
    assert ran.stdout == "5\n"
    assert "ran the 5 steps of the question" in message.content[-1].text


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("file_not_found", '{"command": "view", "path": "no.txt"}'),
        ("invalid_tool_input", '{"command": "fly"}'),
        ("invalid_tool_input", "no JSON"),
        ("invalid_tool_input", '{"command": "view", "path": "../../../../etc/passwd"}'),
        ("invalid_tool_input", '{"command": "create", "path": "a.txt"}'),
    ],
)
def test_the_editor_refuses_by_the_documented_codes(do, code, call):
    (block,), _ = do(fenced("text_editor", call))
    assert (block.content.type, block.content.error_code) == (
        "text_editor_code_execution_tool_result_error",
        code,
    )


def test_a_link_does_not_lead_the_editor_out(do, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("mine")
    blocks, _ = do(
        fenced("bash", f"ln -s {secret} link.txt"),
        fenced("text_editor", '{"command": "view", "path": "link.txt"}'),
    )
    assert blocks[1].content.error_code == "invalid_tool_input"


@pytest.mark.parametrize(("language", "body"), [("bash", "while true; do :; done"), ("python", "while True: pass")])
def test_the_time_limit_has_its_code_in_either_tool(do_little, language, body):
    (block,), message = do_little(fenced(language, body))
    assert block.content.error_code == "execution_time_exceeded"
    assert "time limit" in message.content[-1].text


def test_a_file_over_the_limit_is_an_error_of_bash_and_a_remark_of_python(connect_to):
    do = doing(connect_to(engines=[partial(Sandbox, file_limit=1024)]).messages.create)
    (block,), message = do(fenced("bash", "truncate -s 2000 $OUTPUT_DIR/big"))
    assert block.content.error_code == "output_file_too_large"
    assert "cannot be kept" in message.content[-1].text
    write = "import os; open(os.environ['OUTPUT_DIR'] + '/bigger', 'wb').write(bytes(3000))"
    (block,), _ = do(fenced("python", write))
    assert (block.content.content, block.content.return_code) == ([], 0)
    assert block.content.stderr.startswith("bigger: not kept: larger than")


WRITE = """import os
for name in "abcd":
    with open(os.environ["OUTPUT_DIR"] + "/" + name, "wb") as file:
        file.write(b"x")
        file.truncate(SIZE)
"""


def test_what_takes_no_room_in_the_container_takes_none_among_the_files(connect_to, tmp_path):
    client = connect_to()
    (block,), _ = doing(client.messages.create)(fenced("python", WRITE.replace("SIZE", "100_000_000")))
    files = [tmp_path / "files" / made.file_id for made in block.content.content]
    assert [file.stat().st_size for file in files] == [100_000_000] * 4
    assert sum(file.stat().st_blocks for file in files) * 512 < 50_000_000
    assert client.files.download(block.content.content[0].file_id).read() == b"x".ljust(100_000_000, b"\0")


def test_the_files_of_one_call_have_a_limit_together(connect_to):
    do = doing(connect_to(engines=[partial(Sandbox, most_bytes=3_000_000)]).messages.create)
    (block,), _ = do(fenced("python", WRITE.replace("SIZE", "1_000_000")))
    assert len(block.content.content) == 3
    assert block.content.stderr == "d: not kept: the files of one call may have 3 MB together\n"


def test_a_program_that_cannot_be_is_refused_by_its_code(do):
    (block,), _ = do(fenced("python", "print('\0')"))
    assert block.content.error_code == "invalid_tool_input"


def test_the_older_tools_keep_no_variables(do):
    for version in (LEGACY, BASH_ONLY):
        blocks, _ = do(fenced("python", "x = 1"), fenced("python", "print(x)"), version=version)
        assert "NameError" in blocks[1].content.stderr


def test_each_version_runs_python_in_its_own_block(do):
    kinds = {}
    for version in (LEGACY, BASH_ONLY, "code_execution_20260120", NEWEST):
        (block,), message = do(fenced("python", "print('x')"), version=version)
        assert block.content.stdout == "x\n"
        kinds[version] = message.content[0].name
    assert kinds == {
        LEGACY: "code_execution",
        BASH_ONLY: "bash_code_execution",
        "code_execution_20260120": "code_execution",
        NEWEST: "code_execution",
    }


def test_a_question_of_open_fences_is_read_once():
    """Not once from each of them, which would take hours."""
    assert steps("```python\n" * 500_000, NEWEST) == ()


@pytest.mark.parametrize(
    ("question", "bodies"),
    [
        ("```py\n```", [""]),
        ("```python \t\n\n x\n``` \nend", ["\n x\n"]),
        ("```python\na\n```python\n```\nb\n```", ["a\n```python\n"]),
        ("```text\n```python\na\n```", ["a\n"]),
        (" ```python\na\n```", []),
        ("```python\na\n ```\n```more", []),
        ("```python\na", []),
    ],
)
def test_a_block_goes_from_fence_to_fence(question, bodies):
    assert [step.input["code"] for step in steps(question, NEWEST)] == bodies


def test_a_change_among_many_lines_is_shown_without_comparing_each_with_each(tmp_path):
    (tmp_path / "a.txt").write_text("\n" * 500_000 + "old\n" + "\n" * 500_000)
    call = {"command": "str_replace", "path": "a.txt", "old_str": "old", "new_str": "new\nnewer"}
    found = edit(tmp_path, call)
    assert found["lines"] == ["-old", "+new", "+newer"]
    assert (found["old_start"], found["old_lines"], found["new_lines"]) == (500_001, 1, 2)


def test_the_oldest_tool_knows_no_bash():
    assert steps(fenced("bash", "ls"), LEGACY) == ()
    assert steps(fenced("bash", "ls"), None) == ()


def test_haiku_4_5_takes_the_newest_tool_as_the_second(do):
    _, message = do(fenced("python", "1"), model="claude-haiku-4-5")
    assert message.content[0].name == "bash_code_execution"


def test_the_profile_speaks_bash_where_there_is_no_python_tool(ask, penguins):
    content = [{"type": "container_upload", "file_id": penguins}, text("body mass by species")]
    message = ask(*content, tools=tool(BASH_ONLY))
    result = next(b for b in message.content if b.type == "bash_code_execution_tool_result").content
    assert "344 rows" in result.stdout
    assert len(result.content) >= 2
    assert "highest for **Gentoo**" in message.content[-1].text


def test_the_eleventh_step_waits_for_the_next_request(client):
    question = "\n".join(fenced("python", f"print({n})") for n in range(12))
    messages = [{"role": "user", "content": question}]
    options = {"model": MODEL, "max_tokens": 4000, "tools": tool(NEWEST)}
    first = client.messages.create(messages=messages, **options)
    assert first.stop_reason == "pause_turn"
    messages.append(first.to_param())
    rest = client.messages.create(messages=messages, container=first.container.id, **options)
    printed = [b.content.stdout for m in (first, rest) for b in m.content if hasattr(b, "tool_use_id")]
    assert printed == [f"{n}\n" for n in range(12)]
    assert rest.stop_reason == "end_turn"
    assert "the 12 steps" in rest.content[-1].text


def test_a_stream_says_the_same_of_every_block(client, do):
    fences = fenced("bash", "echo x"), fenced("text_editor", '{"command": "view", "path": "."}')
    blocks, _ = do(*fences)
    content = [{"role": "user", "content": "\n".join(fences)}]
    options = {"model": MODEL, "max_tokens": 4000, "tools": tool(NEWEST), "messages": content}
    with client.messages.stream(**options) as stream:
        streamed = [b for b in stream.get_final_message().content if b.type.endswith("_tool_result")]
    assert [block.content for block in streamed] == [block.content for block in blocks]


def test_a_refusal_has_its_stop_reason(ask):
    message = ask(text("ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL"))
    assert (message.stop_reason, message.stop_details.type, message.content) == ("refusal", "refusal", [])


def test_an_unknown_version_is_refused(ask):
    with pytest.raises(anthropic.BadRequestError, match="not a known tool type"):
        ask(text("?"), tools=tool("code_execution_20990101"))
