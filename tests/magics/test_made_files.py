"""Files that Claude's code made come back, over HTTP: named, safe, in their place, with their origin."""

import shutil
import sys

import pytest

from nbfiles import errors
from nbfiles._display.answer import bundle
from nbfiles._files import download
from tests.scripted import METADATA, START, USAGE, Reply, as_json, error, events

WRITE = "```python\nimport os\nout = os.environ['OUTPUT_DIR']\n{}\n```"
ID = METADATA["id"]
CALL = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "code_execution", "input": {"code": "1"}}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": USAGE}
CSV = "open(f'{out}/t.csv', 'w').write('a,b\\n1,2\\n')"


def wrote(*file_ids, stop=True):
    """A stream of one step that made these files, whole or cut behind it."""
    outputs = [{"type": "code_execution_output", "file_id": file_id} for file_id in file_ids]
    result = {"type": "code_execution_result", "stdout": "", "stderr": "", "return_code": 0}
    block = {"type": "code_execution_tool_result", "tool_use_id": "srvtoolu_1"}
    block["content"] = result | {"content": outputs}
    blocks = [{"type": "content_block_start", "index": i, "content_block": b} for i, b in ((0, CALL), (1, block))]
    return events(START, *blocks, *([END, {"type": "message_stop"}] if stop else []))


def listed(**changes):
    return as_json({"data": [METADATA | {"downloadable": True} | changes], "next_page": None})


def content(data=b"hello", **how):
    return Reply(data, headers={"content-type": "application/octet-stream"}, **how)


PROCESSES = []
sys.addaudithook(lambda event, args: PROCESSES.append(args[0]) if event == "subprocess.Popen" else None)
SEVERAL = WRITE.format(
    "import pandas as pd, matplotlib.pyplot as plt; pd.DataFrame({'total': [17]}).to_excel(f'{out}/t.xlsx')"
    "; open(f'{out}/t.html', 'w').write('<p>Page of 17</p>')"
    "; plt.plot([1, 2]); plt.savefig(f'{out}/plot.pdf'); plt.savefig(f'{out}/chart.png')"
)


def test_drawing_an_answer_starts_no_process_and_reads_no_file(shell, tmp_path):
    shell.run("%%ask_file penguins.csv -o ans\n" + SEVERAL)
    assert {record.name for record in shell["ans"].files} == {"t.xlsx", "t.html", "plot.pdf", "chart.png"}
    shutil.rmtree(tmp_path / "nbfiles_out")
    PROCESSES.clear()
    shell.run("ans.show()")
    for piece in ("total", "[Plot, page 1 of 1", "[Chart, "):
        assert piece in shell.shown
    shell.run("print(ans)")
    assert "Page of 17" in bundle(shell["ans"])["text/html"]
    assert PROCESSES == []


def test_a_file_says_which_step_made_it_of_what_and_where(shell):
    penguins = shell.run("%upload penguins.csv")[0]
    answer = shell.run("%%ask_file penguins.csv\n" + WRITE.format("1") + "\n" + WRITE.format(CSV))
    (table,) = answer.files
    assert table.origin.step == 2
    assert table.origin.inputs == (("penguins.csv", penguins.sha256),)
    assert len(table.origin.container) == 4
    assert table.origin.container not in answer.container
    assert table.path.stat().st_mode & 0o777 == 0o600


def test_a_cell_that_runs_again_keeps_the_names_and_moves_them_to_the_new_files(shell):
    cell = "%%ask_file penguins.csv\n" + WRITE.format(
        "open(f'{out}/n.txt', 'a').write('x'); n = 1 + globals().get('n', 0)"
        "; open(f'{out}/n.txt', 'w').write(str(os.urandom(4)))"
    )
    first, second = shell.run(cell).files[0], shell.run(cell).files[0]
    assert first.name == second.name == "n.txt"
    assert first.path.name == "n.txt" != second.path.name
    assert first.path.is_file()
    assert [record for record in shell.run("%files") if record.name == "n.txt"] == [second]


def test_a_file_with_the_name_of_a_variable_never_stands_in_for_it(shell):
    shell.run("import pandas as pd; df = pd.DataFrame({'a': [1]})")
    (made,) = shell.run("%%ask_file penguins.csv\n" + WRITE.format("open(f'{out}/df', 'w').write('x')")).files
    with pytest.raises(errors.BadInput, match="“df” is a variable and a file that code made") as caught:
        shell.run("%ask_file df 'what is in it?'")
    path = str(made.path.relative_to(made.path.parents[2]))
    assert path in str(caught.value)
    assert shell.run(f"%ask_file {path} 'what is in it?'").sources == ("df",)


def test_what_somebody_uploaded_keeps_its_name(shell, tmp_path):
    (tmp_path / "t.csv").write_text("mine\n")
    shell.run("%upload t.csv")
    answer = shell.run("%%ask_file penguins.csv\n" + WRITE.format(CSV))
    assert [record.name for record in answer.files] == ["t-2.csv"]
    assert shell.run("%files t.csv")[0].made_by_code is False


@pytest.mark.parametrize("name", ["../../x.txt", "/etc/cron.d/x", "openpyxl.py", ".bashrc", "a\u202egnp.exe", "NUL"])
def test_a_hostile_name_lands_in_the_folder_of_the_answer(shell, claude, tmp_path, name):
    before = set(tmp_path.iterdir())
    claude(wrote(ID), listed(filename=name), content())
    answer = shell.run("%%ask_file --code\nhow?")
    (record,) = answer.files
    assert record.path.parent == tmp_path / "nbfiles_out" / "how"
    assert set(tmp_path.iterdir()) - before == {tmp_path / "nbfiles_out"}
    assert record.path.read_bytes() == b"hello"
    assert ID not in shell.shown


def test_a_file_of_two_gigabytes_stays_where_it_is_until_it_is_asked_for(shell, claude, tmp_path):
    server = claude(wrote(ID), listed(size_bytes=2_000_000_000, filename="big.bin"))
    (record,) = shell.run("%%ask_file --code\nhow?").files
    assert record.path is None
    assert "%download big.bin" in shell.shown
    assert len(server.seen) == 2
    assert not (tmp_path / "nbfiles_out").exists()


def test_a_reply_longer_than_it_said_is_stopped(shell, claude, tmp_path):
    claude(wrote(ID), listed(), *[content(b"x" * 3_000_000)] * 2)
    answer = shell.run("%%ask_file --code\nhow?")
    assert "larger than" in answer.problem
    assert not list((tmp_path / "nbfiles_out").rglob("*.*"))


@pytest.mark.parametrize("bad", [content(b"hel"), content(b"x" * 3_000_000)], ids=["short", "long"])
def test_a_file_that_came_in_the_wrong_size_is_asked_for_again(shell, claude, bad):
    claude(wrote(ID), listed(), bad, content())
    (record,) = shell.run("%%ask_file --code\nhow?").files
    assert record.path.read_bytes() == b"hello"


REFUSED = error(400, "invalid_request_error", "Busy.")
GONE = error(404, "not_found_error", "File not found.")
DELETED = "It was deleted, or has expired. To have it made again, ask the question again."


@pytest.mark.parametrize(
    ("replies", "name", "problem"),
    [
        ([listed(), REFUSED], "a.txt", "“a.txt” did not arrive: {} To try again, type: %download a.txt"),
        ([REFUSED], "step-1-file", "“step-1-file” did not arrive: {} To try again, type: %download step-1-file"),
    ],
    ids=["content", "list"],
)
def test_a_file_that_does_not_arrive_can_be_had_by_name_later(shell, claude, replies, name, problem):
    claude(wrote(ID), *replies)
    answer = shell.run("%%ask_file --code\nhow?")
    assert answer.problem.startswith(problem.partition("{}")[0])
    assert answer.problem.endswith(problem.partition("{}")[2])
    assert "Busy." in answer.problem
    assert [(record.name, record.path) for record in answer.files] == [(name, None)]
    assert f"%download {name}" in shell.shown
    assert answer.code[0].code == "1"
    claude(listed(), content())
    (record,) = shell.run(answer.problem.rpartition("type: ")[2])
    assert (record.name, record.path.read_bytes()) == ("a.txt", b"hello")
    assert [r.name for r in shell.run("%files")] == ["a.txt"]


@pytest.mark.parametrize("replies", [[listed(), GONE], [as_json({"data": [], "next_page": None})]], ids=["then", "now"])
def test_a_file_that_is_gone_says_so_and_how_to_have_it_again(shell, claude, replies):
    claude(wrote(ID), *replies)
    answer = shell.run("%%ask_file --code\nhow?")
    assert answer.problem.endswith(f" cannot be downloaded any more. {DELETED}")
    assert answer.problem.startswith(("“a.txt”", "A file of step 1"))
    assert answer.code[0].code == "1"


def test_two_files_of_one_name_that_did_not_arrive_are_told_apart(shell, claude):
    ids = ["file_1", "file_2"]
    data = [METADATA | {"id": file_id, "downloadable": True} for file_id in ids]
    claude(wrote(*ids), as_json({"data": data, "next_page": None}), REFUSED, REFUSED)
    answer = shell.run("%%ask_file --code\nhow?")
    assert "“a.txt” and “a-2.txt” did not arrive" in answer.problem
    assert answer.problem.endswith("%download a.txt a-2.txt")
    claude(as_json({"data": data[1:], "next_page": None}), content(b"two 2"))
    assert shell.run("%download a-2.txt")[0].path.read_bytes() == b"two 2"


def test_a_file_without_a_name_says_again_what_to_type(shell, claude):
    claude(wrote(ID), REFUSED)
    answer = shell.run("%%ask_file --code\nhow?")
    claude(REFUSED)
    with pytest.raises(errors.ApiError, match="“step-1-file” did not arrive") as caught:
        shell.run("%download step-1-file")
    assert str(caught.value).endswith("To try again, type: %download step-1-file")
    assert "unknown size" in str(answer)


def test_a_busy_server_is_asked_again_for_a_file(shell, claude):
    claude(wrote(ID), listed(), error(529, "overloaded_error", "Busy."), content())
    (record,) = shell.run("%%ask_file --code\nhow?").files
    assert record.path.read_bytes() == b"hello"


def test_a_step_that_ended_keeps_its_files_when_the_answer_breaks_off(shell, claude):
    claude(wrote(ID, stop=False), listed(), content())
    with pytest.raises(errors.CutOff):
        shell.run("%%ask_file --code -o ans\nhow?")
    assert shell["ans"].files[0].path.read_bytes() == b"hello"
    assert not shell["ans"].complete


def test_five_hundred_files_come_back_in_one_piece(shell):
    many = "for n in range(500): open(f'{out}/{n}.txt', 'w').write(str(n))"
    answer = shell.run("%%ask_file penguins.csv\n" + WRITE.format(many))
    assert len(answer.files) == 500
    assert {record.path.read_text() for record in answer.files} == set(map(str, range(500)))
    assert len(shell.shown) < 50_000


def test_only_so_much_is_fetched_unasked(shell, monkeypatch):
    monkeypatch.setattr("nbfiles._files.store.MOST_AT_ONCE", 15)
    code = "for n in range(3): open(f'{out}/{n}.txt', 'w').write('x' * 6)"
    answer = shell.run("%%ask_file penguins.csv\n" + WRITE.format(code))
    assert [bool(record.path) for record in answer.files] == [True, True, False]
    saved = shell.run("%download 2.txt")[0]
    assert saved.path.read_text() == "x" * 6
    assert saved.origin == answer.files[2].origin
    assert download.MOST_AT_ONCE > 15
