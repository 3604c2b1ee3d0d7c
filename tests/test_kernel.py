"""What a real kernel sends to the notebook: one clean output, few paints, and Stop that stops."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kernels import Cell, Kernel, stopped_at
from tests.scripted import events, scripted

SAMPLES = Path(__file__).parent.parent / "notebooks" / "samples"
START = {"type": "message_start", "message": {"id": "msg_1", "model": "m-1", "usage": {"input_tokens": 7}}}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}


def words(text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


@pytest.fixture
def kernel(own_world):
    with Kernel(ANTHROPIC_API_KEY="sk-ant-test") as kernel:
        kernel.run("%load_ext nbfiles")
        yield kernel


def test_an_answer_is_one_output_in_html_and_text_and_nothing_else(kernel):
    upload = kernel.run(f"%upload {SAMPLES / 'bzip2-manual.pdf'}")
    answer = kernel.run("%%ask_file bzip2-manual.pdf\nWho is the author?")
    for cell in (upload, answer):
        (output,) = cell.outputs.values()
        assert set(output) == {"text/html", "text/plain"}
    assert "page" in output["text/plain"]
    assert "Writing" not in output["text/plain"]


def test_without_the_extension_an_answer_is_shown_once_and_again_when_asked_for(own_world):
    with Kernel() as plain:
        asked = plain.run("import nbfiles\nans = nbfiles.ask('Why?')\nans")
        (output,) = asked.outputs.values()
        (again,) = plain.run("ans").outputs.values()
    assert again == output
    assert output["text/plain"].startswith("Local server")


def test_charts_are_pictures_with_a_text_twin(kernel, tmp_path, monkeypatch):
    kernel.run(f"%cd {tmp_path}")
    cell = kernel.run(f"%%ask_file {SAMPLES / 'penguins.csv'}\nplot body mass by species")
    pictures = [output for output in cell.outputs.values() if "image/png" in output]
    assert len(pictures) >= 2
    assert all("pixels]" in picture["text/plain"] for picture in pictures)
    assert kernel.run("1").outputs  # the kernel goes on


def test_a_fast_stream_is_painted_seldom_and_ends_complete(kernel):
    stream = events(START, BLOCK, *(words(f"word{n} ") for n in range(3000)), END, {"type": "message_stop"})
    # Only the first and the last paint are due: a slow machine would have the time for more at six a second.
    kernel.run("import nbfiles._display.throttle as p; p.PAINTS_A_SECOND = 1e-6")
    with scripted(stream) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run("%%ask_file\nwhy?")
    (output,) = cell.outputs.values()
    assert "word2999" in output["text/html"]
    assert "9 out · cost unknown" in output["text/plain"]
    assert cell.paints < 10


def long_answer():
    text = "".join(f"Paragraph {n} tells of the sea.\n\n" for n in range(400))  # 20 KB of HTML
    pieces = (words(text[start : start + 40]) for start in range(0, len(text), 40))
    return events(START, BLOCK, *pieces, END, {"type": "message_stop"})


def test_a_long_answer_grows_in_several_outputs_and_ends_as_one(kernel, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("The sea.")
    kernel.run("import nbfiles._display.throttle as p; p.PAINTS_A_SECOND, p.PAINT_SHARE = 1e6, 1")
    with scripted(long_answer(), long_answer()) as server:
        kernel.run(f"%nbfiles use {server.url}")
        most, cell = 0, Cell()
        for message in kernel.messages("%%ask_file\nwhy?"):
            cell.see(*message)
            most = max(most, len(cell.outputs))
        assert most > 2
        (output,) = cell.outputs.values()
        assert output["text/html"].count("<p>Paragraph") == 400
        assert "9 out · cost unknown" in output["text/plain"]
        other = kernel.run("print('mine')\nimport nbfiles\n_ = nbfiles.ask('why?')")
        assert [output["text/plain"][:5] for output in other.outputs.values()] == ["mine\n", "m-1\n\n"]
        assert other.sent < 3 * cell.sent


def test_stop_keeps_what_had_arrived_and_the_kernel(kernel):
    with scripted(events(START, BLOCK, words("The first half"), hang=True)) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = stopped_at(kernel, "%%ask_file -o ans\nwhy?", "first half")
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
    script.write_text(f"import nbfiles\nnbfiles.ask('Who is the author?', {str(SAMPLES / 'bzip2-manual.pdf')!r})\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.count("Local server · bzip2-manual.pdf") == 1
    assert "Writing" not in done.stdout
    assert "<" not in done.stdout.replace("<jseward", "")
    assert "[1] bzip2-manual.pdf, page" in done.stdout
