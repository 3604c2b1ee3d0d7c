"""The folder of temporary files is private, ends with its kernel, and clears up after one that was killed."""

import stat
import subprocess
import sys

import pytest

from nbfiles._files.sources.temp_files import PREFIX, TempFiles

MAKE = """
import sys, time
from nbfiles._files.sources.temp_files import TempFiles
temp_files = TempFiles()
temp_files.path_for("key", "a.txt").write_text("a")
print("made", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def parent(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def kernel():
    child = subprocess.Popen([sys.executable, "-c", MAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"made\n"
    return child


def test_what_a_kernel_held_is_gone_when_it_ends(parent):
    child = kernel()
    child.communicate()
    assert list(parent.glob(f"{PREFIX}*")) == []


def test_what_a_killed_kernel_left_is_removed_by_the_next(parent):
    child = kernel()
    child.kill()
    child.communicate()
    temp_files = TempFiles()
    assert list(parent.glob(f"{PREFIX}*")) == []
    folder = temp_files.path_for("key", "b.txt").parents[1]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_a_running_kernel_holds_stays(parent):
    with kernel() as child:
        TempFiles()
        assert [path.read_text() for path in parent.glob(f"{PREFIX}*/*/a.txt")] == ["a"]
        child.communicate()


def test_a_folder_that_a_kernel_has_just_made_stays(parent):
    made = parent / f"{PREFIX}made"
    made.mkdir()
    TempFiles()
    assert made.exists()
