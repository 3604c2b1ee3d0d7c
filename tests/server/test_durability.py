"""What was acknowledged is there: after kill -9, on a full disk, and with several processes at once."""

import os
import shutil
import subprocess
import sys

import pytest

HEAD = """
import sys, pathlib
from nbfiles.server.storage import store as module
store = module.Store(pathlib.Path(sys.argv[1]), floor=0)

def add(content):
    staged = store.staging()
    staged.write_bytes(content)
    return store.add(staged, filename="a.txt", mime_type="text/plain")
"""
WRITE = """
for n in range(int(sys.argv[2])):
    print(add(str(n).encode() * 100).id, n, flush=True)
"""
FILL = """
import sqlite3
kept = []
try:
    while True:
        kept.append(add(bytes([len(kept) % 256]) * 100_000).id)
except (module.Full, OSError) as problem:
    print(type(problem).__name__)
for part in store.incoming.iterdir():
    part.unlink()
whole = [store.content(one).read_bytes() == bytes([n % 256]) * 100_000 for n, one in enumerate(kept)]
listed = {file.id for file in store.page(1000)}
on_disk = {path.name for path in store.files.iterdir()}
print(len(kept) > 5, all(whole), listed == set(kept) == on_disk)
store.delete(kept[0]), store.delete(kept[1])
print(store.require(add(b"again").id).size_bytes)
"""


def program(code, *arguments):
    return [sys.executable, "-c", HEAD + code, *map(str, arguments)]


def start(code, *arguments):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(program(code, *arguments), stdout=subprocess.PIPE, text=True, env=env)


def test_kill_nine_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path, open_store):
    acknowledged = []
    for lines in (1, 3, 7, 20, 40):
        with start(WRITE, tmp_path, 10_000) as process:
            acknowledged += [process.stdout.readline().split() for _ in range(lines)]
            process.kill()
            rest = process.stdout.read().splitlines(keepends=True)
            acknowledged += [line.split() for line in rest if line.endswith("\n")]
    store = open_store(tmp_path)
    for file_id, n in acknowledged:
        assert store.content(file_id).read_bytes() == n.encode() * 100
        assert store.require(file_id).size_bytes == len(n) * 100
    seen = {file.id for file in store.page(10_000)}
    assert len(seen) - len(acknowledged) <= 5  # at most one a kill was done, but not told


def test_processes_on_one_directory_lose_nothing(tmp_path, open_store):
    writers = [start(WRITE, tmp_path, 60) for _ in range(4)]
    told = [writer.communicate()[0].split()[::2] for writer in writers]
    assert [len(ids) for ids in told] == [60] * 4
    assert {file.id for file in open_store(tmp_path).page(1000)} == {one for ids in told for one in ids}


def tiny_disk(folder, *command):
    """Run a command with a file system of 3 MB of its own mounted at a folder."""
    mount = 'mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"'
    own = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(folder), *command]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(own, capture_output=True, text=True, check=False, env=env)


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path):
    if shutil.which("unshare") is None or tiny_disk(tmp_path, "true").returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    done = tiny_disk(tmp_path, *program(FILL, tmp_path))
    assert done.stderr == ""
    problem, found, size = done.stdout.splitlines()
    assert problem in ("Full", "OSError")
    assert (found, size) == ("True True True", "5")
