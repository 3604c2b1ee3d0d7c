"""Files uploaded, listed and downloaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Unpack

from nbfiles._display import output
from nbfiles._display.files import saved
from nbfiles._display.progress import LiveProgress
from nbfiles._display.sanitize import escape
from nbfiles._files.options import UploadKeywords, parse_expiry
from nbfiles._files.sources import notebook
from nbfiles._files.sources.folders import FolderOptions
from nbfiles._files.upload_call import UploadOptions
from nbfiles._functions.kernel import current_session, file_name
from nbfiles._functions.validation import validate_call
from nbfiles.records import FileRecord, Files


@validate_call
def upload(*sources: object, **options: Unpack[UploadKeywords]) -> Files:
    """Upload files and return their records; files already uploaded are not sent again.

    Parameters
    ----------
    *sources
        Paths, globs, folders, https URLs, names of the notebook's variables, and objects: frames, arrays,
        figures, images, bytes, open files, and records of files that are on this machine.
    **options
        The options of an upload.

    Returns
    -------
    Files
        A record per file, in the order of the sources.

    Raises
    ------
    BadInput
        For options that do not fit; nothing was sent.
    UnusableFile
        For files that cannot be uploaded; the others are uploaded all the same.

    """
    chosen = _chosen(options)
    if options.get("this_notebook"):
        sources = (*sources, notebook.this(current_session().variables()))
    if not sources:
        return Files([])
    with LiveProgress() as live:
        files_or_values = [s.path if isinstance(s, FileRecord) and s.path else s for s in sources]
        records = Files(current_session().upload(files_or_values, chosen, live))
        output.mark_shown(records)
    _say_problem()
    return records


@validate_call
def upload_text(text: str, name: str, *, expires: str | None = None, again: bool = False) -> Files:
    """Upload text as a file.

    Parameters
    ----------
    text
        What is in the file.
    name
        What to call it, such as `notes.txt`.
    expires
        How long the workspace keeps the file, from `1h` to `90d`; for ever by default.
    again
        Whether to upload it even if the same file is there already.

    Returns
    -------
    Files
        The one record.

    Raises
    ------
    BadInput
        For options that do not fit; nothing was sent.

    """
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
        folders=FolderOptions(
            options.get("recursive", False),
            options.get("hidden", False),
            options.get("links", False),
            options.get("images", False),
        ),
    )


def _say_problem() -> None:
    """Say once what is wrong with the list of earlier uploads."""
    cache = current_session().connection.files.index.cache
    if cache.problem:
        output.show({"text/plain": cache.problem, "text/html": f"<p>{escape(cache.problem)}</p>"})
        cache.problem = None


def files() -> Files:
    """Return this kernel's files, in the order in which they came.

    Returns
    -------
    Files
        A record per file.

    """
    return Files(current_session().connection.files.registry)


@validate_call
def download(*names: str | FileRecord, to: str | os.PathLike[str] | None = None) -> Files:
    """Download files that Claude's code made; nothing that exists is overwritten.

    Parameters
    ----------
    *names
        Names of generated files, their records, or globs over them.
    to
        The folder to save them in; `nbfiles_out` by default.

    Returns
    -------
    Files
        A record per file, with its `path`.

    Raises
    ------
    UnknownName
        Where no generated file has that name.
    NbfilesError
        Where a download fails; it is then whole or absent.

    """
    folder = Path(to) if to is not None else None
    records = Files(current_session().download([*map(file_name, names)], folder))
    output.show(saved(records))
    output.mark_shown(records)
    return records
