"""Files that are gone, changed or needed in another form are uploaded again from where they came."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from nbfiles._files import file_kinds
from nbfiles._files.convert import prepare, source_facts
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import OnProgress
from nbfiles._files.references import for_code, mentioned, replaced
from nbfiles._files.registry import Namer
from nbfiles._files.sources import paths
from nbfiles._files.sources.resolve import ResolvedSource, source_of
from nbfiles._files.upload import Upload
from nbfiles._files.upload_call import UploadOptions
from nbfiles.errors import FileGone, Spelled, UnusableFile
from nbfiles.records import JSON, FileRecord, Kind, Progress, typed, usable


class Refresh:
    """Compares records with their source files and the workspace, and uploads again what differs."""

    def __init__(self, index: FileIndex) -> None:
        self._index = index

    def heal(self, request: JSON, watch: OnProgress, attached: Sequence[FileRecord] = ()) -> JSON:
        """Return a request with what is gone uploaded again; raises FileGone where nothing can be done.

        `attached` are its files as they were: those that were deleted here are known by them alone.
        """
        file_ids = mentioned(request)
        fresh = self.revive(file_ids, watch, for_code(request))
        rest = [record for record in attached if record.file_id in file_ids and record.file_id not in fresh]
        alive = self._index.alive(rest, trusted_s=0)
        lost = [record for record in rest if record.file_id not in alive]
        if lost or not fresh:
            raise FileGone(*_gone(lost))
        return replaced(request, fresh)

    def revive(self, file_ids: Sequence[str], watch: OnProgress, by_name: Container[str] = ()) -> dict[str, str]:
        """Upload again what is gone of these files; returns old file_id → new file_id.

        Those that are `by_name` get no upload that has the name of another file. Raises FileGone for a file whose
        bytes are not on this machine any more.
        """
        by_id: dict[str, list[FileRecord]] = {}
        for record in [*self._index.cache.by_id(file_ids).values(), *self._index.registry]:
            if record.file_id in file_ids:
                by_id.setdefault(record.file_id, []).append(record)
        alive = self._index.alive([records[0] for records in by_id.values()], trusted_s=0)
        dead = [self._best(records) for file_id, records in by_id.items() if file_id not in alive]
        return {old.file_id: new.file_id for old, new in zip(dead, self._again(dead, watch, by_name), strict=True)}

    def fresh(self, records: Sequence[FileRecord], watch: OnProgress) -> list[FileRecord]:
        """Return the records, with new ones for those that changed on this machine or are gone."""
        now = [self._upload_as(record, watch) if self._state(record) == "changed" else record for record in records]
        alive = self._index.alive(now)
        dead = [record for record in now if record.file_id not in alive]
        again = {old.name: new for old, new in zip(dead, self._again(dead, watch), strict=True)}
        return [again.get(record.name, record) for record in now]

    def _best(self, records: Sequence[FileRecord]) -> FileRecord:
        """Return which of the files that share an upload it is made of anew: one that is here, or else its own."""
        return max(records, key=lambda record: (self._state(record) == "same", record.remote_name == record.name))

    def planned(self, record: FileRecord) -> FileRecord:
        """Return the record that an upload would give, as far as is known without asking the workspace.

        Bytes that were uploaded before are not sent again, and a file that changed is, under its name.
        """
        if record.path is None or record.made_by_code or not record.path.is_file():
            return record
        if not record.file_id.startswith("new "):
            return _new(replace(record, sha256=None)) if self._state(record) == "changed" else record
        source, path = replace(paths.inspect(record.path), pages=record.pages), record.path.absolute()
        name = Namer(self._index.registry, {}).name(record.name, path, record.pages)
        record = _new(replace(record, name=name))
        if not self._index.cache.has_size(source.size_bytes):
            return record
        uploads = self._index.uploads([(self._digest(source), source.variant)])
        same = usable(uploads, record.name, any_name=file_kinds.of_record(record).block == file_kinds.DOCUMENT)
        return replace(same[0], name=record.name, path=path) if same else record

    def measured(self, record: FileRecord) -> FileRecord:
        """Return the record of a file that is not uploaded yet with the size of the text that would be sent."""
        is_new = record.file_id.startswith("new ") and record.path is not None and record.path.is_file()
        if not is_new or record.mime_type != "text/plain" or record.path is None:
            return record
        source = paths.inspect(record.path)
        if source.kind != record.kind:
            source = paths.inspect(record.path, as_text=True)
        ready = prepare(replace(source, sha256=self._digest(source)), self._index.temp_files.path_for)
        return replace(record, size_bytes=ready.size_bytes, characters=ready.characters)

    def smaller(self, records: Sequence[FileRecord], side: int, watch: OnProgress) -> list[FileRecord]:
        """Upload copies of images with at most `side` pixels a side; raises UnusableFile where one has changed."""
        for record in records:
            if record.sha256 and self._state(replace(record, longest_side=0)) != "same":
                raise UnusableFile(
                    f"“{record.name}” is too large for this question, and no smaller copy can be made of it: the file "
                    "has changed since it was sent. Begin the conversation anew."
                )
        sources = [ResolvedSource(record.path, name=record.name) for record in records if record.path]

        def watch_new(rows: Sequence[Progress]) -> None:
            if new := [row for row in rows if row.state != "already there"]:
                watch(new)

        return Upload(self._index, sources, watch_new, UploadOptions(longest_side=side)).run()

    def smaller_to_be(self, records: Sequence[FileRecord], side: int) -> list[FileRecord]:
        """Return what `smaller` would upload, without doing so."""
        copies = [replace(record, longest_side=side) for record in records]
        made = self._index.uploads([copy.key for copy in copies])
        uploads = {(upload.key, upload.remote_name): upload for upload in made}
        return [
            uploads.get((copy.key, copy.name)) or replace(_new(copy), file_id=f"new copy of {copy.name}")
            for copy in copies
        ]

    def under_own_name(self, record: FileRecord, watch: OnProgress, for_code: bool) -> FileRecord:
        """Upload what code is to find by its name, where the upload has the name of another file."""
        return self._upload_as(record, watch, own_name=True) if self._needs_own_name(record, for_code) else record

    def own_name_to_be(self, record: FileRecord, for_code: bool) -> FileRecord:
        """Return what `under_own_name` would upload, without doing so."""
        if not self._needs_own_name(record, for_code):
            return record
        uploads = usable(self._index.uploads([record.key]), record.name, any_name=False)
        return replace(uploads[0], path=record.path) if uploads else _new(record)

    def _needs_own_name(self, record: FileRecord, for_code: bool) -> bool:
        if record.remote_name == record.name or record.made_by_code:
            return False
        by_name = for_code or file_kinds.of_record(record).block != file_kinds.DOCUMENT
        return by_name and self._state(record) == "same"

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
            remote_name=source.name,
        )

    def alive(self, records: Sequence[FileRecord]) -> set[str]:
        """Ask the workspace which file_ids are there."""
        return self._index.alive(records, trusted_s=0)

    def facts(self, record: FileRecord) -> list[tuple[str, str]]:
        """Return what reading a file on this machine tells about it, and what a question about it costs."""
        state = self._state(record)
        if record.path is None or state == "missing":
            return [("source file", "not on this machine")]
        return [
            ("source file", "changed since the upload" if state == "changed" else "unchanged"),
            *source_facts(record, self._index.temp_files.path_for, self._index.counting),
        ]

    def _again(self, dead: Sequence[FileRecord], watch: OnProgress, by_name: Container[str] = ()) -> list[FileRecord]:
        """Upload what is gone from its source, which must have the same bytes still."""
        lost = [record for record in dead if self._state(record) != "same"]
        for record in dead:
            if record in lost or record.made_by_code:
                self._index.registry.discard(record)
        if lost:
            raise FileGone(
                f"{_listed(lost)} is gone from the workspace (deleted or expired), and the file it came "
                "from is not here as it was. Upload it again: ",
                _upload(lost[0].name),
            )
        return [self._upload_as(record, watch, own_name=record.file_id in by_name) for record in dead]

    def _upload_as(self, record: FileRecord, watch: OnProgress, *, own_name: bool = False) -> FileRecord:
        """Upload a record's source under the name it has; with `own_name`, no other file's upload will do."""
        options = UploadOptions(
            name=record.name, as_text=record.converted, own_name=own_name, longest_side=record.longest_side
        )
        return Upload(self._index, [source_of(record)], watch, options).run()[0]

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


def _new(record: FileRecord) -> FileRecord:
    """Return the record of a file that is not uploaded yet."""
    return replace(record, file_id=f"new {record.name}", remote_name=record.name)


def _gone(lost: Sequence[FileRecord]) -> tuple[str, Spelled]:
    """Say which files of a conversation are gone, as far as that is known."""
    if not lost:
        return "A file of this question is gone from the workspace. Upload it again: ", _upload("PATH")
    path = lost[0].path
    pages = f"[{lost[0].pages}]" if lost[0].pages else ""
    name = f"{paths.typed(path)}{pages}" if path and path.is_file() else lost[0].name
    return f"{_listed(lost)} is gone from the workspace (deleted or expired). Upload it again: ", _upload(name)


def _upload(name: str) -> Spelled:
    return Spelled(f"nbfiles.upload({name!r})", f"%upload {typed(name)}")


def _listed(records: Sequence[FileRecord]) -> str:
    return ", ".join(f"“{record.name}”" for record in records)
