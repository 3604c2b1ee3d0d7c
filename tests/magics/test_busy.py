"""After a question or an upload, a busy server is waited for as before: no old cell ends the wait."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from nbfiles import _client, current_session
from nbfiles._client.timeouts import Timeouts
from nbfiles._connection import Connection
from nbfiles._messages.observer import Observer
from nbfiles._messages.request import AskRequest
from nbfiles.destinations import Destination
from nbfiles.server.embedded import start
from tests import faulty, spoiled
from tests.kernels import Kernel
from tests.scripted import error, reply, scripted

MAKE = "```python\nimport os\nopen(os.environ['OUTPUT_DIR'] + '/made.csv', 'w').write('a,b\\n1,2\\n')\n```"
CELLS = [
    "%files --all",
    "%files usage",
    "%files verify",
    "%files info note.txt",
    "%files rm note.txt --yes",
    "%download made.csv",
    "%nbfiles skills",
    "%nbfiles models",
]


SLOW_DOWN = error(429, "rate_limit_error", "Slow down", retry_after_ms="1")
OVERLOADED = error(529, "overloaded_error", "Overloaded", retry_after_ms="1")
BUSY = [spoiled.Unread(SLOW_DOWN), spoiled.Unread(OVERLOADED)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("data"), tcp=True)
    yield running
    running.stop()


@pytest.fixture
def front(shell, server, monkeypatch, tmp_path):
    """What stands between this kernel and its server."""
    monkeypatch.setattr(_client, "DEFAULTS", Timeouts(first_backoff_s=0.001))
    with faulty.faulty(server.base_url) as standing:
        here = Destination("here", "free", base_url=standing.url, api_key=server.key, name="local")
        current_session().connection = Connection(here, tmp_path)
        yield standing


def run(shell, cell):
    """Run a cell; one that is told to be stopped would end the tests."""
    try:
        shell.run(cell)
    except KeyboardInterrupt as stopped:
        pytest.fail(f"{cell}: {stopped}")


@pytest.mark.parametrize("fault", BUSY, ids=["429", "529"])
@pytest.mark.parametrize("cell", CELLS)
def test_behind_a_question_a_busy_server_is_waited_for(shell, front, tmp_path, cell, fault):
    (tmp_path / "note.txt").write_text("The launch is on Friday.")
    shell.run(
        "%%ask_file note.txt --code\n" + MAKE if "download" in cell else "%%ask_file note.txt\nWhen is the launch?"
    )
    front.faults = [fault]
    run(shell, cell)
    assert "Stopped" not in shell.shown
    assert front.faults == [] or cell == "%nbfiles models"  # they are known since the question


@pytest.mark.parametrize("cell", ["%upload penguins.csv", "nbfiles.upload_text('a', 'a.txt')"])
@pytest.mark.parametrize("after", ["%files --all", "%nbfiles skills"])
def test_behind_an_upload_a_busy_server_is_waited_for(shell, front, cell, after):
    shell.run(f"import nbfiles\n{cell}")
    front.faults = BUSY.copy()
    run(shell, after)
    assert front.faults == []


def test_behind_questions_of_each_file_and_a_failed_one_a_busy_server_is_waited_for(shell, front, tmp_path):
    (tmp_path / "a.txt").write_text("The launch is on Friday.")
    shell.run("%%ask_file a.txt --each\nWhen is the launch?")
    front.faults = [None, faulty.login_page]
    shell.ip.run_cell("%%ask_file a.txt\nWhen is the launch?")
    front.faults = [BUSY[0]]
    run(shell, "%files --all")
    assert front.faults == []


def test_a_question_tells_its_own_watcher_of_a_wait_and_nobody_afterwards(front):
    class Told(Observer):
        def __init__(self):
            self.waits = []

        def waiting(self, _seconds, why):
            self.waits.append(why)

    told, session = Told(), current_session()
    session.connection.models.choose()
    front.faults = [BUSY[0]]
    assert session.ask(AskRequest("why?"), told).complete
    assert len(told.waits) == 1
    assert "wants fewer requests" in told.waits[0]
    front.faults = [BUSY[0]]
    assert isinstance(list(session.connection.workspace.entries()), list)
    assert front.faults == []
    assert len(told.waits) == 1


def test_in_a_kernel_a_wait_is_a_line_of_its_cell_that_goes_away(own_world):
    replies = SLOW_DOWN, reply(), OVERLOADED, reply()
    with Kernel(ANTHROPIC_API_KEY="sk-ant-test") as kernel, scripted(*replies) as server:
        kernel.run("%load_ext nbfiles")
        kernel.run("from nbfiles import _client\n_client.DEFAULTS = _client.Timeouts(first_backoff_s=0.001)")
        kernel.run(f"%nbfiles use {server.url}")
        for _ in range(2):
            said = [content for _, content in kernel.messages("%%ask_file\nwhy?")]
            assert "Trying again in" in str(said)
            assert "Stopped" not in str(said)
            assert "Trying again in" not in str(said[-1])
