"""One call of upload, from paths to records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbfiles._files.convert import prepare
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import Cancelled, OnProgress, TransferGroup
from nbfiles._files.sources import paths
from nbfiles._files.sources.paths import Source
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles._files.transfer import send
from nbfiles.errors import Stopped
from nbfiles.records import FileRecord, RemoteFile

BIG = 16 * 1000 * 1000  # bytes; hashing less than this first takes no time that anybody notices


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """How to upload: `expires_in` seconds, `again` though the bytes are there, `name` of the one file.

    Folders are taken when `recursive`, with what is `hidden` in them when that is asked for; notebooks with
    the `images` of their outputs. `as_text` makes text of tables that only code could read. `cancelled` is
    asked again and again, in any thread, whether a file is not wanted any more.
    """

    expires_in: int | None = None
    again: bool = False
    name: str | None = None
    recursive: bool = False
    hidden: bool = False
    images: bool = False
    as_text: bool = False
    cancelled: Callable[[Path], bool] = lambda _path: False


@dataclass
class UploadItem:
    """One file of the call; `sha256` of its source is empty while it is not known."""

    resolved: ResolvedSource
    path: Path
    name: str = ""
    source: Source | None = None
    record: FileRecord | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What two items share that need one upload."""
        assert self.source
        return self.source.sha256 or str(self.path), self.source.variant


class Upload:
    """Turns paths into records, in four stages.

    1. `_inspect`: every file is opened, classified, and hashed unless the cache knows it unchanged. A big
       file of a size never seen is hashed while it is sent.
    2. `_reuse`: what the workspace has already is taken, after one list request for 100 files.
    3. `_send`: the rest goes out in parallel; each file enters the cache as soon as it is there.
    4. `_records`: the records join the registry in the order of the paths, also after a Stop.
    """

    def __init__(
        self,
        index: FileIndex,
        sources: Sequence[ResolvedSource],
        watch: OnProgress,
        options: UploadOptions = UploadOptions(),
    ) -> None:
        self._index = index
        self._options = options
        # Not resolve(), which would follow links and lose the name.
        self._items = [UploadItem(one, Path(os.path.abspath(one.path))) for one in sources]  # noqa: PTH100
        self._batch = TransferGroup([one.path.name for one in sources], watch)

    def run(self) -> list[FileRecord]:
        """Upload; raises Stopped or the error of what failed, after keeping what was done."""
        try:
            self._inspect()
            self._name()
            self._reuse()
            self._send()
        except KeyboardInterrupt:
            complete = len(self._records())
            raise Stopped(f"Stopped. {complete} of {len(self._items)} files were uploaded and are kept.") from None
        finally:
            self._batch.finish()
            self._index.registry.release(item.name for item in self._items if not item.record)
        records = self._records()
        self._batch.raise_failures()
        return records

    def _inspect(self) -> None:
        sources: list[Source] = []
        for index, item in enumerate(self._items):
            with self._batch.trying(index):
                if item.resolved.error:
                    raise item.resolved.error
                item.source = paths.inspect(item.path, as_text=self._options.as_text)
                sources.append(item.source)
        cached = self._index.cache.hashes([(source.path, source.fingerprint) for source in sources])
        sizes = [source.size_bytes for source in sources]
        hashed: list[Source] = []
        for index, item in self._alive():
            assert item.source
            item.source = replace(item.source, sha256=cached.get(item.path, ""))
            if not item.source.sha256 and not self._hash_later(item.source, sizes):
                with self._batch.trying(index):
                    item.source = paths.hashed(item.source)
                    hashed.append(item.source)
        self._remember(hashed)

    def _hash_later(self, source: Source, sizes: Sequence[int]) -> bool:
        """Return whether a file is so big that hashing it first takes time, and surely not there yet."""
        size = source.size_bytes
        if size <= BIG or source.converter or sizes.count(size) > 1:
            return False
        return not self._index.cache.has_size(size)

    def _remember(self, hashed: Iterable[Source]) -> None:
        self._index.cache.saw((source.path, source.fingerprint, source.sha256) for source in hashed)

    def _alive(self) -> list[tuple[int, UploadItem]]:
        """Return the items that have not failed."""
        return [(i, item) for i, item in enumerate(self._items) if i not in self._batch.failures]

    def _name(self) -> None:
        with self._index.registry.naming() as namer:
            for _, item in self._alive():
                assert item.source
                item.name = namer.name(self._options.name or item.source.name, item.path)
        for index, item in self._alive():
            assert item.source
            self._batch.update(index, name=item.name, size_bytes=item.source.size_bytes)

    def _reuse(self) -> None:
        if self._options.again:
            return
        keys = [item.key for _, item in self._alive() if item.source and item.source.sha256]
        same = self._index.same(keys) if keys else {}
        for index, item in self._alive():
            cached = same.get(item.key)
            if cached and self._short_enough(cached):
                self._take(index, item, cached)

    def _short_enough(self, cached: FileRecord) -> bool:
        """Return whether a file ends no later than was asked for; its expiry cannot be changed."""
        if self._options.expires_in is None:
            return True
        latest = datetime.now(UTC) + timedelta(seconds=self._options.expires_in)
        return cached.expires_at is not None and cached.expires_at <= latest

    def _take(self, index: int, item: UploadItem, cached: FileRecord) -> None:
        assert item.source
        item.record = replace(cached, name=item.name, path=item.path)
        size = item.source.size_bytes
        self._batch.update(index, state="already there", size_bytes=size, sent=size, note=item.resolved.note)

    def _send(self) -> None:
        groups: dict[tuple[str, str], list[int]] = {}
        for index, item in self._alive():
            if item.record is None:
                groups.setdefault(item.key, []).append(index)
        if groups:
            self._index.workspace()  # made here, once, before threads ask for it
        self._batch.run([self._job(group) for group in groups.values()])

    def _job(self, group: Sequence[int]) -> Callable[[], None]:
        first, *copies = group

        def job() -> None:
            with self._batch.trying(first):
                self._send_one(first, self._items[first])
            for index in copies:
                with self._batch.trying(index):
                    if first in self._batch.failures:
                        raise self._batch.failures[first]
                    record = self._items[first].record
                    assert record
                    self._take(index, self._items[index], record)

        return job

    def _send_one(self, index: int, item: UploadItem) -> None:
        assert item.source
        self._check_cancelled(item)
        # The name is unique in this kernel, so that a twin is told from a namesake.
        source = replace(item.source, name=item.name)
        self._batch.update(index, state="reading" if source.converter else "uploading")
        ready = prepare(source, self._index.temp_files.path_for)
        self._batch.update(index, state="uploading", size_bytes=ready.size_bytes)

        def report(count: int) -> None:
            self._batch.check_stop()
            if count < ready.size_bytes:  # after the last byte, it is as good as there
                self._check_cancelled(item)
            self._batch.update(index, sent=min(count, ready.size_bytes))

        expires_in = self._options.expires_in
        remote, sent_source = send(ready, self._index.workspace(), report, expires_in, is_ours=self._index.is_ours)
        source = replace(source, sha256=source.sha256 or sent_source.sha256)
        item.record = new_record(item.name, source, remote)
        self._index.remember_upload(item.record, source.size_bytes)
        self._remember([source])
        note = "; ".join(filter(None, (sent_source.note, item.resolved.note)))
        self._batch.update(index, state="uploaded", sent=ready.size_bytes, note=note)

    def _check_cancelled(self, item: UploadItem) -> None:
        if self._options.cancelled(item.path):
            raise Cancelled

    def _records(self) -> list[FileRecord]:
        records = [item.record for item in self._items if item.record]
        for record in records:
            self._index.registry.add(record)
        self._index.registry.release(record.name for record in records)
        return records


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
    )
