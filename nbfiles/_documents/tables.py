"""A table as pandas reads it: in the kernel, once the limited child has read it and stayed within its limits.

A file of a few kilobytes can unpack to more memory than the machine has. Only values that nobody can misread cross
from the child to the kernel, and a DataFrame is none; so it is read twice.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from nbfiles._documents import reader_pool
from nbfiles._documents.previews import SMALL_BYTES
from nbfiles._documents.reader_table import DocumentError as DocumentError
from nbfiles._documents.reader_table import MissingReader as MissingReader

# By the end of a name: function of pandas, options, and the package that it needs. None runs what is in a cell.
READERS: dict[str, tuple[str, dict[str, Any], str]] = {
    ".csv": ("read_csv", {}, ""),
    ".tsv": ("read_csv", {"sep": "\t"}, ""),
    ".json": ("read_json", {}, ""),
    ".jsonl": ("read_json", {"lines": True}, ""),
    ".ndjson": ("read_json", {"lines": True}, ""),
    ".parquet": ("read_parquet", {}, "pyarrow"),
    **dict.fromkeys(
        (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), ("read_excel", {"engine": "calamine"}, "python_calamine")
    ),
}


def can_read(name: str) -> bool:
    """Return whether a file of this name is a table."""
    return Path(name).suffix.lower() in READERS


def read(path: Path, name: str, pandas: ModuleType) -> Any:
    """Return the file at `path` as a DataFrame, by the end of its name; a small text is read at once.

    Raises DocumentError for one that goes beyond the limits, and MissingReader for a package that is not installed.
    """
    function, options, package = READERS[Path(name).suffix.lower()]
    if package or path.stat().st_size > SMALL_BYTES:
        reader_pool.read("table", path, function=function, options=options, package=package)
    return getattr(pandas, function)(path, **options)
