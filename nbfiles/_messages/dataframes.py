"""The one place that makes pandas frames; pandas is not installed with nbfiles."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from nbfiles._documents import tables
from nbfiles._messages.options import AskKeywords
from nbfiles.close_matches import close_matches
from nbfiles.errors import NbfilesError
from nbfiles.options import spelled
from nbfiles.parallel import Parallel
from nbfiles.records import FileRecord, Files

MOST_NAMED = 10  # files in one line


def frame(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a DataFrame; raises NbfilesError where pandas is missing."""
    return pandas().DataFrame(rows)


def read(files: Files, name: str | None) -> Any:
    """Return a file that code made as a DataFrame, the only table where no `name` is given."""
    record = _named(files, [record for record in files if tables.can_read(record.name)], name)
    if record.path is None or not record.path.is_file():
        raise NbfilesError(f"“{record.name}” is not on this machine. Type: nbfiles.download({record.name!r})")
    if not tables.can_read(record.name):
        raise NbfilesError(
            f"“{record.name}” is not a table that can be read as a DataFrame. The file itself is in answer.files"
        )
    reader = pandas()
    try:
        return tables.read(record.path, record.name, reader)
    except tables.MissingReader as error:
        raise NbfilesError(str(error)) from None
    except tables.DocumentError as error:
        raise NbfilesError(f"{error} The file itself is in answer.files") from None
    except Exception as error:  # noqa: BLE001 - pandas raises anything over a broken file
        raise NbfilesError(f"“{record.name}” cannot be read as a table ({type(error).__name__}).") from None


def _named(files: Files, can_be_read: Sequence[FileRecord], name: str | None) -> FileRecord:
    matches = [r for r in files if name in (r.name, r.path.name if r.path else None)] if name else can_be_read
    if len(matches) == 1 or (name and matches):
        return matches[-1]
    names = [record.name for record in (files if name else can_be_read)]
    if not names:
        schema = spelled(AskKeywords, "schema")
        raise NbfilesError("This answer has no table. Ask for one as a CSV file, or for fields with ", schema, ".")
    close = close_matches(name, names) if name else []
    if close:
        raise NbfilesError(f"The code made no “{name}”. Did you mean {close[0]}?")
    what = f"The code made no “{name}”" if name else "The code made several tables"
    raise NbfilesError(f"{what}. Take one of: {', '.join(names[:MOST_NAMED])}")


def pandas() -> Any:
    """Import pandas, or say how to get it."""
    try:
        # In a thread, so that Stop does not leave half of it behind: NumPy cannot be imported a second time.
        Parallel(1).run([lambda: import_module("pandas")] if "pandas" not in sys.modules else [])
        return import_module("pandas")
    except ImportError:
        raise NbfilesError("A DataFrame needs pandas, which is not installed: %pip install pandas") from None
