"""Doors for Python: files up, listed, and down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Unpack

from nbfiles._display import output
from nbfiles._display.files import saved
from nbfiles._display.progress import LiveProgress
from nbfiles._display.sanitize import escape
from nbfiles._files.options import UploadKeywords, parse_expiry
from nbfiles._files.sources import notebook
from nbfiles._files.upload import UploadOptions
from nbfiles._functions.kernel import current_session, word
from nbfiles._functions.validation import validate_call
from nbfiles.records import FileRecord, Files


@validate_call
def upload(*sources: Any, **options: Unpack[UploadKeywords]) -> Files:
    """Upload files and return their records; bytes that are there are not sent again.

    `sources` are paths, globs, folders (with `recursive`; their hidden files with `hidden`), https URLs,
    names of the notebook's variables, and objects: frames, arrays, figures, images, bytes, open files,
    and records of files that are on this machine.
    `this_notebook` adds the notebook itself, as it was last saved; with `images`, the images in the outputs
    of notebooks are uploaded, too. `name` is what the one file is called; `expires` is how long it lives,
    from `1h` to `90d`; `again` sends bytes that are there already. Raises UnusableFile for what cannot be
    uploaded; the other files are uploaded all the same.
    """
    chosen = _chosen(options)
    if options.get("this_notebook"):
        sources = (*sources, notebook.this(current_session().namespace))
    with LiveProgress() as live:
        found = [s.path if isinstance(s, FileRecord) and s.path else s for s in sources]
        records = Files(current_session().upload(found, chosen, live))
        output.mark_shown(records)
    _say_problem()
    return records


@validate_call
def upload_text(text: str, name: str, *, expires: str | None = None, again: bool = False) -> Files:
    """Upload `text` as a file called `name`; the options are those of `upload`."""
    chosen = _chosen({"expires": expires, "again": again})
    with LiveProgress() as live:
        records = Files([current_session().upload_text(text, name, chosen, live)])
        output.mark_shown(records)
    return records


def _chosen(options: UploadKeywords) -> UploadOptions:
    expires = options.get("expires")
    return UploadOptions(
        parse_expiry(expires) if expires else None,
        again=options.get("again", False),
        name=options.get("name"),
        recursive=options.get("recursive", False),
        hidden=options.get("hidden", False),
        images=options.get("images", False),
    )


def _say_problem() -> None:
    """Say once what is wrong with the list of earlier uploads."""
    ledger = current_session().library.index.cache
    if ledger.problem:
        output.show({"text/plain": ledger.problem, "text/html": f"<p>{escape(ledger.problem)}</p>"})
        ledger.problem = None


def files() -> Files:
    """Return this kernel's files, in the order they came."""
    return Files(current_session().library.registry)


@validate_call
def download(*names: str | FileRecord, to: str | os.PathLike[str] | None = None) -> Files:
    """Download files that Claude's code made into `to` (default `nbfiles_out`), never over another file."""
    folder = Path(to) if to is not None else None
    records = Files(current_session().download([*map(word, names)], folder))
    output.show(saved(records))
    output.mark_shown(records)
    return records
