"""Some pages of a PDF become a PDF of their own, in the limited child."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbfiles._documents import reader_pool


def count(path: Path) -> int:
    """Return how many pages a PDF has; raises DocumentError for what is encrypted, broken or no PDF."""
    return int(reader_pool.read("page count", path).value)


def write(path: Path, numbers: Sequence[int], target: Path) -> None:
    """Write pages, counted from 1, to `target`, the same bytes each time; raises DocumentError as `count` does."""
    reader_pool.read("PDF part", path, numbers=list(numbers), target=str(target.absolute()))
