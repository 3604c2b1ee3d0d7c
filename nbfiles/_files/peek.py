"""What names mean, told without uploading anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from nbfiles._files import parts
from nbfiles._files.index import FileIndex
from nbfiles._files.planned_size import measured
from nbfiles._files.refresh import Refresh
from nbfiles._files.sources import paths, urls
from nbfiles._files.sources.resolve import SourceResolver
from nbfiles._files.upload_call import Failed
from nbfiles.records import FileRecord


class PeekKeywords(TypedDict, total=False):
    """How to look: `as_text` and `for_code` as in `resolve`; errors of files are put into `failed`, or raised.

    What becomes text has the size of its file, or of its text `with_sizes`.
    """

    as_text: bool
    for_code: bool
    failed: Failed
    with_sizes: bool


def peek(
    names: Sequence[str],
    named: Callable[[str], list[FileRecord]],
    index: FileIndex,
    resolver: SourceResolver,
    how: PeekKeywords,
) -> list[FileRecord]:
    """Return records of names that are known here (`named`), and of sources that would be uploaded."""
    refresh = Refresh(index)
    records: list[FileRecord] = []
    for name in names:
        records += map(refresh.planned, named(name) or _unsent(name, resolver, how.get("failed")))
    if how.get("as_text"):
        records = [refresh.text_to_be(record) for record in records]
    else:
        records = [refresh.own_name_to_be(record, how.get("for_code", False)) for record in records]
    return [measured(index, record) for record in records] if how.get("with_sizes") else records


def _unsent(name: str, resolver: SourceResolver, failed: Failed) -> list[FileRecord]:
    """Return records of files that are not uploaded yet."""
    if resolver.is_part(name) and not urls.is_url(name):
        return parts.unsent(resolver.parts(name), failed)
    return paths.unsent(resolver.path_meant(name), failed)
