"""Widgets; imported on first use, as anywidget takes as long to load as the rest together."""

from __future__ import annotations

from nbfiles._files.options import ListKeywords
from nbfiles._files.registry import Registry
from nbfiles._functions.kernel import current_session
from nbfiles._functions.validation import validate_call
from nbfiles._widgets.dropzone import DropZone
from nbfiles._widgets.filetable import FileTable
from nbfiles.options import check_options
from nbfiles.records import LiveFiles

_tables: dict[tuple[Registry, str, str | None], FileTable] = {}


@validate_call
def file_table(pattern: str = "*", *, sort: str | None = None) -> FileTable:
    """Return the live table of this kernel's files, a widget.

    Parameters
    ----------
    pattern
        A glob over their names.
    sort
        `name`, `size`, `age` or `expiry`; by default the order in which they came.

    Returns
    -------
    FileTable
        The same table for the same arguments: a notebook may show it several times.

    Raises
    ------
    BadInput
        For another order.

    """
    check_options(ListKeywords, {"sort": sort})
    session = current_session()
    key = (session.connection.files.registry, pattern, sort)
    if key not in _tables or _tables[key].comm is None:  # closed
        _tables[key] = FileTable(session, pattern, sort)
    return _tables[key]


def drop_zone() -> DropZone:
    """Return a zone to drop files on, for the cell to show.

    Returns
    -------
    DropZone
        A widget; its `files` are what was dropped there.

    """
    return DropZone(current_session())


def show_files(records: LiveFiles) -> None:
    """Show what `%files` returned as a live table."""
    file_table(records.pattern, sort=records.sort).show(records)
