"""Office files, web pages and notebooks become text, in a process with limits (see `readers`)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

from nbfiles._documents import readers
from nbfiles._documents.pdf import DocumentError

# This package itself, wherever it lies; its folder is searched for nothing else.
_HOME = str(Path(readers.__file__).parents[2])
_START = (
    "import sys; home = sys.argv.pop(1); sys.path.insert(0, home); "
    "from nbfiles._documents import {0}; sys.path.remove(home); {0}.run()"
)
WALL_S = 120.0  # a reader ends at its limit of processor time, which takes longer on a busy machine


def to_text(source: Path, kind: str, target: Path) -> None:
    """Write the text of `source` to `target`; raises DocumentError with what is wrong or to be installed."""
    _run(kind, source, target, target.parent)
    with target.open(encoding="utf-8") as lines:
        empty = not any(line.strip() for line in lines)
    if empty:
        raise DocumentError(f"“{source.name}” has no text in it.")


def first_lines(source: Path, kind: str, count: int) -> list[str]:
    """Return the first lines of the text of `source`; raises DocumentError as `to_text` does."""
    with tempfile.TemporaryDirectory(prefix="nbfiles-") as folder:
        target = Path(folder) / "text"
        _run(kind, source, target, Path(folder), count)
        with target.open(encoding="utf-8") as text:
            return [line.rstrip("\n") for line in islice(text, count)]


def pictures(source: Path) -> list[tuple[str, bytes]]:
    """Return the images in the outputs of a notebook, in order, as names like `1.png` and their bytes."""
    with tempfile.TemporaryDirectory(prefix="nbfiles-") as folder:
        _run("pictures", source, Path(folder), Path(folder))
        files = sorted(Path(folder).iterdir(), key=lambda path: int(path.stem))
        return [(path.name, path.read_bytes()) for path in files]


def first_page(source: Path) -> tuple[bytes, int]:
    """Return the first page of a PDF as a picture (PNG), and the number of pages; raises DocumentError."""
    command = [sys.executable, "-P", "-c", _START.format("quote_search"), _HOME, str(source.absolute())]
    try:
        process = subprocess.run(command, capture_output=True, timeout=WALL_S, check=True)
    except subprocess.SubprocessError:
        raise DocumentError(f"“{source.name}” cannot be drawn.") from None
    count, _, png = process.stdout.partition(b"\n")
    return png, int(count or 0)


def _run(kind: str, source: Path, target: Path, folder: Path, *lines: int) -> None:
    # -P: a file called docx.py beside the notebook must not be imported.
    command = [
        sys.executable,
        "-P",
        "-c",
        _START.format("readers"),
        _HOME,
        kind,
        str(source.absolute()),
        str(target),
    ]
    command += map(str, lines)
    try:
        process = subprocess.run(command, capture_output=True, timeout=WALL_S, check=False, cwd=folder)
    except subprocess.TimeoutExpired:
        raise DocumentError(f"“{source.name}” takes too long to read.") from None
    problem = process.stdout.decode(errors="replace").strip()
    if problem.startswith("missing "):
        needed = "pyarrow" if kind == "parquet" else '"nbfiles[office]"'
        raise DocumentError(f"“{source.name}” needs a reader. Type: %pip install {needed}")
    if problem or process.returncode:
        raise DocumentError(f"“{source.name}” cannot be read: {problem or 'its reader was stopped at its limits'}.")
