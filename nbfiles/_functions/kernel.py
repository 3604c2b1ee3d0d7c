"""The session of this kernel, which sees the notebook's variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from IPython.core.getipython import get_ipython

from nbfiles.records import FileRecord
from nbfiles.session import Session

_current: Session | None = None


def current_session() -> Session:
    """Return this kernel's session, made on first use; the notebook's variables can be used as files.

    Returns
    -------
    Session
        The same one until the kernel ends.

    """
    global _current
    if _current is None:
        _current = Session(variables=_variables)
    return _current


def disconnect() -> None:
    """Close this kernel's connections and its server; names stay, and the next request connects again."""
    if _current is not None:
        _current.close()


def _variables() -> Mapping[str, object]:
    return getattr(get_ipython(), "user_ns", {})


def file_name(value: Any) -> Any:
    """Return what to look for: a FileRecord stands for its name, or its file where the name has moved on."""
    if not isinstance(value, FileRecord):
        return os.fspath(value) if isinstance(value, os.PathLike) else value
    record = current_session().connection.files.registry.find(value.name)
    return value.name if record and record.file_id == value.file_id else str(value.path or value.name)
