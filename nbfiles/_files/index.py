"""Where one workspace's files are known: this kernel's names, the cache of uploads, and the workspace itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from typing import IO, Protocol

from nbfiles._files.file_tokens import ESTIMATED, Counting
from nbfiles._files.registry import Registry
from nbfiles._files.sources.temp_files import TempFiles
from nbfiles._files.upload_cache import UploadCache
from nbfiles.records import FileRecord, RemoteFile

TRUSTED_S = 300.0  # a file that was there five minutes ago is asked about without looking again


class FilesApi(Protocol):
    """What filing needs of a client."""

    def upload(
        self,
        handle: IO[bytes],
        name: str,
        mime_type: str,
        expires_in: int | None = None,
        on_repeat: Callable[[str], None] = ...,
    ) -> RemoteFile:
        """Send a file; it lives for `expires_in` seconds.

        `on_repeat` is told before that is repeated though it may have been stored.
        """

    def metadata(self, file_id: str) -> RemoteFile:
        """Look a file up."""

    def alive(self, file_ids: Sequence[str]) -> dict[str, RemoteFile]:
        """Look many files up, 100 a request."""

    def newest(self) -> list[RemoteFile]:
        """Return the newest files, one page of them."""

    def pages(self, size: int = 1000) -> Iterator[list[RemoteFile]]:
        """Yield the workspace's files, newest first, a request a page."""

    def delete(self, file_id: str) -> None:
        """Delete a file."""

    def download(self, file_id: str, mime_type: str = "") -> Iterator[bytes]:
        """Yield the bytes of a file, which is of this type."""


class FileIndex:
    """Records by name and by bytes, and whether their files are still there.

    `workspace` is asked for only when something must be sent, so that looking up a name needs no server.
    """

    def __init__(
        self,
        workspace: Callable[[], FilesApi],
        cache: UploadCache,
        clock: Callable[[], float] = time.monotonic,
        counting: Counting = ESTIMATED,
    ) -> None:
        self.registry = Registry()
        self.copies: dict[tuple[str, str, str], FileRecord] = {}  # smaller images, which have no names of their own
        self.counting = counting
        self.cache = cache
        self.temp_files = TempFiles()
        self.workspace = workspace
        self._clock = clock  # in seconds
        self._confirmed: dict[str, float] = {}  # file_id → when it was last seen alive

    def reached_by(self, api: Callable[[], FilesApi]) -> FileIndex:
        """Return this index, with all that it knows, that reaches the workspace through another client."""
        view = copy(self)
        view.workspace = api
        return view

    def uploads(self, keys: Sequence[tuple[str, str]]) -> list[FileRecord]:
        """Return the uploads of these bytes, under whatever names, that have not expired."""
        asked = set(keys)
        here = [record for record in (*self.registry, *self.copies.values()) if record.key in asked]
        by_id = {record.file_id: record for record in [*self.cache.by_key(keys), *here]}
        return [record for record in by_id.values() if not record.expired]

    def same(self, keys: Sequence[tuple[str, str]]) -> list[FileRecord]:
        """Return those of `uploads` whose files are there."""
        uploads = self.uploads(keys)
        alive = self.alive(uploads, trusted_s=0)
        return [record for record in uploads if record.file_id in alive]

    def alive(self, records: Iterable[FileRecord], *, trusted_s: float = TRUSTED_S) -> set[str]:
        """Return the file_ids that are there, in one request for 100, of those not seen for `trusted_s`."""
        ids = list(dict.fromkeys(record.file_id for record in records))
        old = self._clock() - trusted_s
        unsure = [file_id for file_id in ids if self._confirmed.get(file_id, -1.0) <= old]
        remotes = self.workspace().alive(unsure) if unsure else {}
        gone = {file_id for file_id in unsure if file_id not in remotes or remotes[file_id].expired}
        self.cache.forget(gone)
        self.confirm(set(unsure) - gone)
        return set(ids) - gone

    def confirm(self, file_ids: Iterable[str]) -> None:
        """Remember that files are there."""
        now = self._clock()
        self._confirmed |= dict.fromkeys(file_ids, now)

    def remember_downloads(self, records: Sequence[FileRecord]) -> None:
        """Remember files that were downloaded just now, also between kernels."""
        self.cache.keep_all([(record, record.size_bytes) for record in records])
        self.confirm(record.file_id for record in records)

    def remember_upload(self, record: FileRecord, source_size: int) -> None:
        """Remember a file that was uploaded just now, also between kernels."""
        self.cache.keep(record, source_size)
        self.confirm([record.file_id])

    def is_ours(self, file_id: str) -> bool:
        """Return whether a file is one that nbfiles uploaded or fetched."""
        here = any(record.file_id == file_id for record in self.registry)
        return here or bool(self.cache.by_id([file_id]))

    def forget(self, file_ids: Iterable[str]) -> list[str]:
        """Drop what is gone from the workspace; returns the names that went."""
        gone = set(file_ids)
        self.cache.forget(gone)
        for file_id in gone:
            self._confirmed.pop(file_id, None)
        self.copies = {key: copy for key, copy in self.copies.items() if copy.file_id not in gone}
        dropped = [record.name for record in self.registry if record.file_id in gone]
        for name in dropped:
            self.registry.remove(name)
        return dropped
