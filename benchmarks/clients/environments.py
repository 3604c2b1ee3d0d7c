"""An environment for each client, made once in a folder of its own: a venv, or a folder of npm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(tempfile.gettempdir()) / "nbfiles-clients"
SCRIPTS = Path(__file__).parent / "scripts"
MADE = "made.txt"  # written last, with the packages: a folder without it was left half-made
FREE = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}  # others' packages, newest
BUILD = ("hatchling", "hatch-fancy-pypi-readme")  # pip asks the source for its name and version


def python(folder: Path, packages: Sequence[str], source: str = "") -> list[str]:
    """Return the command of a Python that has the packages, made if it is not there."""
    command = folder / "bin" / "python"
    if not _is_made(folder, packages):
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(command), "-m", "pip", "install", "-qq", *packages])
        if source:
            _unpack(command, source, folder / "source")
        _note(folder, packages)
    return [str(command), "-W", "ignore"]


def node(folder: Path, packages: Sequence[str]) -> Path:
    """Return a folder in which node finds the packages, made if it is not there."""
    if not _is_made(folder, packages):
        folder.mkdir(parents=True)
        _run(["npm", "install", "--silent", *packages], cwd=folder)
        _note(folder, packages)
    return folder


def javascript(folder: Path, packages: Sequence[str], script: Path) -> list[str]:
    """Return the command that runs a script, copied to where node looks for packages."""
    for each in script.parent.glob("*.mjs"):
        shutil.copy(each, node(folder, packages))
    return ["node", str(folder / script.name)]


def _is_made(folder: Path, packages: Sequence[str]) -> bool:
    note = folder / MADE
    if note.exists() and note.read_text().split() == list(packages):
        return True
    shutil.rmtree(folder, ignore_errors=True)
    return False


def _note(folder: Path, packages: Sequence[str]) -> None:
    (folder / MADE).write_text("\n".join(packages))


def _unpack(command: Path, package: str, to: Path) -> None:
    """Unpack the source of the version that is installed: its tests are nowhere else."""
    _run([str(command), "-m", "pip", "install", "-qq", *BUILD])
    version = f"import importlib.metadata as m; print(m.version({package!r}))"
    found = subprocess.run([command, "-c", version], capture_output=True, text=True, check=True).stdout.strip()
    wanted = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", f"{package}=={found}"]
    _run([str(command), "-m", "pip", "download", "-qq", *wanted, "-d", str(to)])
    with tarfile.open(next(to.glob("*.tar.gz"))) as archive:
        archive.extractall(to, filter="data")


def _run(command: Sequence[str], cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, env=FREE, check=True)
