"""The one place that makes pandas frames; pandas is not installed with nbfiles."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from nbfiles.errors import NbfilesError


def frame(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a DataFrame; raises NbfilesError where pandas is missing."""
    return pandas().DataFrame(rows)


def pandas() -> Any:
    """Import pandas, or say how to get it."""
    try:
        return import_module("pandas")
    except ImportError:
        raise NbfilesError("A DataFrame needs pandas, which is not installed: %pip install pandas") from None
