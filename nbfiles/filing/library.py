"""The files of one place: words become FileRecords, uploaded once, found again by name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Protocol

from nbfiles.errors import BadInput, NbfilesError, Stopped, UnknownName
from nbfiles.filing import artifacts, kinds, names, sources
from nbfiles.filing.registry import Registry
from nbfiles.filing.transfer import Progress, send
from nbfiles.records import FileRecord, Kind, RemoteFile

Watch = Callable[[Sequence[Progress]], None]


class Workspace(Protocol):
    """What the library needs of a client."""

    def upload(self, handle: IO[bytes], name: str, mime_type: str) -> RemoteFile:
        """Send a file."""

    def metadata(self, file_id: str) -> RemoteFile:
        """Look a file up."""

    def download(self, file_id: str) -> Iterator[bytes]:
        """Yield a file's bytes."""


def _ignore(_rows: Sequence[Progress]) -> None:
    """Watch nothing."""


class Library:
    """Files by name, and the ways they come in (`upload`, `resolve`) and back (`fetch`).

    `workspace` is asked for only when something must be sent, so that looking up a name needs no server.
    """

    def __init__(self, workspace: Callable[[], Workspace]) -> None:
        self.registry = Registry()
        self._workspace = workspace
        self._inspected: dict[Path, sources.Source] = {}

    def upload(self, words: Iterable[str | os.PathLike[str]], watch: Watch = _ignore) -> list[FileRecord]:
        """Upload paths and globs; bytes that are there already are not sent again.

        A file that fails does not stop the others; its error is raised when they are done. Raises
        Stopped when the user interrupts; what was finished is kept.
        """
        paths = sources.expand(words)
        rows = [Progress(path.name) for path in paths]
        records: list[FileRecord] = []
        failures: list[NbfilesError] = []
        try:
            for index, path in enumerate(paths):
                try:
                    records.append(self._upload_one(path, rows, index, watch))
                except NbfilesError as error:
                    failures.append(error)
                    rows[index] = replace(rows[index], state="failed", note=str(error))
                watch(rows)
        except KeyboardInterrupt:
            raise Stopped(
                f"Stopped. {len(records)} of {len(paths)} files were uploaded and are kept."
            ) from None
        finally:
            watch([row if row.ended else replace(row, state="stopped") for row in rows])
        if failures:
            raise failures[0] if len(failures) == 1 else BadInput(" ".join(str(error) for error in failures))
        return records

    def knows(self, word: str) -> bool:
        """Tell whether a word names files: a name, a glob over names, or a path or glob that exists."""
        return bool(self._named(word)) or sources.exists(word)

    def resolve(self, words: Iterable[str], watch: Watch = _ignore) -> list[FileRecord]:
        """Turn words into records: a name, a glob over names, or a path, which is uploaded on first use."""
        records: dict[str, FileRecord] = {}
        for word in words:
            named = self._named(word)
            if not named and not sources.exists(word):
                raise UnknownName(self.registry.unknown(word, sources.neighbours(word)))
            found = [self._fresh(record, watch) for record in named] or self.upload([word], watch)
            records |= {record.name: record for record in found}
        return list(records.values())

    def forget(self, file_ids: Iterable[str]) -> list[str]:
        """Drop records whose files are gone; returns their names."""
        gone = set(file_ids)
        dropped = [record.name for record in self.registry if record.file_id in gone]
        for name in dropped:
            self.registry.remove(name)
        return dropped

    def fetch(self, file_id: str, folder: Path) -> FileRecord:
        """Download a file that code made; the record's `path` is where it was saved."""
        workspace = self._workspace()
        remote = workspace.metadata(file_id)
        with contextlib.closing(workspace.download(file_id)) as chunks:  # type: ignore[type-var]
            path = artifacts.save(chunks, folder, remote.filename, size=remote.size_bytes)
        with path.open("rb") as handle:
            kind, mime_type = kinds.classify(path.name, handle.read(kinds.HEAD_BYTES))
        known = next((r for r in self.registry if r.file_id == file_id), None)
        name = known.name if known else names.unique(path.name, [r.name for r in self.registry])
        record = replace(_record(name, kind, mime_type, remote), path=path, made_by_code=True)
        self.registry.add(record)
        return record

    def _named(self, word: str) -> list[FileRecord]:
        exact = self.registry.find(word)
        return [exact] if exact else self.registry.match(word)

    def _fresh(self, record: FileRecord, watch: Watch) -> FileRecord:
        """Return the record, or a new one when it expired or the file behind it changed on this machine."""
        if record.made_by_code or record.path is None or not record.path.is_file():
            return record
        if self._inspect(record.path).sha256 == record.sha256 and not record.expired:
            return record
        return self.upload([record.path], watch)[0]

    def _upload_one(self, path: Path, rows: list[Progress], index: int, watch: Watch) -> FileRecord:
        source = self._inspect(path)
        same = self.registry.with_bytes(source.sha256, source.mime_type)
        name = self.registry.name_for(source.name, source.path)
        if same and not same.expired:
            record = same if same.path == source.path else replace(same, name=name, path=source.path)
            rows[index] = Progress(record.name, "already there", source.size_bytes, source.size_bytes)
        else:
            record = self._send(source, name, rows, index, watch)
        self.registry.add(record)
        return record

    def _send(
        self, source: sources.Source, name: str, rows: list[Progress], index: int, watch: Watch
    ) -> FileRecord:
        row = rows[index] = Progress(name, "uploading", source.size_bytes)
        watch(rows)

        def sent(count: int) -> None:
            rows[index] = replace(row, sent=min(count, source.size_bytes))
            watch(rows)

        remote = send(source, self._workspace().upload, sent)
        rows[index] = replace(row, state="uploaded", sent=source.size_bytes)
        record = _record(name, source.kind, source.mime_type, remote)
        return replace(record, sha256=source.sha256, path=source.path)

    def _inspect(self, path: Path) -> sources.Source:
        """Inspect a file, or take what is known of it when it has not changed."""
        path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links and lose the name
        known = self._inspected.get(path)
        if known is None or not sources.unchanged(known):
            known = self._inspected[path] = sources.inspect(path)
        return known


def _record(name: str, kind: Kind, mime_type: str, remote: RemoteFile) -> FileRecord:
    return FileRecord(
        name=name,
        file_id=remote.file_id,
        kind=kind,
        mime_type=mime_type,
        size_bytes=remote.size_bytes,
        created_at=remote.created_at,
        expires_at=remote.expires_at,
    )
