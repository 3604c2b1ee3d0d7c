"""Doors for Python: functions over this kernel's session; the magics call nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython

from nbfiles import places
from nbfiles.asking.answer import Answer
from nbfiles.display import answer, front
from nbfiles.display import files as files_view
from nbfiles.display.live import Live
from nbfiles.display.safe import escape
from nbfiles.display.status import Status
from nbfiles.filing.uploading import Options, seconds
from nbfiles.records import Files
from nbfiles.session import Session
from nbfiles.session import current_session as session_of_kernel


def current_session() -> Session:
    """Return this kernel's session, which may use the notebook's variables as files."""
    session = session_of_kernel()
    session.namespace = getattr(get_ipython(), "user_ns", {})
    return session


def upload(
    *sources: Any,
    name: str | None = None,
    expires: str | None = None,
    again: bool = False,
    recursive: bool = False,
    hidden: bool = False,
) -> Files:
    """Upload files and return their records; bytes that are there are not sent again.

    `sources` are paths, globs, folders (with `recursive`; their hidden files with `hidden`), https URLs,
    names of the notebook's variables, and objects: frames, arrays, figures, images, bytes, open files.
    `name` is what the one file is called; `expires` is how long it lives, from `1h` to `90d`; `again`
    sends bytes that are there already. Raises UnusableFile for what cannot be uploaded; the other files
    are uploaded all the same.
    """
    lives = seconds(expires) if expires else None
    options = Options(lives, again=again, name=name, recursive=recursive, hidden=hidden)
    with Live() as live:
        records = Files(current_session().upload(sources, options, live))
        front.mark_shown(records)
    _say_problem()
    return records


def upload_text(text: str, name: str, *, expires: str | None = None, again: bool = False) -> Files:
    """Upload `text` as a file called `name`; the options are those of `upload`."""
    options = Options(seconds(expires) if expires else None, again=again)
    with Live() as live:
        records = Files([current_session().upload_text(text, name, options, live)])
        front.mark_shown(records)
    return records


def _say_problem() -> None:
    """Say once what is wrong with the list of earlier uploads."""
    ledger = current_session().library.desk.ledger
    if ledger.problem:
        front.show({"text/plain": ledger.problem, "text/html": f"<p>{escape(ledger.problem)}</p>"})
        ledger.problem = None


def ask(
    question: str,
    *names: str,
    model: str | None = None,
    code: bool | None = None,
    max_tokens: int | None = None,
) -> Answer:
    """Ask Claude about files and return the answer, shown in the cell as it arrives.

    `names` are names of uploaded files, globs over them, or paths, which are uploaded on first use.
    `code` lets Claude run code on the files (by default: when there is data among them). Raises
    NbfilesError; its `answer` holds what had arrived.
    """
    return _ask(None, question, names, model=model, code=code, max_tokens=max_tokens)


def _ask(after: Answer | None, question: str, names: Sequence[str], **options: Any) -> Answer:
    with Live() as live:
        return current_session().ask(question, names, **options, after=after, watcher=live, go_on=_ask)


def files() -> Files:
    """Return this kernel's files, in the order they came."""
    return Files(current_session().library.registry)


def download(*names: str, to: str | os.PathLike[str] | None = None) -> Files:
    """Download files that Claude's code made into `to` (default `nbfiles_out`), never over another file."""
    folder = Path(to) if to is not None else None
    return Files(current_session().download(names, folder))


def show(value: Answer | Files) -> None:
    """Show a value in the cell, unless the cell shows it already."""
    if isinstance(value, Answer):
        answer.show(value)
    else:
        files_view.show(value)


def use(place: str) -> Status:
    """Send requests to `local` (the embedded server), `claude`, or a URL from now on."""
    current_session().use(place)
    return status()


def status() -> Status:
    """Return where requests go, with which model, and what was spent so far. Sends nothing."""
    session = current_session()
    credentials = {places.LOCAL: "none needed", places.CLAUDE: "found by the Anthropic SDK"}
    return Status(
        place=places.describe(session.place),
        credentials=credentials.get(session.place, "found by the Anthropic SDK"),
        model=session.model,
        files=len(session.library.registry),
        tokens=(session.usage.input_tokens, session.usage.output_tokens),
        cost=session.cost,
        versions=tuple(f"{name} {version(name)}" for name in ("nbfiles", "anthropic", "ipython")),
    )


__all__: Sequence[str] = (
    "ask",
    "current_session",
    "download",
    "files",
    "status",
    "upload",
    "upload_text",
    "use",
)
