"""The public functions, over this kernel's session; the magics call nothing else."""

from __future__ import annotations

from nbfiles._display import answer as answer_view
from nbfiles._display import files as files_view
from nbfiles._functions.admin import configure, cost, eject, models, skills, status, use
from nbfiles._functions.ask import (
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
from nbfiles._functions.doctor import doctor
from nbfiles._functions.files import download, files, upload, upload_text
from nbfiles._functions.kernel import current_session
from nbfiles._messages.answer import Answer
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
