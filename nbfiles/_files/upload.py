"""One call of upload, from paths to records."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbfiles._files import parts, passwords
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import OnProgress, TransferGroup
from nbfiles._files.sources import paths
from nbfiles._files.sources.paths import Source
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles._files.upload_call import UploadCall, UploadItem, UploadOptions
from nbfiles._files.upload_send import SendStage
from nbfiles.errors import FileErrors, LockedFile, Stopped
from nbfiles.records import FileRecord, usable

BIG = 16 * 1000 * 1000  # bytes; hashing less than this first takes no time that anybody notices


class Upload:
    """Turns paths into records, in four stages.

    1. `_inspect`: every file is opened, classified, and hashed unless the cache knows it unchanged. A big
       file of a size never seen is hashed while it is sent.
    2. `_reuse`: what the workspace has already is taken, after one list request for 100 files.
    3. `SendStage`: the rest goes out in parallel; each file enters the cache as soon as it is there.
    4. `_records`: the records join the registry in the order of the paths, also after a Stop.
    """

    def __init__(
        self,
        index: FileIndex,
        sources: Sequence[ResolvedSource],
        watch: OnProgress,
        options: UploadOptions,
    ) -> None:
        self._index = index
        self._options = options
        # Not resolve(), which would follow links and lose the name.
        self._items = [UploadItem(one, Path(os.path.abspath(one.path))) for one in sources]  # noqa: PTH100
        self._ending = ", smaller" if options.longest_side else ""  # of names in the rows
        self._progress = TransferGroup([f"{one.path.name}{self._ending}" for one in sources], watch)
        self._call = UploadCall(index, options, self._items, self._progress)

    def run(self) -> list[FileRecord]:
        """Upload; raises Stopped or the error of what failed, after keeping what was done."""
        try:
            self._inspect()
            self._name()
            self._reuse()
            SendStage(self._call).run()
            if self._ask_passwords():
                SendStage(self._call).run()
        except KeyboardInterrupt:
            complete = len(self._records())
            count = f"{complete} of {len(self._items)} files were uploaded and are kept"
            raise Stopped(f"{count}. For the others, run the cell again.") from None
        finally:
            self._progress.finish()
            self._index.registry.release(item.name for item in self._items if not item.record)
        records = self._records()
        if self._options.failed is None:
            self._progress.raise_failures()
        else:
            self._options.failed.update(self._errors())
        return records

    def _ask_passwords(self) -> bool:
        """Ask for the passwords of encrypted files; return whether one was typed. They are tried once, and not kept."""
        failures = self._progress.failures
        for index in [index for index, error in failures.items() if isinstance(error, LockedFile)]:
            item = self._items[index]
            item.password = passwords.ask(item.name)
            if item.password:
                del failures[index]
        return any(item.password for item in self._items)

    def _errors(self) -> FileErrors:
        failures = self._progress.failures
        return {self._items[i].path: (self._progress.rows[i].name, failures[i]) for i in sorted(failures)}

    def _inspect(self) -> None:
        sources: list[Source] = []
        for index, item in enumerate(self._items):
            with self._progress.trying(index):
                if item.resolved.error:
                    raise item.resolved.error
                item.source = self._source(item)
                sources.append(item.source)
        cached = self._index.cache.hashes([(source.path, source.fingerprint) for source in sources])
        sizes = [source.size_bytes for source in sources]
        hashed: list[Source] = []
        for index, item in self._call.alive():
            assert item.source
            item.source = replace(item.source, sha256=cached.get(item.path, ""))
            if not item.source.sha256 and not self._hash_later(item.source, sizes):
                with self._progress.trying(index):
                    item.source = paths.hashed(item.source)
                    hashed.append(item.source)
        self._call.remember(hashed)

    def _source(self, item: UploadItem) -> Source:
        source = paths.inspect(item.path, as_text=self._options.as_text)
        if item.resolved.pages is not None:
            return parts.part_of(source, item.resolved.pages, item.resolved.name)
        if self._options.longest_side:
            return replace(source, name=item.resolved.name or source.name, longest_side=self._options.longest_side)
        return source

    def _hash_later(self, source: Source, sizes: Sequence[int]) -> bool:
        """Return whether a file is so big that hashing it first takes time, and surely not there yet."""
        size = source.size_bytes
        if size <= BIG or not source.is_sent_as_it_is or sizes.count(size) > 1:
            return False
        return not self._index.cache.has_size(size)

    def _name(self) -> None:
        with self._index.registry.naming() as namer:
            for _, item in self._call.alive():
                assert item.source
                wanted = self._options.name or item.source.name
                item.name = namer.name(wanted, item.path, item.source.pages)
                if item.name != wanted and namer.is_in_use(wanted):
                    item.notes.append(f"as “{item.name}”, because another file is “{wanted}”")
        for index, item in self._call.alive():
            assert item.source
            name, size = f"{item.name}{self._ending}", item.source.size_bytes
            self._progress.update(index, name=name, size_bytes=size)

    def _reuse(self) -> None:
        if self._options.again:
            return
        keys = [item.key for _, item in self._call.alive() if item.source and item.source.sha256]
        same = [record for record in self._index.same(keys) if self._short_enough(record)] if keys else []
        by_key: dict[tuple[str, str], list[FileRecord]] = {}
        for record in same:
            by_key.setdefault(record.key, []).append(record)
        for index, item in self._call.alive():
            uploads = by_key.get(item.key, [])
            fitting = usable(uploads, item.name, any_name=self._call.shares(item))
            if fitting:
                self._call.take(index, fitting[0])
            elif uploads:
                self._call.send_once_more(item)

    def _short_enough(self, cached: FileRecord) -> bool:
        """Return whether a file ends no later than was asked for; its expiry cannot be changed."""
        if self._options.expires_in is None:
            return True
        latest = datetime.now(UTC) + timedelta(seconds=self._options.expires_in)
        return cached.expires_at is not None and cached.expires_at <= latest

    def _records(self) -> list[FileRecord]:
        records = [item.record for item in self._items if item.record]
        for record in records:
            if record.longest_side:
                self._index.copies[record.name, *record.key] = record
            else:
                self._index.registry.add(record)
        self._index.registry.release(record.name for record in records)
        return records
