"""What the stages of one call of upload share: its options, an item for each file, and their progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from nbfiles._files import file_kinds
from nbfiles._files.index import FileIndex
from nbfiles._files.progress import TransferGroup
from nbfiles._files.sources.folders import NAMED_ALONE, FolderOptions
from nbfiles._files.sources.paths import Source
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles.errors import FileErrors
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord

Failed: TypeAlias = FileErrors | None  # where errors of files are put; None raises them

SHARED = "the same contents as {}"
SENT_ONCE_MORE = "the same contents as {}, sent once more under this name"


@redacted_repr
@dataclass(frozen=True, slots=True)
class UploadOptions:
    """How to upload: `expires_in` seconds, `again` though the bytes are there, `name` of the one file.

    With `own_name`, a document is uploaded though the same one is there under another name. `as_text` makes text of
    tables that only code could read. With `longest_side`, a smaller copy of each image is uploaded, which has no name
    of its own. Errors of files are put into `failed`, or raised. `cancelled` is asked again and
    again, in any thread, whether a file is not wanted any more.
    """

    expires_in: int | None = None
    again: bool = False
    name: str | None = None
    folders: FolderOptions = NAMED_ALONE
    as_text: bool = False
    own_name: bool = False
    longest_side: int = 0
    failed: Failed = None
    cancelled: Callable[[Path], bool] = lambda _path: False


@redacted_repr
@dataclass
class UploadItem:
    """One file of the call; `sha256` of its source is empty while it is not known, `notes` are what to say of it."""

    resolved: ResolvedSource
    path: Path
    name: str = ""
    source: Source | None = None
    record: FileRecord | None = None
    password: str = field(default="", repr=False)
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What two items share that have the same contents, and are read the same way."""
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

    def shares(self, item: UploadItem) -> bool:
        """Return whether another name's upload may stand for a file: a document's name is in the question."""
        assert item.source
        return file_kinds.named(item.source.kind).block == file_kinds.DOCUMENT and not self.options.own_name

    def take(self, number: int, cached: FileRecord) -> None:
        """Let an item be a file that is in the workspace already."""
        item = self.items[number]
        assert item.source
        if cached.remote_name != item.name:
            item.notes.append(SHARED.format(self._same_as(item)))
        item.record = replace(cached, name=item.name, path=item.path)
        size = item.source.size_bytes
        self.progress.update(number, state="already there", size_bytes=size, sent=size, note=self.note(item))

    def send_once_more(self, item: UploadItem) -> None:
        """Say of an item that its contents are in the workspace, but not under its name."""
        item.notes.append(SENT_ONCE_MORE.format(self._same_as(item)))

    def note(self, item: UploadItem, *more: str) -> str:
        """Return what to say of an item."""
        return "; ".join(filter(None, (*more, item.resolved.note, *item.notes)))

    def _same_as(self, item: UploadItem) -> str:
        """Return in words which file has the same contents; a name that this kernel does not know stays out."""
        records = [*self.index.registry, *(other.record for other in self.items if other.record)]
        names = (record.name for record in records if record.key == item.key and record.name != item.name)
        name = next(names, None)
        return f"“{name}”" if name else "a file uploaded earlier"

    def remember(self, hashed: Iterable[Source]) -> None:
        """Keep the hashes of files, by which they are known unchanged the next time."""
        self.index.cache.saw((source.path, source.fingerprint, source.sha256) for source in hashed)
