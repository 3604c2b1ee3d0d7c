"""Stop in a real kernel: one line, and when it is there, nothing of the call is open any more."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kernels import Cell, Kernel, stopped_at
from tests.scripted import METADATA, Reply, Scripted, as_json, scripted
from tests.waiting import until

OPEN = """
import os, sys, threading, json
def still_open(folder):
    links = [f'/proc/self/fd/{number}' for number in os.listdir('/proc/self/fd')]
    files = [os.readlink(link) for link in links if os.path.lexists(link)]
    here = {file for file in files if file.startswith(folder)}
    threads = {thread.name for thread in threading.enumerate() if '(run)' in thread.name}
    print(json.dumps(sorted(here | threads)))
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    data = tmp_path_factory.mktemp("data")
    environ = {"ANTHROPIC_API_KEY": "sk-ant-test", "NBFILES_DATA_DIR": str(data), "NBFILES_USE": "http://127.0.0.1:9"}
    with Kernel(**environ) as kernel:
        kernel.run("%load_ext nbfiles")
        kernel.run("import nbfiles\n" + OPEN)
        yield kernel


@contextmanager
def using(kernel: Kernel, folder: Path, *replies: Reply) -> Iterator[Scripted]:
    with scripted(*replies) as server:
        kernel.run(f"%cd {folder}\n%nbfiles use {server.url}")
        yield server


def stopped_after(kernel: Kernel, text: str, server: Scripted, requests: int) -> Cell:
    """Run a cell, press Stop when the server has seen so many requests, and return the cell."""
    cell, messages = Cell(), kernel.messages(text)
    cell.see(*next(messages))
    until(lambda: len(server.seen) >= requests, alive=kernel.manager.is_alive)
    kernel.manager.interrupt_kernel()
    for message in messages:
        cell.see(*message)
    return cell


def check(kernel: Kernel, cell: Cell, folder: Path, why: str) -> None:
    """Nothing is open, also before the server lets go, and the cell ended with this one line."""
    assert cell.error is not None
    assert (cell.error["ename"], len(cell.error["traceback"])) == ("Stopped", 1)
    assert why in cell.error["evalue"]
    shown = kernel.run(f"still_open({str(folder)!r})").outputs
    assert [json.loads(output["text/plain"]) for output in shown.values()] == [[]]


def test_stop_closes_the_files_of_uploads_to_a_silent_server(kernel, tmp_path):
    for name in "abcdefg":
        (tmp_path / f"{name}.txt").write_text(f"note {name}")
    with using(kernel, tmp_path, *[Reply(hang=True)] * 7) as server:
        cell = stopped_after(kernel, "%upload *.txt", server, 7)
        check(kernel, cell, tmp_path, "0 of 7 files were uploaded and are kept. For the others, run the cell again.")


def made(number: int, **changes: object) -> dict[str, object]:
    return METADATA | {"id": f"file_{number}", "filename": f"{number}.bin", "downloadable": True} | changes


ADOPT = """
from datetime import UTC, datetime
from nbfiles.records import FileRecord
registry = nbfiles.current_session().connection.files.registry
for n in range(3):
    registry.add(FileRecord(f'{n}.bin', f'file_{n}', 'file', '', 5, datetime.now(UTC), made_by_code=True))
"""


@pytest.mark.parametrize("drops", [b"", b"he"], ids=["silent", "begun"])
def test_stop_ends_downloads_in_one_line(kernel, tmp_path, drops):
    listed = as_json({"data": [made(n) for n in range(3)], "next_page": None})
    content = Reply(drops, headers={"content-type": "application/octet-stream", "content-length": "5"}, hang=True)
    with using(kernel, tmp_path, listed, *[content] * 3) as server:
        kernel.run(ADOPT)
        cell = stopped_after(kernel, "%download *.bin", server, 4)
        check(kernel, cell, tmp_path, "0 of 3 files were downloaded. For the others, run the cell again.")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_stop_ends_the_questions_about_each_file(kernel, tmp_path):
    for name in "abcd":
        (tmp_path / f"{name}.txt").write_text(f"note {name}")
    stored = [as_json(METADATA | {"id": f"file_{n}", "size_bytes": 6}) for n in range(4)]
    with using(kernel, tmp_path, *stored, *[Reply(hang=True)] * 4) as server:
        cell = stopped_after(kernel, "%%ask_file *.txt --each -o rows\nwhy?", server, 8)
        check(kernel, cell, tmp_path, "0 of 4 files are answered and kept.")


SLOW = "import builtins\nprint('importing', flush=True)\nbuiltins.go.wait()\nDataFrame = list\n"


def test_stop_while_pandas_is_imported_is_one_line_and_leaves_no_half_of_it(kernel, tmp_path):
    (tmp_path / "pandas.py").write_text(SLOW)
    (tmp_path / "a.txt").write_text("note a")
    kernel.run(f"%cd {tmp_path}\nimport builtins, threading; builtins.go = threading.Event()")
    kernel.run("saved = {n: sys.modules.pop(n) for n in list(sys.modules) if n.split('.')[0] == 'pandas'}")
    kernel.run("sys.path.insert(0, '.')")
    cell = stopped_at(kernel, "%ask_file a.txt --each why?", "importing")
    after = kernel.run("go.set(); import pandas; print(pandas.DataFrame)\ndel sys.path[0], sys.modules['pandas']")
    kernel.run("sys.modules.update(saved)")
    assert cell.error is not None
    assert (cell.error["ename"], len(cell.error["traceback"])) == ("Stopped", 1)
    assert after.error is None
    assert [output["text/plain"] for output in after.outputs.values()] == ["<class 'list'>\n"]


INTERRUPTED = """
from nbfiles._display.tables import TextTable
class Rows(tuple):
    def __iter__(self):
        raise KeyboardInterrupt
TextTable(("name",), Rows())
"""


def test_stop_while_a_result_is_drawn_is_one_line(kernel):
    cell = kernel.run(INTERRUPTED)
    assert cell.error is not None
    assert (cell.error["ename"], len(cell.error["traceback"])) == ("Stopped", 1)


def test_a_silent_server_is_named_while_it_is_waited_for(kernel, tmp_path):
    with using(kernel, tmp_path, Reply(headers={"content-type": "text/event-stream"}, hang=True)) as server:
        cell = stopped_at(kernel, "%%ask_file\nWhy?", f"Asking {server.url.removeprefix('http://')}")
        check(kernel, cell, tmp_path, "")
    assert "No answer" in cell.printed
    assert "Stopped before the first words: the question may have been sent and charged." in cell.printed
    costs = kernel.run("print(nbfiles.cost())").printed
    assert "failed after being sent and may have been charged as well" in costs


def test_an_upload_that_waits_for_a_silent_server_shows_its_file(kernel, tmp_path):
    (tmp_path / "a.txt").write_text("Some text.")
    with using(kernel, tmp_path, *[Reply(hang=True)] * 4):
        cell = stopped_at(kernel, "%upload a.txt", "a.txt  ")
        check(kernel, cell, tmp_path, "")
