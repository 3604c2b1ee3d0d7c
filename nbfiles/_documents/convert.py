"""Office files, web pages, tables and notebooks become text, in the limited child."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nbfiles._documents import reader_pool
from nbfiles._documents.reader_table import DocumentError

DECODED = ("plain", "html")  # kinds that are bytes of a text, and no container of it


def to_text(source: Path, kind: str, target: Path) -> str:
    """Write the text of `source` to `target`, and return what to say of it, such as what it leaves out.

    Raises DocumentError with what is wrong or to be installed.
    """
    reader = "decoded text" if kind in DECODED else "text"
    note = reader_pool.read(reader, source, kind=kind, target=str(target.absolute())).value
    with target.open(encoding="utf-8") as lines:
        empty = not any(line.strip() for line in lines)
    if empty:
        raise DocumentError(f"“{source.name}” has no text in it.")
    return note or "read as text"


def images(source: Path) -> list[tuple[str, bytes]]:
    """Return the images in the outputs of a notebook, in order, as names like `1.png` and their bytes."""
    with tempfile.TemporaryDirectory(prefix="nbfiles-") as folder:
        reader_pool.read("notebook images", source, folder=folder)
        files = sorted(Path(folder).iterdir(), key=lambda path: int(path.stem))
        return [(path.name, path.read_bytes()) for path in files]
