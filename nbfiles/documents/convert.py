"""Office files, web pages and notebooks become text, in a process with limits (see `readers`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nbfiles.documents import readers
from nbfiles.documents.pdf import DocumentError

WALL_S = 30.0  # a little more than the CPU time that the reader may take


def to_text(source: Path, kind: str, target: Path) -> None:
    """Write the text of `source` to `target`; raises DocumentError with what is wrong or to be installed."""
    # -P: a file called docx.py beside the notebook must not be imported.
    command = [sys.executable, "-P", str(Path(readers.__file__)), kind, str(source), str(target)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WALL_S, check=False, cwd=target.parent)
    except subprocess.TimeoutExpired:
        raise DocumentError(f"“{source.name}” takes too long to read.") from None
    problem = done.stdout.decode(errors="replace").strip()
    if problem.startswith("missing "):
        raise DocumentError(f'“{source.name}” needs a reader. Type: %pip install "nbfiles[office]"')
    if problem or done.returncode:
        raise DocumentError(
            f"“{source.name}” cannot be read: {problem or 'its reader was stopped at its limits'}."
        )
    if not target.read_text(encoding="utf-8").strip():
        raise DocumentError(f"“{source.name}” has no text in it.")
