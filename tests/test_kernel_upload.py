"""Uploads and running code in a real kernel: Stop ends them at once, and keeps what is done."""

import socket

import pytest

from tests.kernels import Kernel, stopped_at
from tests.scripted import METADATA, Reply, as_json, scripted


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "open.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with Kernel(
        ANTHROPIC_API_KEY="sk-ant-test",
        ANTHROPIC_CONFIG_DIR=str(folder / "anthropic"),
        NBFILES_DATA_DIR=str(folder / "nbfiles"),
        NBFILES_USE="http://127.0.0.1:9",
        JPY_SESSION_NAME=str(folder / "open.ipynb"),  # as a Jupyter server sets it
    ) as kernel:
        kernel.run("%load_ext nbfiles")
        yield kernel


def text(cell):
    return "\n".join(output["text/plain"] for output in cell.outputs.values())


def test_stop_while_a_reply_is_awaited_keeps_the_files_that_are_there(kernel, tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(f"note {name}"[-5:])
    there = [as_json(METADATA | {"id": f"file_{number}"}) for number in range(2)]
    with scripted(*there, Reply(hang=True)) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = stopped_at(kernel, f"%upload {tmp_path}/*.txt", "2 of 3 done")
    assert cell.error["ename"] == "Stopped"
    assert cell.error["evalue"] == "2 of 3 files were uploaded and are kept. For the others, run the cell again."
    assert len(cell.error["traceback"]) == 1
    assert text(cell).count("stopped") == 1
    assert text(kernel.run("%files")).count(".txt") == 2
    assert len(server.seen) == 3  # what was stopped is not sent again behind the user's back


def test_stop_while_a_server_does_not_even_read(kernel, tmp_path):
    (tmp_path / "big.bin").write_bytes(bytes(50_000_000))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        kernel.run(f"%nbfiles use http://127.0.0.1:{deaf.getsockname()[1]}")
        cell = stopped_at(kernel, f"%upload {tmp_path}/big.bin", "░")
    assert cell.error["evalue"] == "0 of 1 files were uploaded and are kept. For the others, run the cell again."
    assert "stopped" in text(cell)
    assert "No files here yet" in text(kernel.run("%files"))


def test_the_notebook_that_a_jupyter_server_names_is_found(kernel):
    kernel.run("%nbfiles use local")
    cell = kernel.run("%upload --this-notebook")
    assert "open.ipynb" in text(cell)
    assert "has no text in it" in cell.error["evalue"]  # it was saved before a cell was written


def test_stop_while_code_runs_keeps_the_steps_that_ended_and_their_files(kernel, tmp_path):
    kernel.run(f"%nbfiles use local\n%cd {tmp_path}")
    made = "import os; open(os.environ['OUTPUT_DIR'] + '/t.csv', 'w').write('a,b\\n1,2\\n'); kept = 41"
    endless = "import signal; signal.pause()"
    steps = "\n".join(f"```python\n{code}\n```" for code in (made, endless))
    cell = stopped_at(kernel, f"%%ask_file --code -t talk -o ans\n{steps}", "Step 2: running")
    assert cell.error["ename"] == "Stopped"
    assert len(cell.error["traceback"]) == 1
    assert "t.csv" in text(cell)
    assert [path.read_text() for path in tmp_path.glob("nbfiles_out/*/t.csv")] == ["a,b\n1,2\n"]
    assert "['t.csv'] False" in text(kernel.run("print([f.name for f in ans.files], ans.complete)"))
    assert "t.csv" in text(kernel.run("%files"))
