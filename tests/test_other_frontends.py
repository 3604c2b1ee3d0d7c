"""An answer in jupyter console, qtconsole and papermill as they are; `.ci/full frontends` installs them."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from tests.kernels import EVERY_PAINT
from tests.scripted import scripted
from tests.test_frontends import LAST, answer
from tests.waiting import HANG_S

ASK = "ans = nbfiles.ask('why?')"


def start(url):
    return f"get_ipython().run_line_magic('load_ext', 'nbfiles'); import nbfiles; nbfiles.use({url!r}); {EVERY_PAINT}"


@pytest.fixture
def environ(own_world):
    return {**os.environ, "ANTHROPIC_API_KEY": "sk-ant-test", "QT_QPA_PLATFORM": "offscreen"}


def test_jupyter_console_prints_the_whole_answer(environ):
    pytest.importorskip("jupyter_console")
    with scripted(answer(), answer()) as server:
        lines = [start(server.url), ASK, "%ask_file why?", "exit"]
        command = [sys.executable, "-m", "jupyter_console", "--ZMQTerminalInteractiveShell.simple_prompt=True"]
        ran = subprocess.run(
            command, input="\n".join([*lines, ""]), env=environ, capture_output=True, text=True, timeout=HANG_S
        )
    assert ran.stdout.count(LAST) == ran.stdout.count("6,000 tokens in") == 2, ran.stdout + ran.stderr


QT = """
import sys, time
from qtconsole.inprocess import QtInProcessKernelManager  # noqa: F401 - makes the Qt application's class known
from qtconsole.manager import QtKernelManager
from qtconsole.rich_jupyter_widget import RichJupyterWidget
from qtpy.QtWidgets import QApplication

app = QApplication([])
manager = QtKernelManager(kernel_name="python3")
manager.start_kernel()
client = manager.client()
client.start_channels()
widget = RichJupyterWidget()
widget.kernel_manager, widget.kernel_client = manager, client
executed = []
widget.executed.connect(executed.append)

def wait(condition):
    end = time.monotonic() + 200
    while not condition() and time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)

wait(lambda: "In [" in widget._control.toPlainText())
for number, code in enumerate(sys.argv[1:], start=1):
    widget.execute(code)
    wait(lambda: len(executed) == number)
print(widget._control.toPlainText())
client.stop_channels()
manager.shutdown_kernel(now=True)
"""


def test_qtconsole_shows_the_whole_answer(environ):
    pytest.importorskip("qtconsole")
    pytest.importorskip("PySide6")
    with scripted(answer(), answer()) as server:
        codes = [start(server.url), ASK, "%%ask_file\nwhy?"]
        ran = subprocess.run(
            [sys.executable, "-c", QT, *codes], env=environ, capture_output=True, text=True, timeout=HANG_S
        )
    assert ran.stdout.count(LAST) == ran.stdout.count("6,000 tokens in") == 2, ran.stdout + ran.stderr


def test_papermill_saves_each_answer_once(environ, tmp_path):
    pytest.importorskip("papermill")
    with scripted(answer(), answer(300)) as server:
        cells = [start(server.url), ASK, "%%ask_file\nwhy?"]
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, tmp_path / "a.ipynb")
        command = [sys.executable, "-m", "papermill", "a.ipynb", "b.ipynb", "--no-progress-bar"]
        ran = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=HANG_S)
    assert ran.returncode == 0, ran.stderr
    saved = nbformat.read(tmp_path / "b.ipynb", as_version=4)
    for cell in saved.cells[1:]:
        shown = [output.data for output in cell.outputs if any(output.data.values())]
        assert len(shown) == 1
        assert shown[0]["text/html"].count(LAST) == shown[0]["text/plain"].count(LAST) == 1
    assert "sk-ant" not in json.dumps(saved)
    assert str(tmp_path) not in json.dumps(saved.cells)
