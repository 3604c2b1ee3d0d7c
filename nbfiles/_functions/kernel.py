"""The session of this kernel, with the notebook's variables in reach."""

from __future__ import annotations

import os
from typing import Any

from IPython.core.getipython import get_ipython

from nbfiles.records import FileRecord
from nbfiles.session import Session
from nbfiles.session import current_session as session_of_kernel


def current_session() -> Session:
    """Return this kernel's session, which may use the notebook's variables as files."""
    session = session_of_kernel()
    session.namespace = getattr(get_ipython(), "user_ns", {})
    return session


def name_of(value: object) -> Any:
    """Return what to look for: a FileRecord stands for its name, or its file where the name has moved on."""
    if not isinstance(value, FileRecord):
        return os.fspath(value) if isinstance(value, os.PathLike) else value
    record = current_session().library.registry.find(value.name)
    return value.name if record and record.file_id == value.file_id else str(value.path or value.name)
