import gc
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nbfiles.server.embedded import start
from tests.server.official import MODEL, connect, document, text


@pytest.fixture
def own(tmp_path):
    running = start(tmp_path)
    yield running
    running.stop()


def test_the_socket_lies_in_a_private_directory(own):
    mode = own.socket_path.parent.stat().st_mode
    assert stat.S_IMODE(mode) == 0o700
    assert len(str(own.socket_path)) < 100


def test_stored_files_are_private(own, tmp_path):
    with connect(own) as client:
        client.files.upload(file=("a.txt", b"secret", "text/plain"))
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_stop_removes_the_socket_and_the_thread_and_may_be_called_twice(own):
    before = set(threading.enumerate())
    own.stop()
    own.stop()
    assert not own.socket_path.parent.exists()
    assert "nbfiles-server" in {thread.name for thread in before - set(threading.enumerate())}


def open_databases():
    found = [one for one in gc.get_objects() if isinstance(one, sqlite3.Connection)]
    return {id(one) for one in found if is_open(one)}


def is_open(database):
    try:
        return database.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


def test_stop_closes_every_database(tmp_path):
    before = open_databases()
    own = start(tmp_path)
    with connect(own) as client:
        sent = client.files.upload(file=("a.txt", b"The boat came back.", "text/plain"))
        content = [document(sent.id), text("What came back?")]
        question = {"messages": [{"role": "user", "content": content}], "max_tokens": 500}
        assert client.messages.create(model=MODEL, **question).content[-1].citations
    assert open_databases() - before
    own.stop()
    assert open_databases() - before == set()


def test_every_server_has_its_own_key(own, tmp_path):
    other = start(tmp_path)
    assert other.key != own.key
    assert len(own.key) >= 43
    other.stop()


def test_a_directory_that_cannot_be_used_is_refused_in_the_caller(tmp_path):
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(FileExistsError):
        start(tmp_path / "data")


def test_files_survive_a_restart(tmp_path):
    first = start(tmp_path)
    with connect(first) as client:
        sent = client.files.upload(file=("kept.txt", b"still here", "text/plain"))
    first.stop()
    second = start(tmp_path)
    with connect(second) as client:
        assert client.files.retrieve_metadata(sent.id) == sent
    second.stop()


def test_two_servers_on_one_directory_see_each_others_files(own, tmp_path):
    other = start(tmp_path)
    with connect(own) as here, connect(other) as there:
        sent = [side.files.upload(file=("x.txt", b"x", "text/plain")).id for side in (here, there) * 5]
        assert [file.id for file in here.files.list()] == sent[::-1]
    other.stop()


def test_an_acknowledged_file_survives_kill_nine(tmp_path):
    script = (
        "import sys, os, pathlib, signal\n"
        "from tests.server.official import connect; from nbfiles.server.embedded import start\n"
        "server = start(pathlib.Path(sys.argv[1])); client = connect(server)\n"
        "print(client.files.upload(file=('k.txt', b'kept', 'text/plain')).id, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    own_path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=own_path)
    file_id = done.stdout.strip()
    assert (tmp_path / "files" / file_id).read_bytes() == b"kept"
    again = start(tmp_path)
    with connect(again) as client:
        assert client.files.retrieve_metadata(file_id).size_bytes == 4
    again.stop()


def test_a_forked_child_leaves_its_parents_server_alone(tmp_path):
    script = (
        "import sys, os, pathlib\n"
        "from nbfiles.server.embedded import start\n"
        "server = start(pathlib.Path(sys.argv[1]))\n"
        "if os.fork() == 0: sys.exit()\n"
        "os.wait(); print(server.socket_path.exists())"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)
    assert done.stdout == "True\n"


def test_a_program_that_forgets_to_stop_ends_all_the_same(tmp_path):
    script = "import sys, pathlib; from nbfiles.server.embedded import start\n"
    script += "print(start(pathlib.Path(sys.argv[1])).socket_path)"
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from nbfiles.server.embedded import start
print(start(Path(sys.argv[1])).socket_path, flush=True)
os.kill(os.getpid(), getattr(signal, sys.argv[2]))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_the_socket_of_a_killed_server_is_removed_by_the_next_one_and_no_other(own, tmp_path, name):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "other"), name]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True).stdout
    left = Path(printed.strip()).parent
    for folder in (left, own.socket_path.parent):
        assert folder.is_dir()
        os.utime(folder, (0, 0))
    start(tmp_path / "next").stop()
    assert not left.exists()
    assert own.socket_path.exists()
