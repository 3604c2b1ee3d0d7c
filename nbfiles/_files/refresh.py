"""Files that are gone, changed or needed in another form are uploaded again from where they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nbfiles._files.convert import source_facts
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import OnProgress
from nbfiles._files.references import mentioned, replaced
from nbfiles._files.sources import paths
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles._files.upload import Upload
from nbfiles._files.upload_call import UploadOptions
from nbfiles.errors import FileGone, Spelled, UnusableFile
from nbfiles.records import JSON, FileRecord, Kind, typed


class Refresh:
    """Compares records with their source files and the workspace, and uploads again what differs."""

    def __init__(self, index: FileIndex) -> None:
        self._index = index

    def heal(self, request: JSON, watch: OnProgress) -> JSON:
        """Return a request with what is gone uploaded again; raises FileGone where nothing can be done."""
        fresh = self.revive(mentioned(request), watch)
        if not fresh:
            upload = Spelled("nbfiles.upload('PATH')", "%upload PATH")
            raise FileGone("A file of this question is gone from the workspace. Upload it again: ", upload)
        return replaced(request, fresh)

    def revive(self, file_ids: Sequence[str], watch: OnProgress) -> dict[str, str]:
        """Upload again what is gone of these files; returns old file_id → new file_id.

        Raises FileGone for a file whose bytes are not on this machine any more.
        """
        by_id = self._index.cache.by_id(file_ids) | {r.file_id: r for r in self._index.registry}
        records = [by_id[file_id] for file_id in file_ids if file_id in by_id]
        alive = self._index.alive(records, trusted_s=0)
        dead = [record for record in records if record.file_id not in alive]
        fresh = self._again(dead, watch)
        return {old: record.file_id for old, record in fresh.items()}

    def fresh(self, records: Sequence[FileRecord], watch: OnProgress) -> dict[str, FileRecord]:
        """Return new records, by old file_id, for those that changed on this machine or are gone."""
        changed = [record for record in records if self._state(record) == "changed"]
        fresh = {r.file_id: self._upload_as(r, watch) for r in changed}
        rest = [record for record in records if record.file_id not in fresh]
        alive = self._index.alive(rest)
        return fresh | self._again([record for record in rest if record.file_id not in alive], watch)

    def planned(self, record: FileRecord) -> FileRecord:
        """Return the record that an upload would give, as far as is known without asking the workspace.

        Bytes that were uploaded before are not sent again, and a file that changed is, under its name.
        """
        if record.path is None or record.made_by_code or not record.path.is_file():
            return record
        if not record.file_id.startswith("new "):
            return replace(record, file_id=f"new {record.name}") if self._state(record) == "changed" else record
        source = paths.inspect(record.path)
        if not self._index.cache.has_size(source.size_bytes):
            return record
        key = (self._digest(source), source.variant)
        path = record.path.absolute()
        named = [one for one in self._index.registry if one.key == key]
        for one in named:
            if one.path == path:
                return one
        cached = [one for one in (*named, *self._index.cache.by_key([key]).values()) if not one.expired]
        return replace(cached[0], name=record.name, path=path) if cached else record

    def own_copy(self, record: FileRecord, watch: OnProgress, as_text: bool) -> FileRecord:
        """Upload a text that code made, if it is to be a document: the API takes it as text/plain only."""
        is_document = record.mime_type == "text/plain" and (as_text or record.kind == Kind.TEXT)
        if record.made_by_code and is_document and record.path is not None and record.path.is_file():
            return self._upload_as(record, watch)
        return record

    def text_of(self, record: FileRecord, watch: OnProgress) -> FileRecord:
        """Upload the text of a table; returns any other file, and what has no reader, as it is."""
        if not record.for_code_only or record.path is None or not record.path.is_file():
            return record
        return Upload(self._index, [ResolvedSource(record.path)], watch, UploadOptions(as_text=True)).run()[0]

    def text_to_be(self, record: FileRecord) -> FileRecord:
        """Return what `text_of` would upload, without doing so; a new file, unless it was made before."""
        path = record.path
        if not record.for_code_only or path is None or not path.is_file():
            return record
        source = paths.inspect(path, as_text=True)
        if not source.converter:
            return record
        text = self._index.registry.find(source.name)
        if text and text.path == path:
            return text
        return replace(
            record,
            name=source.name,
            file_id=f"new {source.name}",
            kind=source.kind,
            mime_type=source.mime_type,
        )

    def is_alive(self, record: FileRecord) -> bool:
        """Ask the workspace whether a file is there."""
        return record.file_id in self._index.alive([record], trusted_s=0)

    def facts(self, record: FileRecord) -> list[tuple[str, str]]:
        """Return what reading a file on this machine tells about it, and what a question about it costs."""
        state = self._state(record)
        if record.path is None or state == "missing":
            return [("source file", "not on this machine")]
        return [
            ("source file", "changed since the upload" if state == "changed" else "unchanged"),
            *source_facts(record),
        ]

    def _again(self, dead: Sequence[FileRecord], watch: OnProgress) -> dict[str, FileRecord]:
        """Upload what is gone from its source, which must have the same bytes still."""
        lost = [record for record in dead if self._state(record) != "same"]
        self._index.forget(record.file_id for record in dead if record in lost or record.made_by_code)
        if lost:
            raise FileGone(
                f"{_listed(lost)} is gone from the workspace (deleted or expired), and the file it came "
                "from is not here as it was. Upload it again: ",
                Spelled(f"nbfiles.upload({lost[0].name!r})", f"%upload {typed(lost[0].name)}"),
            )
        return {record.file_id: self._upload_as(record, watch) for record in dead}

    def _upload_as(self, record: FileRecord, watch: OnProgress) -> FileRecord:
        """Upload a record's source under the name it has."""
        assert record.path
        options = UploadOptions(name=record.name, as_text=record.converted)
        return Upload(self._index, [ResolvedSource(record.path)], watch, options).run()[0]

    def _state(self, record: FileRecord) -> str:
        """Compare a record with the file it came from: `same`, `changed`, or `missing`."""
        if record.path is None or (record.sha256 is None and not record.made_by_code):
            return "missing"
        if record.made_by_code:
            return "same" if record.path.is_file() else "missing"
        try:
            source = paths.inspect(record.path)
        except UnusableFile:
            return "missing"
        return "same" if self._digest(source) == record.sha256 else "changed"

    def _digest(self, source: paths.Source) -> str:
        cached = self._index.cache.hashes([(source.path, source.fingerprint)])
        return cached.get(source.path) or paths.hashed(source).sha256


def _listed(records: Sequence[FileRecord]) -> str:
    return ", ".join(f"“{record.name}”" for record in records)
