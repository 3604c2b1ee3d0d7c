"""What the stages of one call of upload share: its options, an item for each file, and their progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from nbfiles._files.index import FileIndex
from nbfiles._files.progress import TransferGroup
from nbfiles._files.sources.paths import Source
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord


@redacted_repr
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


@redacted_repr
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


@redacted_repr
@dataclass(frozen=True, slots=True)
class UploadCall:
    """One call of upload. Item `i` is the file whose progress is row `i` of `progress`."""

    index: FileIndex
    options: UploadOptions
    items: list[UploadItem]
    progress: TransferGroup

    def alive(self) -> list[tuple[int, UploadItem]]:
        """Return the items that have not failed, with their numbers."""
        return [(i, item) for i, item in enumerate(self.items) if i not in self.progress.failures]

    def take(self, number: int, cached: FileRecord) -> None:
        """Let an item be a file that is in the workspace already."""
        item = self.items[number]
        assert item.source
        item.record = replace(cached, name=item.name, path=item.path)
        size = item.source.size_bytes
        self.progress.update(number, state="already there", size_bytes=size, sent=size, note=item.resolved.note)

    def remember(self, hashed: Iterable[Source]) -> None:
        """Keep the hashes of files, by which they are known unchanged the next time."""
        self.index.cache.saw((source.path, source.fingerprint, source.sha256) for source in hashed)
