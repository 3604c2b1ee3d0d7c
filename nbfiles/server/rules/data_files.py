"""What the local server has to refuse of data files, as it only makes tables of them where a question has no code."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._documents import unread
from nbfiles.server.errors import deleted_meanwhile, invalid
from nbfiles.server.messages.query import DataFile

HEAD_BYTES = 65_536  # enough to tell text from binary


def check_profiled(files: Sequence[DataFile], question: str) -> None:
    """Refuse a file that the question is about and that is neither a table nor a text."""
    for file in files:
        if not (file.is_new or file.filename.lower() in question.lower()):
            continue
        with deleted_meanwhile(f"File `{file.filename}`", file.path), file.path.open("rb") as handle:
            kind = unread.of_data(file.filename, handle.read(HEAD_BYTES))
        if kind:
            raise invalid(
                f"“{file.filename}” is {kind.what}, which the local server does not read. {kind.todo}, "
                "or read it with Python in the question."
            )
