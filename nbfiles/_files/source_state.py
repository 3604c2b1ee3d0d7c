"""Whether a record is of the file that lies there now."""

from __future__ import annotations

from nbfiles._files.index import FileIndex
from nbfiles._files.sources import paths
from nbfiles.errors import UnusableFile
from nbfiles.records import FileRecord


def state(index: FileIndex, record: FileRecord) -> str:
    """Compare a record with the file it came from: `same`, `changed`, or `missing`."""
    if record.path is None or (record.sha256 is None and not record.made_by_code):
        return "missing"
    if record.made_by_code:
        return "same" if record.path.is_file() else "missing"
    try:
        source = paths.inspect(record.path)
    except UnusableFile:
        return "missing"
    return "same" if digest(index, source) == record.sha256 else "changed"


def digest(index: FileIndex, source: paths.Source) -> str:
    """Return the SHA-256 of a file, read only where it is not known."""
    cached = index.cache.hashes([(source.path, source.fingerprint)])
    return cached.get(source.path) or paths.hashed(source).sha256
