import io
import json
import os
import socket
import sys
import threading
from contextlib import ExitStack, closing
from functools import partial

import anthropic
import psutil
import pytest
from PIL import Image

from nbfiles.server.engines.sandbox.container import CellLimits, CellStopped, Container
from nbfiles.server.engines.sandbox.engine import Sandbox
from tests.server.official import CODE, MODEL, connect, data, document, text
from tests.waiting import until


@pytest.fixture
def turns():
    return threading.BoundedSemaphore(1)


@pytest.fixture
def open_box(tmp_path, turns):
    with ExitStack() as boxes:

        def open_one(**limits):
            folders = (tmp_path / "box", tmp_path / "cache")
            return boxes.enter_context(closing(Container("container_1", *folders, turns, CellLimits(**limits))))

        yield open_one


@pytest.fixture
def box(open_box):
    return open_box()


def outputs(client, message):
    results = [b.content for b in message.content if b.type == "code_execution_tool_result"]
    found = [client.files.retrieve_metadata(out.file_id) for result in results for out in result.content]
    return {file.filename: file for file in found}


def test_the_python_of_the_question_runs_and_its_last_value_is_printed(run):
    message, result = run("x = 20\nprint('hello')\nx + 1")
    assert (result.stdout, result.stderr, result.return_code) == ("hello\n21\n", "", 0)
    assert message.content[0].input == {"code": "x = 20\nprint('hello')\nx + 1\n"}
    assert message.content[0].name == "code_execution"


def test_variables_and_files_last_from_turn_to_turn(run):
    message, _ = run("kept = 41\nopen('note.txt', 'w').write('left here')")
    _, later = run("print(kept + 1, open('note.txt').read())", container=message.container.id)
    assert later.stdout == "42 left here\n"


def test_containers_do_not_share_variables(run):
    run("mine = 1")
    _, other = run("mine")
    assert "NameError" in other.stderr


def test_an_error_goes_to_stderr_from_the_cell_on(run):
    message, result = run("def f():\n    return 1 / 0\nf()")
    assert result.return_code == 1
    assert 'File "<cell 1>", line 2, in f' in result.stderr
    assert "worker.py" not in result.stderr
    assert "ZeroDivisionError: division by zero" in message.content[-1].text


@pytest.mark.parametrize(("code", "expected"), [("raise SystemExit(3)", 3), ("import sys; sys.exit()", 0), ("if", 1)])
def test_the_return_code_is_that_of_a_program(run, code, expected):
    assert run(code)[1].return_code == expected


def test_output_of_child_programs_is_caught_too(run):
    assert run("import os; os.system('echo from the shell')")[1].stdout.startswith("from the shell\n")


def test_files_in_the_output_directory_come_back_once(run, client):
    write = "import os; open(os.environ['OUTPUT_DIR'] + '/a.csv', 'w').write('x\\n1\\n')"
    message, _ = run(write)
    made = outputs(client, message)
    assert (made["a.csv"].mime_type, made["a.csv"].downloadable) == ("text/csv", True)
    assert client.files.download(made["a.csv"].id).read() == b"x\n1\n"
    assert run("1", container=message.container.id)[1].content == []


def test_a_name_of_a_file_is_told_on_one_line_as_it_is_kept(run, client):
    message, _ = run("import os; open(os.environ['OUTPUT_DIR'] + '/\\n\u202ea.txt', 'w').write('x')")
    (name,) = outputs(client, message)
    assert f"It wrote {name}." in message.content[-1].text.replace("\\", "")


def test_a_name_that_is_no_text_comes_back_as_one(run, client):
    code = "import os\nopen(os.path.join(os.fsencode(os.environ['OUTPUT_DIR']), b'\\xff.txt'), 'w').write('x')"
    _, result = run(code)
    assert client.files.retrieve_metadata(result.content[0].file_id).filename == "_.txt"


def test_code_that_removes_its_directories_gets_them_back(run, penguins):
    message, result = run("import os, shutil\nshutil.rmtree(os.environ['OUTPUT_DIR'])")
    assert result.return_code == 0
    message, result = run("import shutil\nshutil.rmtree(os.getcwd())", container=message.container.id)
    _, result = run("'there'", data(penguins), container=message.container.id)
    assert result.stdout == "'there'\n"


@pytest.mark.parametrize("name", ["skills", "é" * 251 + ".csv"])
def test_any_name_that_a_file_may_have_has_a_place(run, upload, name):
    sent = upload(name, "text/csv", b"x").id
    _, result = run("import os\nsorted(os.listdir())", data(sent))
    (there,) = [found for found in eval(result.stdout) if found != "outputs"]
    assert there == "skills-2" if name == "skills" else there.endswith(".csv")


def test_links_out_of_the_container_do_not_come_back(run):
    _, result = run("import os; os.symlink('/etc/passwd', os.environ['OUTPUT_DIR'] + '/passwd')")
    assert result.content == []


def test_cells_see_no_environment_of_the_user(run, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret")
    assert "ANTHROPIC" not in run("import os; print(dict(os.environ))")[1].stdout


def test_uploads_lie_in_the_working_directory(run, penguins):
    _, result = run("open('penguins.csv').readline()[:7]", data(penguins))
    assert result.stdout == "'species'\n"


def test_a_second_file_of_the_same_name_gets_another(run, upload):
    both = [data(upload("t.csv", "text/csv", content).id) for content in (b"first", b"second")]
    _, result = run("open('t.csv').read() + ' ' + open('t-2.csv').read()", *both)
    assert result.stdout == "'first second'\n"


def test_a_later_file_of_the_same_name_replaces_the_earlier(run, upload):
    first, second = (data(upload("t.csv", "text/csv", content).id) for content in (b"first", b"second"))
    message, _ = run("1", first)
    _, result = run("open('t.csv').read()", second, container=message.container.id)
    assert result.stdout == "'second'\n"


def test_a_question_is_about_the_file_that_came_with_it(ask, upload):
    old, new = (data(upload(name, "text/csv", b"n\n1.5\n2.5\n").id) for name in ("old.csv", "new.csv"))
    messages = [
        {"role": "user", "content": [old, text("What is in here?")]},
        {"role": "assistant", "content": "Numbers."},
        {"role": "user", "content": [new, text("And here?")]},
    ]
    (said,) = [b.text for b in ask(messages=messages, tools=[CODE]).content if b.type == "text"]
    assert "**new.csv** has 2 rows" in said


def test_endless_output_is_cut(run):
    _, result = run("print('x' * 300_000)")
    assert len(result.stdout) < 101_000
    assert "more bytes" in result.stdout


def test_a_cell_that_takes_too_long_is_stopped_and_its_children_with_it(open_box, tmp_path):
    ready = tmp_path / "box" / "files" / "ready"

    def clock():  # stands still until the child is there
        return 10**6 if ready.exists() else 0

    box = open_box(clock=clock)
    code = "import subprocess; p = subprocess.Popen(['sleep', '600']); open('ready', 'w').close(); p.wait()"
    children = partial(psutil.Process().children, recursive=True)
    others = set(children())
    with pytest.raises(CellStopped, match="execution_time_exceeded"):
        box.run(code, threading.Event(), seconds=600)
    until(lambda: set(children()) <= others)
    ready.unlink()  # the clock stands still again
    assert box.run("1 + 1", threading.Event())["stdout"] == "2\n"


def test_a_cell_that_takes_too_much_memory_fails_alone(box):
    assert "MemoryError" in box.run("x = bytearray(8 * 1024**3)", threading.Event())["stderr"]


def test_a_call_that_gets_no_turn_is_refused_by_its_code(open_box, turns):
    box = open_box(wait=0)
    with turns, pytest.raises(CellStopped, match="too_many_requests"):
        box.run("1", threading.Event())
    assert box.run("1", threading.Event())["stdout"] == "1\n"


def test_a_python_that_dies_is_replaced(box):
    with pytest.raises(CellStopped, match="unavailable"):
        box.run("import os; os._exit(7)", threading.Event())
    assert box.run("'back'", threading.Event())["stdout"] == "'back'\n"


def test_the_time_limit_is_told_as_the_api_tells_it(connect_to):
    client = connect_to(engines=[partial(Sandbox, cell_seconds=1)])
    messages = [{"role": "user", "content": "```python\nwhile True: pass\n```"}]
    message = client.messages.create(model=MODEL, max_tokens=4000, messages=messages, tools=[CODE])
    result = next(b.content for b in message.content if b.type == "code_execution_tool_result")
    assert (result.type, result.error_code) == ("code_execution_tool_result_error", "execution_time_exceeded")
    assert "time limit" in message.content[-1].text


@pytest.fixture
def unhurried(serve):
    """A server whose cells may take as long as they like."""
    return serve(engines=[partial(Sandbox, cell_seconds=10**6)])


@pytest.fixture
def pipe(tmp_path):
    """A named pipe, and the question whose code holds its one end until it is killed: its end tells that."""
    code = "import os, signal\nos.mkfifo('pipe')\nheld = open('pipe', 'wb', 0)\nheld.write(b'x')\nsignal.pause()\n"

    def path():
        (path,) = until(lambda: list(tmp_path.glob("containers/*/files/pipe")))
        return path

    return path, [{"role": "user", "content": f"```python\n{code}```"}]


def test_giving_up_on_an_answer_stops_the_code(unhurried, pipe):
    path, messages = pipe
    body = {"model": MODEL, "max_tokens": 500, "messages": messages, "tools": [CODE]}
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(unhurried.socket_path))
        line.sendall(request(unhurried, json.dumps(body).encode()))
        with path().open("rb", 0) as end:
            assert end.read(1) == b"x"
            line.close()
            assert end.read() == b""


def request(server, body):
    head = ("POST /v1/messages HTTP/1.1", "host: localhost", f"x-api-key: {server.key}")
    return "\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body


def test_leaving_a_stream_stops_the_code(unhurried, pipe):
    path, messages = pipe
    with (
        connect(unhurried) as client,
        client.messages.create(model=MODEL, max_tokens=500, messages=messages, tools=[CODE], stream=True) as stream,
        path().open("rb") as end,
    ):
        next(event for event in stream if event.type == "content_block_stop")
        assert end.read(1) == b"x"
        stream.close()
        assert end.read() == b""


def test_a_chart_that_suits_the_question_comes_back(ask, client, penguins):
    message = ask(data(penguins), text("Plot body mass by species"), tools=[CODE])
    made = outputs(client, message)
    assert {"body_mass_by_species.png", "penguins_summary.csv"} <= made.keys()
    image = Image.open(io.BytesIO(client.files.download(made["body_mass_by_species.png"].id).read()))
    assert (image.format, image.size) == ("PNG", (900, 560))
    assert "highest for **Gentoo** (5,000) and lowest for **Adelie** (3,700)" in message.content[-1].text


def test_the_code_of_a_profile_is_short_enough_to_read(ask, penguins):
    message = ask(data(penguins), text("What is in here?"), tools=[CODE])
    lines = message.content[0].input["code"].splitlines()
    assert len(lines) < 80
    assert max(map(len, lines)) <= 110


def test_documents_and_data_are_both_answered(ask, manual, penguins):
    message = ask(document(manual), data(penguins), text("How does body mass relate to compression?"), tools=[CODE])
    kinds = [block.type for block in message.content]
    assert kinds.index("server_tool_use") > kinds.index("text")
    assert any(block.citations for block in message.content if block.type == "text")


@pytest.mark.parametrize("package", ["pandas", "matplotlib"])
def test_a_missing_package_is_named_with_its_remedy(run, ask, penguins, package):
    without, _ = run(f"import sys; sys.modules['{package}'] = None")
    message = ask(data(penguins), text("?"), tools=[CODE], container=without.container.id)
    assert message.content[-1].text.endswith(
        f"It needs {package}, which is not installed: `pip install 'nbfiles[demo]'`"
    )


def test_a_file_that_is_no_table_is_said_to_be_none(ask, upload):
    empty = upload("broken.json", "application/json", b"{{{{").id
    message = ask(data(empty), text("?"), tools=[CODE])
    assert "is not a table that pandas can read" in message.content[-1].text


def test_streamed_code_says_the_same_as_json(client, penguins, ask):
    content = [data(penguins), text("Plot body mass by species")]
    with client.messages.stream(
        model=MODEL, max_tokens=4000, messages=[{"role": "user", "content": content}], tools=[CODE]
    ) as stream:
        streamed = stream.get_final_message()
    whole = ask(*content, tools=[CODE])
    assert streamed.content[0].input == whole.content[0].input
    assert streamed.content[1].content.stdout == whole.content[1].content.stdout
    assert streamed.container.expires_at is not None
    assert streamed.usage == whole.usage


def test_an_expired_container_is_refused(run, expire):
    message, _ = run("1")
    expire("containers", message.container.id)
    with pytest.raises(anthropic.NotFoundError, match="has expired"):
        run("1", container=message.container.id)


INTO_ITS_REPLIES = """import os
for handle in range(3, 20):
    try:
        pipe = "pipe" in os.readlink(f"/proc/self/fd/{handle}")
        pipe and os.write(handle, DATA)
    except OSError:
        pass
"""
FAKED = b'{"return_code": 0, "stdout": "faked", "stderr": ""}\n'


@pytest.mark.skipif(sys.platform != "linux", reason="looks for pipes in /proc")
@pytest.mark.parametrize("data", [FAKED * 3, b"no JSON\n", b"[" * 9_000 + b"\n", b"\n" * 20])
def test_what_code_writes_among_the_replies_is_no_reply(box, data):
    box.run(INTO_ITS_REPLIES.replace("DATA", repr(data)), threading.Event())
    assert box.run("print('mine')", threading.Event())["stdout"] == "mine\n"


@pytest.mark.skipif(sys.platform != "linux", reason="looks for pipes in /proc")
@pytest.mark.parametrize("data", ["b'x' * 17_000_000", "b'\\xff' * 9000 + b'\\n'"])
def test_a_reply_without_end_or_sense_ends_the_code_and_not_its_server(box, data):
    with pytest.raises(CellStopped) as stopped:
        box.run(INTO_ITS_REPLIES.replace("DATA", data), threading.Event())
    assert str(stopped.value) == "unavailable"
    assert "what its replies come through" in stopped.value.reason
    assert box.run("print('again')", threading.Event())["stdout"] == "again\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_that_a_cell_forked_answers_no_command(box):
    box.run("import os\nchild = os.fork()\nchild and os.waitpid(child, 0)\nprint('both')", threading.Event())
    for number in range(3):
        assert box.run(f"print({number})", threading.Event())["stdout"] == f"{number}\n"


@pytest.mark.parametrize("version", ["code_execution_20260521", "code_execution_20250825"])
def test_files_outside_the_output_folder_are_named_with_what_to_write(ask, penguins, version):
    code = "for n in 'abcd':\n    open(f'{n}_1.csv', 'w').write('x')\nopen('.hidden', 'w').close()"
    tool = {"type": version, "name": "code_execution"}
    message = ask(data(penguins), text(f"```python\n{code}\n```"), tools=[tool])
    said = message.content[-1].text.replace("\\", "")
    assert "It wrote a_1.csv, b_1.csv, c_1.csv and 1 more to another folder, and only files in `$OUTPUT_DIR`" in said
    assert "`os.environ['OUTPUT_DIR'] + '/a_1.csv'`" in said
    code = "import os\nopen('e.csv', 'w').close()\nopen(os.environ['OUTPUT_DIR'] + '/f.csv', 'w').write('x')"
    message = ask(data(penguins), text(f"```python\n{code}\n```"), tools=[tool])
    assert "It wrote f.csv." in message.content[-1].text
    assert "outside it" not in message.content[-1].text


def test_a_name_that_is_no_code_is_no_part_of_the_advice(ask):
    message = ask(text("```python\nopen(\"a`' + b.csv\", 'w').close()\n```"), tools=[CODE])
    assert "`os.environ['OUTPUT_DIR'] + '/NAME'`" in message.content[-1].text
