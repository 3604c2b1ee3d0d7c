"""How large a file will be that is not uploaded yet: where it becomes text, the text is made to know."""

from __future__ import annotations

from dataclasses import replace

from nbfiles._files.convert import prepare
from nbfiles._files.index import FileIndex
from nbfiles._files.source_state import digest
from nbfiles._files.sources import paths
from nbfiles.records import FileRecord


def measured(index: FileIndex, record: FileRecord) -> FileRecord:
    """Return the record of a file with the size of the text that would be sent; others come back as they are."""
    is_new = record.file_id.startswith("new ") and record.path is not None and record.path.is_file()
    if not is_new or record.mime_type != "text/plain" or record.path is None:
        return record
    source = paths.inspect(record.path)
    if source.kind != record.kind:
        source = paths.inspect(record.path, as_text=True)
    ready = prepare(replace(source, sha256=digest(index, source)), index.temp_files.path_for)
    return replace(record, size_bytes=ready.size_bytes, characters=ready.characters)
