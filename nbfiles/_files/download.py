"""Files that Claude's code made come back: several at a time, each whole or absent, each with a name here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from nbfiles._documents import previews
from nbfiles._files import downloads_folder, file_kinds, filenames
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import TransferGroup
from nbfiles.errors import FileGone, NbfilesError, UnusableFile
from nbfiles.limits import FILE_BYTES
from nbfiles.records import FileRecord, Origin, Preview, RemoteFile

GONE = "A file that the code made is gone from the workspace: it was deleted, or has expired."
MOST_AT_ONCE = FILE_BYTES  # of one answer are fetched unasked
# Previews of one download; more are not shown, and some are read in a process of their own.
MOST_PREVIEWS, MOST_PICTURES = 30, 12
SIGNED = ("image/", "video/", "audio/", "application/pdf")  # what may be signed on its way, and grow by it
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")

OnRecord = Callable[[FileRecord], None]


class Download:
    """Downloads some files into a folder, in three stages.

    1. `_look_up`: one list request for 100 files tells their names and sizes.
    2. `_records`: each gets a name of its own in this kernel, in the order given.
    3. `_job`: the bytes come in parallel; `on_record` is called with each record, in any thread, and once more
       when its preview was read. A file beyond `limit` bytes in all keeps its place in the workspace, and has no path.
    """

    def __init__(
        self,
        index: FileIndex,
        folder: Path,
        on_record: OnRecord,
        limit: int | None = None,
        read_preview: Callable[[Path], Preview] = previews.read,
    ) -> None:
        self._index = index
        self._folder = folder.absolute()
        self._on_record = on_record
        self._limit = limit
        self._read_preview = read_preview
        self._kept: dict[str, FileRecord] = {}

    def run(self, origins: Mapping[str, Origin | None]) -> list[NbfilesError]:
        """Fetch these file_ids and return what went wrong; on Stop, what is here is kept."""
        remotes = self._look_up(list(origins))
        errors: list[NbfilesError] = [FileGone(GONE) for file_id in origins if file_id not in remotes]
        records = self._records([(remotes[i], origin) for i, origin in origins.items() if i in remotes])
        small = self._small(records)
        batch = TransferGroup([record.name for record in small], lambda _rows: None)
        previewed = _previewed([remotes[record.file_id].filename for record in small])
        jobs = [
            partial(self._job, batch, index, record, remote, remote.filename in previewed)
            for index, record in enumerate(small)
            for remote in [remotes[record.file_id]]
        ]
        try:
            batch.run(jobs)
        finally:
            self._index.remember_downloads(list(self._kept.values()))
        return errors + [batch.failures[index] for index in sorted(batch.failures)]

    def _look_up(self, file_ids: Sequence[str]) -> Mapping[str, RemoteFile]:
        remotes = self._index.workspace().alive(file_ids) if file_ids else {}
        return {file_id: remote for file_id, remote in remotes.items() if not remote.expired}

    def _records(self, remotes: Sequence[tuple[RemoteFile, Origin | None]]) -> list[FileRecord]:
        records_here = list(self._index.registry)
        here = {record.file_id: record for record in records_here}
        # A cell that runs again moves the names of its files along, as an upload of the same path does.
        keys_in_use = {filenames.key(record.name) for record in records_here if not self._is_from_here(record)}
        records = []
        for remote, origin in remotes:
            old = here.get(remote.file_id)
            name = old.name if old else filenames.free(remote.filename, keys_in_use)
            keys_in_use.add(filenames.key(name))
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

    def _job(self, batch: TransferGroup, index: int, record: FileRecord, remote: RemoteFile, preview: bool) -> None:
        with batch.trying(index):
            saved = self._saved(record, remote, batch.check_stop)
            self._keep(saved)  # first, as reading a preview takes time, and Stop may come
            if preview and saved.path is not None:
                self._keep(replace(saved, preview=self._preview(saved.path)))

    def _saved(self, record: FileRecord, remote: RemoteFile, check_stop: Callable[[], None]) -> FileRecord:
        digest = hashlib.sha256()

        def watched(chunks: Iterator[bytes]) -> Iterator[bytes]:
            for chunk in chunks:
                check_stop()
                digest.update(chunk)
                yield chunk

        growth = downloads_folder.SIGNED_BYTES if remote.mime_type.startswith(SIGNED) else 0
        content = self._index.workspace().download(record.file_id, remote.mime_type)
        with closing(content) as chunks:  # type: ignore[type-var]
            try:
                path = downloads_folder.save(
                    watched(chunks), self._folder, remote.filename, size=remote.size_bytes, growth=growth
                )
            except OSError as error:  # a full disk, a folder that must not be written
                raise UnusableFile(f"“{record.name}” could not be saved: {error.strerror}.") from None
        with path.open("rb") as handle:
            row = file_kinds.as_it_is(path.name, handle.read(file_kinds.HEAD_BYTES))
        return replace(record, path=path, sha256=digest.hexdigest(), kind=row.name, mime_type=row.mime_type)

    def _preview(self, path: Path) -> Preview:
        try:
            return self._read_preview(path)
        except Exception as problem:  # noqa: BLE001 - the file is here, whatever a reader makes of it
            return Preview(notes=(f"A preview could not be made ({type(problem).__name__}).",))

    def _keep(self, record: FileRecord) -> None:
        self._index.registry.add(record)
        self._kept[record.file_id] = record
        self._on_record(record)


def _previewed(names: Sequence[str]) -> set[str]:
    """Return the names of which a preview is made: the first ones, and the first of what is a picture."""
    pictures = [name for name in names if name.lower().endswith(PICTURES)]
    return {*names[:MOST_PREVIEWS], *pictures[:MOST_PICTURES]}


def _record(name: str, remote: RemoteFile, origin: Origin | None) -> FileRecord:
    row = file_kinds.as_it_is(name, b"\0")  # its content is not here yet
    return FileRecord(
        name=name,
        file_id=remote.file_id,
        kind=row.name,
        mime_type=row.mime_type,
        size_bytes=remote.size_bytes,
        created_at=remote.created_at,
        expires_at=remote.expires_at,
        made_by_code=True,
        origin=origin,
    )
