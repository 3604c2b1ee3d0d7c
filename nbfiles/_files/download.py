"""Files that Claude's code made come back: several at a time, each whole or absent, each with a name here."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from nbfiles._documents import previews
from nbfiles._files import downloads_folder, file_kinds, filenames
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import TransferGroup
from nbfiles.errors import FileGone, NbfilesError, Spelled, UnusableFile, WrongSize
from nbfiles.limits import FILE_BYTES
from nbfiles.records import UNKNOWN_SIZE, FileRecord, Origin, Preview, RemoteFile, typed

ASK_AGAIN = "It was deleted, or has expired. To have it made again, ask the question again."
TRY_AGAIN = " Try again."  # at the end of an error that does not know what to type
WRONG_SIZE_TRIES = 2  # of a file whose bytes are too few or too many, though the reply ended in good order
MOST_NAMED = 5  # files in one line
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

    def run(self, origins: Mapping[str, Origin | None]) -> NbfilesError | None:
        """Fetch these file_ids and return what went wrong, if anything; on Stop, what is here is kept."""
        try:
            remotes = self._look_up(list(origins))
        except (NbfilesError, KeyboardInterrupt) as problem:
            records = self.expect(origins)
            if not isinstance(problem, NbfilesError):
                raise
            return _summary([(record.name, problem) for record in records])
        gone = [file_id for file_id in origins if file_id not in remotes]
        records = self._records([(remotes[i], origin) for i, origin in origins.items() if i in remotes])
        for record in records:
            self._announce(record)
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
        failures = [(small[index].name, batch.failures[index]) for index in sorted(batch.failures)]
        return _summary([*self._gone(gone, origins), *failures])

    def expect(self, origins: Mapping[str, Origin | None]) -> list[FileRecord]:
        """Give names to files that cannot be looked up now, so that they can be downloaded later."""
        records_here = list(self._index.registry)
        here = {record.file_id: record for record in records_here}
        keys_in_use = {filenames.key(record.name) for record in records_here}
        records = []
        for file_id, origin in origins.items():
            record = here.get(file_id) or _nameless(file_id, origin, keys_in_use)
            keys_in_use.add(filenames.key(record.name))
            records.append(record)
            self._announce(record)
        return records

    def _announce(self, record: FileRecord) -> None:
        """Let a file be known that has not arrived yet; one that is here stays as it is."""
        old = self._index.registry.find(record.name)
        if old is None or old.file_id != record.file_id or old.path is None:
            self._index.registry.add(record)
        self._on_record(record)

    def _gone(self, file_ids: Sequence[str], origins: Mapping[str, Origin | None]) -> Iterator[tuple[str, FileGone]]:
        names = {record.file_id: record.name for record in self._index.registry}
        for file_id in file_ids:
            origin = origins[file_id]
            by_step = f"a file of step {origin.step}" if origin and origin.step else "a file that the code made"
            yield names.get(file_id, by_step), FileGone(ASK_AGAIN)

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
            if old and old.size_bytes == UNKNOWN_SIZE:  # it gets the name that could not be looked up before
                self._index.registry.remove(old.name)
                old = None
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
            saved = self._saved_in_time(record, remote, batch.check_stop)
            self._keep(saved)  # first, as reading a preview takes time, and Stop may come
            if preview and saved.path is not None:
                self._keep(replace(saved, preview=self._preview(saved.path)))

    def _saved_in_time(self, record: FileRecord, remote: RemoteFile, check_stop: Callable[[], None]) -> FileRecord:
        """As `_saved`; what broke off has been tried again by the client, what came in the wrong size has not."""
        for _ in range(WRONG_SIZE_TRIES - 1):
            with contextlib.suppress(WrongSize):
                return self._saved(record, remote, check_stop)
        return self._saved(record, remote, check_stop)

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
                why = f"{self._folder.name} does not take it ({error.strerror})"
                raise UnusableFile(f"{why}. Make room there, or choose another folder.") from None
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


def _nameless(file_id: str, origin: Origin | None, keys_in_use: set[str]) -> FileRecord:
    """Return a record of a file of which nothing is known but which step made it."""
    step = f"step-{origin.step}-file" if origin and origin.step else "file-of-the-code"
    row, name = file_kinds.as_it_is(step, b"\0"), filenames.free(step, keys_in_use)
    now = datetime.now(UTC)
    return FileRecord(
        name, file_id, row.name, row.mime_type, UNKNOWN_SIZE, created_at=now, made_by_code=True, origin=origin
    )


def _summary(failures: Sequence[tuple[str, NbfilesError]]) -> NbfilesError | None:
    """Return one error for what did not arrive, with what to type; the first error says why."""
    if not failures:
        return None
    missing = [(name, error) for name, error in failures if not isinstance(error, FileGone)]
    gone = [name for name, error in failures if isinstance(error, FileGone)]
    parts: list[str | Spelled] = []
    if gone:
        subject = _listed(gone)
        parts += [f"{subject[:1].upper()}{subject[1:]} cannot be downloaded any more. {ASK_AGAIN}"]
    if missing:
        names = [name for name, _ in missing]
        why = str(missing[0][1]).removesuffix(TRY_AGAIN)
        before = " " if gone else ""
        parts += [f"{before}{_listed(names)} did not arrive: {why} To try again, type: ", _download_line(names)]
    error = (missing or failures)[0][1]
    error.say(*parts)
    return error


def _listed(names: Sequence[str]) -> str:
    quoted = [name if name.startswith("a file ") else f"“{name}”" for name in names[:MOST_NAMED]]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    *first, last = [*quoted, *more]
    return f"{', '.join(first)} and {last}" if first else last


def _download_line(names: Sequence[str]) -> Spelled:
    few = names[:MOST_NAMED]
    return Spelled(f"nbfiles.download({', '.join(map(repr, few))})", f"%download {' '.join(map(typed, few))}")
