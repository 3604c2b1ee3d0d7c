"""The stage of an upload in which bytes go out, several files at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nbfiles._files.convert import prepare
from nbfiles._files.progress import Cancelled
from nbfiles._files.sources.paths import Source, hashed
from nbfiles._files.transfer import send
from nbfiles._files.upload_call import UploadCall, UploadItem
from nbfiles.records import FileRecord, RemoteFile


class SendStage:
    """Sends the items that have no record yet, and gives them one."""

    def __init__(self, call: UploadCall) -> None:
        self._call, self._progress = call, call.progress

    def run(self) -> None:
        """Send each distinct file once, and data once under each name."""
        groups: dict[tuple[str, ...], list[int]] = {}
        for index, item in self._call.alive():
            if item.record is None:
                key = item.key if self._call.shares(item) else (*item.key, item.name)
                groups.setdefault(key, []).append(index)
        if groups:
            self._call.index.workspace()  # made here, once, before threads ask for it
        self._progress.run([self._job(group) for group in groups.values()])

    def _job(self, group: Sequence[int]) -> Callable[[], None]:
        first, *copies = group

        def job() -> None:
            with self._progress.trying(first):
                self._send_one(first, self._call.items[first])
            for index in copies:
                with self._progress.trying(index):
                    if first in self._progress.failures:
                        raise self._progress.failures[first]
                    record = self._call.items[first].record
                    assert record
                    self._call.take(index, record)

        return job

    def _send_one(self, index: int, item: UploadItem) -> None:
        assert item.source
        self._check_cancelled(item)
        # The name is unique in this kernel, so that a copy that a failed try left is told from a namesake.
        source = replace(item.source, name=item.name)
        self._progress.update(index, state="reading" if source.converter or source.pages else "uploading")
        ready = prepare(source, self._call.index.temp_files.path_for, item.password)
        if ready.path != source.path and not source.sha256:
            source = hashed(source)
        self._progress.update(index, state="uploading", size_bytes=ready.size_bytes)

        def report(count: int) -> None:
            self._progress.check_stop()
            if count < ready.size_bytes:  # after the last byte, it is as good as there
                self._check_cancelled(item)
            self._progress.update(index, sent=min(count, ready.size_bytes))

        expires_in = self._call.options.expires_in
        remote, sent_source = send(
            ready, self._call.index.workspace(), report, expires_in, is_ours=self._call.index.is_ours
        )
        source = replace(source, sha256=source.sha256 or sent_source.sha256, characters=ready.characters)
        item.record = new_record(item.name, source, remote)
        self._call.index.remember_upload(item.record, source.size_bytes)
        self._call.remember([source])
        note = self._call.note(item, sent_source.note)
        self._progress.update(index, state="uploaded", sent=ready.size_bytes, note=note)

    def _check_cancelled(self, item: UploadItem) -> None:
        if self._call.options.cancelled(item.path):
            raise Cancelled


def new_record(name: str, source: Source, remote: RemoteFile) -> FileRecord:
    """Return the record of a file that was uploaded."""
    return FileRecord(
        name=name,
        file_id=remote.file_id,
        kind=source.kind,
        mime_type=source.mime_type,
        size_bytes=remote.size_bytes,
        created_at=remote.created_at,
        expires_at=remote.expires_at,
        sha256=source.sha256,
        path=source.path,
        converted=source.converter is not None,
        pages=source.pages,
        longest_side=source.longest_side,
        characters=source.characters,
    )
