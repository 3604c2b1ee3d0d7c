"""Doors for Python: files up, listed, and down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbfiles.api.here import current_session, word
from nbfiles.display import front
from nbfiles.display.files import saved
from nbfiles.display.live import Live
from nbfiles.display.safe import escape
from nbfiles.filing import notebook
from nbfiles.filing.uploading import Options, seconds
from nbfiles.given import checked
from nbfiles.records import FileRecord, Files


@checked
def upload(
    *sources: Any,
    name: str | None = None,
    expires: str | None = None,
    again: bool = False,
    recursive: bool = False,
    hidden: bool = False,
    images: bool = False,
    this_notebook: bool = False,
) -> Files:
    """Upload files and return their records; bytes that are there are not sent again.

    `sources` are paths, globs, folders (with `recursive`; their hidden files with `hidden`), https URLs,
    names of the notebook's variables, and objects: frames, arrays, figures, images, bytes, open files,
    and records of files that are on this machine.
    `this_notebook` adds the notebook itself, as it was last saved; with `images`, the images in the outputs
    of notebooks are uploaded, too. `name` is what the one file is called; `expires` is how long it lives,
    from `1h` to `90d`; `again` sends bytes that are there already. Raises UnusableFile for what cannot be
    uploaded; the other files are uploaded all the same.
    """
    lives = seconds(expires) if expires else None
    options = Options(lives, again=again, name=name, recursive=recursive, hidden=hidden, images=images)
    if this_notebook:
        sources = (*sources, notebook.this(current_session().namespace))
    with Live() as live:
        found = [s.path if isinstance(s, FileRecord) and s.path else s for s in sources]
        records = Files(current_session().upload(found, options, live))
        front.mark_shown(records)
    _say_problem()
    return records


@checked
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


def files() -> Files:
    """Return this kernel's files, in the order they came."""
    return Files(current_session().library.registry)


@checked
def download(*names: str | FileRecord, to: str | os.PathLike[str] | None = None) -> Files:
    """Download files that Claude's code made into `to` (default `nbfiles_out`), never over another file."""
    folder = Path(to) if to is not None else None
    records = Files(current_session().download([*map(word, names)], folder))
    front.show(saved(records))
    front.mark_shown(records)
    return records
