"""A real IPython shell with nbfiles loaded, on the embedded server, in a folder with the sample files."""

import atexit
import shutil
import warnings
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.io import capture_output
from traitlets.config import Config

from nbfiles import current_session
from nbfiles._connection import Connection
from nbfiles.config import DEFAULT_MODEL
from nbfiles.destinations import Destination
from tests.scripted import scripted
from tests.sessions import new_session

SAMPLES = Path(__file__).parents[2] / "notebooks" / "samples"


class Shell:
    """Runs cells and keeps what they showed."""

    def __init__(self) -> None:
        # Without the file of all histories, and the thread that writes it.
        self.ip = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
        self.shown = ""

    def close(self) -> None:
        """Let go of the shell and its variables; `reset` would look through the memory of all tests each time."""
        atexit.unregister(self.ip.atexit_operations)
        self.ip.user_ns.clear()
        self.ip.restore_sys_module_state()
        InteractiveShell.clear_instance()

    def run(self, cell: str):
        """Run a cell and return its result; raises what the cell raised."""
        with capture_output() as captured:
            result = self.ip.run_cell(cell, store_history=True)
        displayed = (output.data["text/plain"] for output in captured.outputs)
        self.shown = captured.stdout + "\n".join(displayed)
        result.raise_error()
        return result.result

    def __getitem__(self, name: str):
        return self.ip.user_ns[name]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    for name in ("bzip2-manual.pdf", "penguins.csv", "flower.jpg"):
        shutil.copy(SAMPLES / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    new_session(monkeypatch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # traitlets, while the shell starts
        shell = Shell()
    shell.run("%load_ext nbfiles")
    yield shell
    shell.run("%unload_ext nbfiles")
    shell.close()


@pytest.fixture
def claude(shell):
    """A place that bills at list prices, answered by a script: `claude(reply(), …)` and its server."""
    with scripted() as server:

        def answers(*replies):
            server.replies += replies
            return server

        session = current_session()
        claude = Destination("Claude", "list", base_url=server.url, api_key="k", name="claude")
        session.connection = Connection(claude, session.settings.data_dir, session.variables)
        session.connection.models.default = DEFAULT_MODEL  # as if the API had listed it already
        yield answers
