"""Files that Claude's code made come back: several at a time, each whole or absent, each with a name here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from nbfiles._files import downloads_folder, filenames, media_types
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import TransferGroup
from nbfiles.errors import FileGone, NbfilesError, UnusableFile
from nbfiles.records import FileRecord, Origin, RemoteFile

GONE = "A file that the code made is gone from the workspace: it was deleted, or has expired."
MOST_AT_ONCE = 500_000_000  # bytes of one answer that are fetched unasked; the API's own limit for one file

Tell = Callable[[FileRecord], None]


class Download:
    """Downloads some files into a folder, in three stages.

    1. `_look_up`: one list request for 100 files tells their names and sizes.
    2. `_records`: each gets a name of its own in this kernel, in the order given.
    3. `_fetch`: the bytes come in parallel; `tell` is called with each record, in any thread. A file beyond
       `limit` bytes in all keeps its place in the workspace, and has no path.
    """

    def __init__(self, desk: FileIndex, folder: Path, tell: Tell, limit: int | None = None) -> None:
        self._desk = desk
        self._folder = folder.absolute()
        self._tell = tell
        self._limit = limit
        self._kept: list[FileRecord] = []

    def run(self, wanted: Mapping[str, Origin | None]) -> list[NbfilesError]:
        """Fetch these file_ids and return what went wrong; on Stop, what is here is kept."""
        found = self._look_up(list(wanted))
        errors: list[NbfilesError] = [FileGone(GONE) for file_id in wanted if file_id not in found]
        records = self._records([(found[i], origin) for i, origin in wanted.items() if i in found])
        small = self._small(records)
        batch = TransferGroup([record.name for record in small], lambda _rows: None)
        jobs = [
            partial(self._job, batch, index, record, found[record.file_id].filename)
            for index, record in enumerate(small)
        ]
        try:
            batch.run(jobs)
        finally:
            self._desk.fetched(self._kept)
        return errors + [batch.failures[index] for index in sorted(batch.failures)]

    def _look_up(self, file_ids: Sequence[str]) -> Mapping[str, RemoteFile]:
        found = self._desk.workspace().alive(file_ids) if file_ids else {}
        return {file_id: remote for file_id, remote in found.items() if not remote.expired}

    def _records(self, found: Sequence[tuple[RemoteFile, Origin | None]]) -> list[FileRecord]:
        known = list(self._desk.registry)
        here = {record.file_id: record for record in known}
        # A cell that runs again moves the names of its files along, as an upload of the same path does.
        taken = {filenames.key(record.name) for record in known if not self._is_from_here(record)}
        records = []
        for remote, origin in found:
            old = here.get(remote.file_id)
            name = old.name if old else filenames.free(remote.filename, taken)
            taken.add(filenames.key(name))
            records.append(_record(name, remote, origin or (old.origin if old else None)))
        return records

    def _is_from_here(self, record: FileRecord) -> bool:
        return record.made_by_code and record.path is not None and record.path.parent == self._folder

    def _small(self, records: Sequence[FileRecord]) -> list[FileRecord]:
        """Return what is to be downloaded; the rest is told of as it is."""
        if self._limit is None:
            return list(records)
        room, small = self._limit, []
        for record in records:
            if record.size_bytes <= room:
                room -= record.size_bytes
                small.append(record)
            else:
                self._keep(record)
        return small

    def _job(self, batch: TransferGroup, index: int, record: FileRecord, filename: str) -> None:
        with batch.trying(index):
            self._keep(self._saved(record, filename, batch.check_stop))

    def _saved(self, record: FileRecord, filename: str, check_stop: Callable[[], None]) -> FileRecord:
        digest = hashlib.sha256()

        def watched(chunks: Iterator[bytes]) -> Iterator[bytes]:
            for chunk in chunks:
                check_stop()
                digest.update(chunk)
                yield chunk

        with closing(self._desk.workspace().download(record.file_id)) as chunks:  # type: ignore[type-var]
            try:
                path = downloads_folder.save(watched(chunks), self._folder, filename, size=record.size_bytes)
            except OSError as error:  # a full disk, a folder that must not be written
                raise UnusableFile(f"“{record.name}” could not be saved: {error.strerror}.") from None
        with path.open("rb") as handle:
            kind, mime_type = media_types.classify(path.name, handle.read(media_types.HEAD_BYTES))
        return replace(record, path=path, sha256=digest.hexdigest(), kind=kind, mime_type=mime_type)

    def _keep(self, record: FileRecord) -> None:
        self._desk.registry.add(record)
        self._kept.append(record)
        self._tell(record)


def _record(name: str, remote: RemoteFile, origin: Origin | None) -> FileRecord:
    kind, mime_type = media_types.classify(name, b"\0")  # its content is not here yet
    return FileRecord(
        name=name,
        file_id=remote.file_id,
        kind=kind,
        mime_type=mime_type,
        size_bytes=remote.size_bytes,
        created_at=remote.created_at,
        expires_at=remote.expires_at,
        made_by_code=True,
        origin=origin,
    )
