"""What a real kernel sends to the notebook: one clean output, few paints, and Stop that stops."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from tests.scripted import events, scripted

SAMPLES = Path(__file__).parent.parent / "notebooks" / "samples"
WAIT_S = 60
START = {"type": "message_start", "message": {"id": "msg_1", "model": "m-1", "usage": {"input_tokens": 7}}}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}


def words(text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


@dataclass
class Cell:
    """What one cell sent: its outputs as a notebook would save them, and every message on the way."""

    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    paints: int = 0
    error: dict[str, Any] | None = None

    def see(self, kind: str, content: dict[str, Any]) -> None:
        if kind in ("display_data", "update_display_data", "execute_result"):
            name = content.get("transient", {}).get("display_id") or f"output {len(self.outputs)}"
            self.outputs[name] = content["data"]
            self.paints += 1
        if kind == "error":
            self.error = content


class Kernel:
    """A kernel of this interpreter, driven as a notebook drives it."""

    def __init__(self, **environ: str) -> None:
        self.manager = KernelManager()
        self.manager.kernel_spec.argv = [
            sys.executable,
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ]
        self.manager.start_kernel(env={**os.environ, **environ})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=WAIT_S)

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self.manager.context.destroy()

    def messages(self, cell: str) -> Iterator[tuple[str, dict[str, Any]]]:
        sent = self.client.execute(cell)
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=WAIT_S)
            except Empty:
                pytest.fail(f"the kernel went silent in: {cell}")
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return
            yield message["msg_type"], message["content"]

    def run(self, text: str) -> Cell:
        cell = Cell()
        for message in self.messages(text):
            cell.see(*message)
        return cell


@pytest.fixture
def kernel(own_world):
    kernel = Kernel(ANTHROPIC_API_KEY="sk-ant-test")
    kernel.run("%load_ext nbfiles")
    yield kernel
    kernel.stop()


def test_an_answer_is_one_output_in_html_and_text_and_nothing_else(kernel):
    upload = kernel.run(f"%upload {SAMPLES / 'bzip2-manual.pdf'}")
    answer = kernel.run("%%ask_file bzip2-manual.pdf\nWho is the author?")
    for cell in (upload, answer):
        (output,) = cell.outputs.values()
        assert set(output) == {"text/html", "text/plain"}
    assert "page" in output["text/plain"]
    assert "Writing" not in output["text/plain"]


def test_charts_are_pictures_with_a_text_twin(kernel, tmp_path, monkeypatch):
    kernel.run(f"%cd {tmp_path}")
    cell = kernel.run(f"%%ask_file {SAMPLES / 'penguins.csv'}\nplot body mass by species")
    pictures = [output for output in cell.outputs.values() if "image/png" in output]
    assert len(pictures) >= 2
    assert all("pixels]" in picture["text/plain"] for picture in pictures)
    assert kernel.run("1").outputs  # the kernel goes on


def test_a_fast_stream_is_painted_seldom_and_ends_complete(kernel):
    stream = events(START, BLOCK, *(words(f"word{n} ") for n in range(3000)), END, {"type": "message_stop"})
    with scripted(stream) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run("%%ask_file\nwhy?")
    (output,) = cell.outputs.values()
    assert "word2999" in output["text/html"]
    assert "9 out · cost unknown" in output["text/plain"]
    assert cell.paints < 100


def test_stop_keeps_what_had_arrived_and_the_kernel(kernel):
    with scripted(events(START, BLOCK, words("The first half"), hang=True)) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell, stopped = Cell(), False
        for kind, content in kernel.messages("%%ask_file -o ans\nwhy?"):
            cell.see(kind, content)
            if "first half" in str(content) and not stopped:
                kernel.manager.interrupt_kernel()
                stopped = True
        (output,) = cell.outputs.values()
    assert "The first half" in output["text/html"]
    assert "Not complete: Stopped" in output["text/plain"]
    assert cell.error["ename"] == "Stopped"
    assert len(cell.error["traceback"]) == 1
    assert kernel.run("ans.text").outputs.popitem()[1]["text/plain"] == "'The first half'"


def test_a_mistake_stops_run_all_with_one_line(kernel):
    cell = kernel.run("%ask_file nothing.pdf why?")
    assert cell.error["ename"] == "UnknownName"
    assert len(cell.error["traceback"]) == 1


def test_loading_imports_nothing_heavy(kernel):
    cell = kernel.run("import sys; {'anthropic', 'pandas', 'ipywidgets', 'starlette'} & set(sys.modules)")
    assert cell.outputs.popitem()[1]["text/plain"] == "set()"


def test_a_script_prints_the_answer_once(own_world, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import nbfiles\nnbfiles.ask('Who is the author?', {str(SAMPLES / 'bzip2-manual.pdf')!r})\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.count("Answer by") == 1
    assert "Writing" not in done.stdout
    assert "<" not in done.stdout.replace("<jseward", "")
    assert "[1] bzip2-manual.pdf, page" in done.stdout
