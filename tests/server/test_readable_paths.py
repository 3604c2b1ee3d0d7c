"""What code sees of the folders that lead to this Python: its own parts, and nothing that lies beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbfiles.server.confinement.command import Mechanism
from nbfiles.server.confinement.mechanisms import works
from tests.server.inside import SECRET

ROOT = Path(__file__).resolve().parents[2]
BASE = os.path.realpath(sys.executable)
NAME = f"python{sys.version_info.major}.{sys.version_info.minor}"
SERVER = """
import json, sys, threading
from contextlib import closing
from pathlib import Path
from nbfiles.server.confinement.command import Mechanism
from nbfiles.server.confinement.mechanisms import works
from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox.container import Container
folder, mechanism, paths = Path(sys.argv[1]), Mechanism(sys.argv[2]), json.loads(sys.argv[4])
turns = threading.BoundedSemaphore(1)
with closing(Container("c", folder / "box", folder / "cache", turns, mechanism=mechanism)) as box:
    reply = box.ask(Program(sys.argv[3], {"paths": paths}), threading.Event())
    print(json.dumps([works(mechanism), reply["result"]]))
"""
LOOK = """
import subprocess
def readable(path):
    try:
        return bool(open(path).read())
    except OSError:
        return False
result = {"read": [path for path in inputs["paths"] if readable(path)],
          "started": subprocess.run(["python3", "-c", "import json"]).returncode}
"""


@pytest.fixture(params=[Mechanism.BUBBLEWRAP, Mechanism.LANDLOCK])
def mechanism(request):
    if not works(request.param):
        pytest.skip(f"{request.param} does not work here")
    return request.param


@pytest.fixture
def home(tmp_path):
    """A home with private files in every folder that a Python may have, too."""
    home = tmp_path / "home"
    for prefix in (home, home / ".local"):
        for name in ("bin", "lib", "share", "share/nbfiles", "include"):
            (prefix / name).mkdir(parents=True)
            (prefix / name / "secret").write_text(SECRET)
    return home


def through_a_folder(link):
    """Return the path of this Python by a link to its prefix, as uv has one for each minor version."""
    link.symlink_to(Path(BASE).parent.parent)
    return link / "bin" / Path(BASE).name


def linked(link, target=BASE):
    link.symlink_to(target)
    (link.parent / "python3").symlink_to(NAME)
    return link


def environment(python, folder):
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", "--symlinks", folder], check=True)
    return folder / "bin/python"


PYTHONS = {
    "an environment of a link in ~/.local/bin": lambda home: environment(
        linked(home / ".local/bin" / NAME), home / "env"
    ),
    "an environment of a link in ~/bin": lambda home: environment(linked(home / "bin" / NAME), home / "env"),
    "an environment of a link through a linked folder": lambda home: environment(
        linked(home / ".local/bin" / NAME, through_a_folder(home / ".local/share/python")), home / "env"
    ),
    "a Python in a linked folder": lambda home: through_a_folder(home / ".local/share/python"),
    "a link in ~/.local/bin": lambda home: linked(home / ".local/bin" / NAME),
    "an environment in the home itself": lambda home: environment(BASE, home),
}


@pytest.mark.parametrize("which", PYTHONS)
def test_code_sees_its_python_and_nothing_that_lies_beside_it(mechanism, home, tmp_path, which):
    python = PYTHONS[which](home)
    secrets = [str(path) for path in home.rglob("secret")]
    assert len(secrets) == 10
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    ran = subprocess.run(
        [python, "-P", "-c", SERVER, tmp_path, mechanism, LOOK, json.dumps(secrets)],
        env={"HOME": str(home), "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert json.loads(ran.stdout) == [True, {"read": [], "started": 0}]
