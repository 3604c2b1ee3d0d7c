"""Every notebook runs on the embedded server, and what is committed of it is fit to be shared."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from tests.waiting import HANG_S

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(path for path in FOLDER.glob("*.ipynb") if not path.name.endswith(".executed.ipynb"))
PATIENT = (f"--nbval-cell-timeout={HANG_S}", f"--nbval-kernel-startup-timeout={HANG_S}")
SILENT = (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.ClassDef)  # they show nothing
PRIVATE = {
    "a raw file_id": r"\bfile_[A-Za-z0-9]{16,}",
    "a key": r"sk-ant-",
    "an absolute path": r"(?<![\w.:/<])(/(home|root|Users|tmp|work|var/folders)/|[A-Z]:\\\\)",
}


def _code_cells(path: Path) -> list[NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def _shows_something(source: str) -> bool:
    """Return whether a cell has more than assignments, imports and definitions."""
    tree = ast.parse(TransformerManager().transform_cell(source))
    return not all(isinstance(statement, SILENT) for statement in tree.body)


def _fails_by_design(cell: NotebookNode) -> bool:
    return "raises-exception" in cell.metadata.get("tags", [])


def test_there_is_a_quickstart() -> None:
    assert FOLDER / "01_quickstart.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    left_behind = shutil.ignore_patterns(".ipynb_checkpoints", "nbfiles_out")
    copy = shutil.copytree(path.parent, tmp_path / "notebooks", ignore=left_behind) / path.name
    # An empty configuration: nbval may warn as it likes.
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        str(tmp_path / "pytest.ini"),
    ]
    done = subprocess.run(
        [*command, "--nbval-lax", "--nbval-current-env", *PATIENT, str(copy)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_committed_outputs_are_complete(path: Path) -> None:
    empty = [cell.source for cell in _code_cells(path) if _shows_something(cell.source) and not cell.outputs]
    assert empty == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_committed_outputs_fail_only_by_design(path: Path) -> None:
    for cell in _code_cells(path):
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == _fails_by_design(cell), cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_committed_notebook_is_safe_to_share(path: Path) -> None:
    assert _private_parts(path.read_text(encoding="utf-8")) == []


def _private_parts(text: str) -> list[str]:
    book = json.loads(text)  # JSON's escapes would hide a line break before a path
    strings = [re.sub(r"base64,[\w+/=]+", "", string) for string in _strings(book)]
    return [what for what, pattern in PRIVATE.items() if any(re.search(pattern, string) for string in strings)]


def _strings(value: object) -> list[str]:
    """Return every text in the notebook, pictures aside: base64 can spell anything."""
    match value:
        case str():
            return [value]
        case list():
            return [string for item in value for string in _strings(item)]
        case dict():
            kept = [item for key, item in value.items() if not key.startswith("image/")]
            return [string for item in kept for string in _strings(item)]
    return []


@pytest.mark.parametrize("text", ["file_011CNha8iCJcU1wXNR6q4V8w", "sk-ant-api03", "in /tmp/x.csv", "'/root/a'"])
def test_a_private_part_is_caught(text: str) -> None:
    assert len(_private_parts(json.dumps({"cells": [{"outputs": [{"text": [f"a\n{text}"]}]}]}))) == 1
