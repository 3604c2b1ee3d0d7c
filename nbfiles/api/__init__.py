"""Doors for Python: functions over this kernel's session; the magics call nothing else."""

from __future__ import annotations

from nbfiles.api.checkup import doctor
from nbfiles.api.files import download, files, upload, upload_text
from nbfiles.api.here import current_session
from nbfiles.api.questions import (
    ask,
    ask_each,
    cite,
    code,
    drop_thread,
    fork_thread,
    plan,
    show_thread,
    threads,
    undo_thread,
)
from nbfiles.api.settings import configure, cost, eject, models, skills, status, use
from nbfiles.asking.answer import Answer
from nbfiles.display import answer as answer_view
from nbfiles.display import files as files_view
from nbfiles.records import Files


def show(value: Answer | Files) -> None:
    """Show a value in the cell, unless the cell shows it already."""
    if isinstance(value, Answer):
        answer_view.show(value)
    else:
        files_view.show(value)


__all__ = [
    "ask",
    "ask_each",
    "cite",
    "code",
    "configure",
    "cost",
    "current_session",
    "doctor",
    "download",
    "drop_thread",
    "eject",
    "files",
    "fork_thread",
    "models",
    "plan",
    "show",
    "show_thread",
    "skills",
    "status",
    "threads",
    "undo_thread",
    "upload",
    "upload_text",
    "use",
]
