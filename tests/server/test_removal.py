"""What code left behind is removed, however it was made; what cannot be is no reason to stop."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from nbfiles.server.engines.sandbox import folders
from nbfiles.server.engines.sandbox.container import Container
from nbfiles.server.messages.query import DataFile
from nbfiles.server.storage.removal import remove
from nbfiles.server.storage.store import DAY, Store

DEEP = "import os\nfor i in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\n"


@pytest.fixture(autouse=True)
def removed(tmp_path):
    """Remove what a failed test leaves: pytest follows no path of such a length."""
    yield
    if os.name != "nt":
        subprocess.run(["rm", "-rf", tmp_path], check=True)


def dig(folder):
    """Make 3,000 folders within one another, whose path is longer than any system takes.

    A process of its own does it: code in a container may be ended on the way, as its paths cannot be counted.
    """
    subprocess.run([sys.executable, "-c", DEEP], cwd=folder, check=True)


def expired(root):
    """Make the folder of a container that has expired."""
    with closing(Store(root)) as store:
        store.keep_container("container_1", 1)
    folder = root / "containers" / "container_1"
    folder.mkdir()
    return folder


def test_a_tree_of_any_depth_does_not_stop_the_next_start(tmp_path):
    folder = expired(tmp_path)
    dig(folder)
    with closing(Store(tmp_path)):
        assert not folder.exists()


def test_what_an_earlier_start_could_not_remove_goes_without_its_row(tmp_path):
    folder = expired(tmp_path)
    with closing(sqlite3.connect(tmp_path / "server.db")) as db, db:
        db.execute("DELETE FROM containers")
    (tmp_path / "containers" / "container_new").mkdir()
    os.utime(folder, (1, 1))
    with closing(Store(tmp_path)) as store:
        assert [path.name for path in store.containers.iterdir()] == ["container_new"]


def test_the_row_of_a_container_goes_a_month_after_it(tmp_path):
    expired(tmp_path)
    with closing(Store(tmp_path)) as store:
        assert store.container_expiry("container_1") is None
        store.keep_container("container_2", time.time() - DAY)
        store.sweep()
        assert store.container_expiry("container_2") is not None


def test_an_upload_replaces_a_tree_of_any_depth(tmp_path):
    turns = threading.BoundedSemaphore(1)
    upload = tmp_path / "upload"
    upload.write_bytes(b"a,b\n")
    with closing(Container("container_1", tmp_path / "box", tmp_path / "cache", turns)) as box:
        box.files.put([DataFile("file_1", "t.csv", upload, True)])
        table = box.files.folder / "t.csv"
        table.unlink()
        table.mkdir()
        dig(table)
        box.files.put([DataFile("file_2", "t.csv", upload, True)])
        assert table.read_bytes() == b"a,b\n"
    assert sorted(path.name for path in (tmp_path / "box").iterdir()) == ["files", "state.json", "tmp"]


def test_links_are_removed_and_what_they_lead_to_is_not(tmp_path):
    mine, tree = tmp_path / "mine", tmp_path / "tree"
    (mine / "sub").mkdir(parents=True, mode=0o755)
    (mine / "file").write_text("kept")
    (tree / "a" / "b").mkdir(parents=True)
    for place in (tree, tree / "a", tree / "a" / "b"):
        (place / "link").symlink_to(mine)
        (place / "loop").symlink_to("loop")
        (place / "to a file").symlink_to(mine / "file")
    before = mine.stat().st_mode
    assert remove(tree)
    assert not tree.exists()
    assert (sorted(path.name for path in mine.iterdir()), mine.stat().st_mode) == (["file", "sub"], before)


AS_ANOTHER_USER = """
import os, sys
from pathlib import Path
from nbfiles.server.storage.removal import remove
os.chdir(sys.argv[1])
root = Path(".")
os.getuid() or (os.setgid(12345), os.setuid(12345))
for mode in (0o000, 0o300, 0o500, 0o400):
    inner = root / f"{mode:o}" / "x" / "y"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    for folder in (inner, inner.parent, inner.parent.parent):
        folder.chmod(mode)
print(all([remove(path) for path in sorted(root.iterdir())]), list(root.iterdir()))
"""


@pytest.mark.skipif(os.name == "nt", reason="modes protect nothing there")
def test_folders_that_nobody_may_list_or_change_are_removed_too(tmp_path):
    root = tmp_path / "modes"
    root.mkdir()
    root.chmod(0o777)
    ran = subprocess.run([sys.executable, "-c", AS_ANOTHER_USER, root], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("True []\n", "")


def test_what_cannot_be_removed_is_left_and_said(tmp_path, caplog):
    gone = tmp_path / "gone"
    assert remove(gone)
    assert not remove(tmp_path / ("x" * 300))
    assert "could not be removed: File name too long" in caplog.text


def test_a_folder_of_a_container_is_the_users_again_whatever_its_mode(tmp_path):
    (tmp_path / "files").mkdir(mode=0o000)
    folders.own_folder(tmp_path / "files")
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
