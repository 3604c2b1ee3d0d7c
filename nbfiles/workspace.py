"""What is in the workspace, and what may go; `%files` calls nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._display import formatting
from nbfiles._display import workspace as view
from nbfiles._display.workspace import WorkspaceTable
from nbfiles._files.options import ListKeywords, parse_age
from nbfiles._files.workspace import SHOWN, Entry
from nbfiles._functions.kernel import current_session
from nbfiles._functions.validation import validate_call
from nbfiles.options import check_options
from nbfiles.records import Files, LiveFiles


@validate_call
def listed(pattern: str = "*", *, everything: bool = False, sort: str | None = None) -> LiveFiles | WorkspaceTable:
    """Return this kernel's files, or everything in the workspace.

    Parameters
    ----------
    pattern
        A glob over their names.
    everything
        Whether to list the whole workspace, not only this kernel's files.
    sort
        `name`, `size`, `age` or `expiry`; by default the order in which they came.

    Returns
    -------
    LiveFiles or WorkspaceTable
        This kernel's files, or those of the workspace; `.df()` makes a DataFrame of either.

    Raises
    ------
    BadInput
        For another order.
    NbfilesError
        Where the workspace does not answer.

    """
    check_options(ListKeywords, {"sort": sort})
    session = current_session()
    if everything:
        entries, more = session.connection.workspace.listing(pattern, sort)
        count = len(entries)
        note = f"The first {count}; there are more. For all: _.df()" if more else f"{formatting.files(count)}."
        return view.entries(entries, note, lambda: session.connection.workspace.entries(pattern) if more else entries)
    records = session.connection.files.registry.match(pattern)
    files = LiveFiles(session.connection.workspace.sorted(records, sort) if sort else records)
    files.pattern, files.sort = pattern, sort
    return files


@validate_call
def info(name: str) -> WorkspaceTable:
    """Return what is known of files: their metadata, what reading them finds, and what a question costs.

    Parameters
    ----------
    name
        The name of a file of this kernel, or a glob over names.

    Returns
    -------
    WorkspaceTable
        Sizes in bytes, lengths in pages, pixels or tokens.

    Raises
    ------
    UnknownName
        Where no file has that name.

    """
    files = current_session().connection.files
    records = files.named(name) or [files.registry.get(name)]
    alive = files.alive(records)
    tables = [view.info(record, record.file_id in alive, files.facts(record)) for record in records]
    return view.together(tables) if len(tables) > 1 else tables[0]


@validate_call
def remove(*names: str, yes: bool = False) -> WorkspaceTable:
    """Delete files from the workspace; without `yes`, only list them.

    Parameters
    ----------
    *names
        Names, globs, or the labels by which files of one name are told apart, such as `…6V8w`.
    yes
        Whether to delete; otherwise they are only listed.

    Returns
    -------
    WorkspaceTable
        What was deleted, or would be.

    Raises
    ------
    UnknownName
        Where no file has that name.

    """
    return _delete(current_session().connection.workspace.named(names), "", yes)


@validate_call
def clean(
    *, older_than: str | None = None, generated: bool = False, mine: bool = False, yes: bool = False
) -> WorkspaceTable:
    """Delete old files that nbfiles uploaded or code made; without `yes`, only list them.

    What nbfiles did not put there itself stays.

    Parameters
    ----------
    older_than
        Their least age in hours or days, such as `12h` or `30d`.
    generated
        Whether to take only what Claude's code made.
    mine
        Whether to take only what was uploaded.
    yes
        Whether to delete; otherwise they are only listed.

    Returns
    -------
    WorkspaceTable
        What was deleted, or would be.

    Raises
    ------
    BadInput
        Where `older_than` is missing or no time.

    """
    entries, others = current_session().connection.workspace.old(parse_age(older_than), generated=generated, mine=mine)
    note = f" {others:,} more are as old, but not known to be yours: they stay." if others else ""
    return _delete(entries, note, yes)


def _delete(entries: Sequence[Entry], note: str, yes: bool) -> WorkspaceTable:
    size, note = formatting.size(view.bytes_in(entries)), view.shared(entries) + note
    if not entries:
        return view.entries([], "There is nothing to delete." + note)
    uploads = sum(not entry.used_by for entry in entries)
    if not yes:
        what = f"{formatting.files(uploads)} ({size})" if uploads else "the name"
        ask = f"Nothing was deleted. To delete {what}, add --yes (in Python: yes=True)."
        return view.entries(entries[:SHOWN], ask + note, lambda: entries)
    current_session().connection.workspace.delete(entries)
    deleted = f"Deleted: {formatting.files(uploads)}, {size}." if uploads else "The workspace is as before."
    return view.entries(entries[:SHOWN], deleted + note, lambda: entries)


def usage() -> WorkspaceTable:
    """Return what the workspace holds, against the storage quota.

    Returns
    -------
    WorkspaceTable
        Files and bytes.

    Raises
    ------
    NbfilesError
        Where the workspace does not answer.

    """
    return view.usage(current_session().connection.workspace.usage())


@validate_call
def adopt(name_or_id: str, *, name: str | None = None) -> Files:
    """Give a file that is in the workspace a name in this kernel.

    Parameters
    ----------
    name_or_id
        Its name in the workspace, its file_id, or its label, such as `…6V8w`.
    name
        What to call it here; by default its name in the workspace.

    Returns
    -------
    Files
        The one record.

    Raises
    ------
    UnknownName
        Where there is no such file, or several.

    """
    return Files([current_session().connection.workspace.adopt(name_or_id, name)])


def verify() -> WorkspaceTable:
    """Check which of this kernel's files are still in the workspace.

    Returns
    -------
    WorkspaceTable
        A row per file.

    Raises
    ------
    NbfilesError
        Where the workspace does not answer.

    """
    return view.verified(current_session().connection.workspace.verify())
