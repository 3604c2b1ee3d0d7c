"""Doors for tidying up: what is in the workspace, and what may go; `%files` calls nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._display import formatting
from nbfiles._display import workspace as shown
from nbfiles._display.workspace import WorkspaceTable
from nbfiles._files.options import ListKeywords, parse_age
from nbfiles._files.workspace import SHOWN, Entry
from nbfiles._functions.validation import validate_call
from nbfiles.options import check_options
from nbfiles.records import Files, LiveFiles
from nbfiles.session import current_session


@validate_call
def listed(pattern: str = "*", *, everything: bool = False, sort: str | None = None) -> LiveFiles | WorkspaceTable:
    """Return this kernel's files whose names match a glob, or `everything` in the workspace.

    `sort` is `name`, `size`, `age` or `expiry`; otherwise the order is that in which they came.
    """
    check_options(ListKeywords, {"sort": sort})
    session = current_session()
    if everything:
        found, more = session.cabinet.listing(pattern, sort)
        note = (
            f"The first {len(found)}; there are more. For all: _.df()" if more else f"{formatting.files(len(found))}."
        )
        return shown.entries(found, note, lambda: session.cabinet.entries(pattern) if more else found)
    records = session.library.registry.match(pattern)
    files = LiveFiles(session.cabinet.sorted(records, sort) if sort else records)
    files.pattern, files.sort = pattern, sort
    return files


@validate_call
def info(name: str) -> WorkspaceTable:
    """Return what is known of a file: its metadata, what reading it finds, and what a question costs."""
    session = current_session()
    record = session.library.registry.get(name)
    return shown.info(record, session.library.is_alive(record), session.library.facts(record))


@validate_call
def remove(*names: str, yes: bool = False) -> WorkspaceTable:
    """Delete files by name or glob from the workspace; without `yes`, only list them."""
    return _delete(current_session().cabinet.named(names), "", yes)


@validate_call
def clean(
    *, older_than: str | None = None, generated: bool = False, mine: bool = False, yes: bool = False
) -> WorkspaceTable:
    """Delete files of yours that are older than `12h` or `30d`; without `yes`, only list them.

    `generated` takes only what Claude's code made, `mine` only what was uploaded. What nbfiles did not
    put there itself stays.
    """
    found, others = current_session().cabinet.old(parse_age(older_than), generated=generated, mine=mine)
    note = f" {others:,} more are as old, but not known to be yours: they stay." if others else ""
    return _delete(found, note, yes)


def _delete(found: Sequence[Entry], note: str, yes: bool) -> WorkspaceTable:
    size = formatting.size(sum(entry.remote.size_bytes for entry in found))
    if not found:
        return shown.entries([], "There is nothing to delete." + note)
    if not yes:
        ask = f"Nothing was deleted. To delete {formatting.files(len(found))} ({size}), add --yes."
        return shown.entries(found[:SHOWN], ask + note, lambda: found)
    current_session().cabinet.delete(found)
    return shown.entries(found[:SHOWN], f"Deleted: {formatting.files(len(found))}, {size}." + note, lambda: found)


def usage() -> WorkspaceTable:
    """Return what the workspace holds, against the storage quota."""
    return shown.usage(current_session().cabinet.usage())


@validate_call
def adopt(name_or_id: str, *, name: str | None = None) -> Files:
    """Give a file that is in the workspace a name in this kernel: `name`, or the one it has there."""
    return Files([current_session().cabinet.adopt(name_or_id, name)])


def verify() -> WorkspaceTable:
    """Look which of this kernel's files are still in the workspace."""
    return shown.verified(current_session().cabinet.verify())
