"""The whole workspace: what is in it, whose it is, and how it is tidied up. Holds one page at a time."""

from __future__ import annotations

import contextlib
import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from nbfiles._files import file_kinds, filenames
from nbfiles._files.index import FileIndex
from nbfiles.errors import BadInput, FileGone, Spelled, Stopped, UnknownName
from nbfiles.limits import LONGEST_SIDE, SMALLER_SIDE
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord, Kind, RemoteFile

QUOTA_BYTES = 10**12  # of an organization (documentation of November 2026)
QUOTA_WARNING = 0.8  # of it
SHOWN = 100  # files in one output; more make a notebook heavy
# Of the id, `RemoteFile.label`; three full stops are what a keyboard has.
_LABEL = re.compile(r"(?:…|\.\.\.)(\w{4,})")

WHAT_IS_THERE = Spelled("nbfiles.workspace.listed(everything=True)", "%files --all")


@redacted_repr
@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the workspace, and the `record` of it where nbfiles put it there; `here`: in this kernel.

    `used_by` are the other names of this kernel for the same upload, where only the one of the record was meant.
    """

    remote: RemoteFile
    record: FileRecord | None
    here: bool
    used_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name here, or the one it has in the workspace."""
        return self.record.name if self.record else self.remote.filename

    @property
    def kind(self) -> str:
        """How it is read."""
        return self.record.kind if self.record else _kind(self.remote)

    @property
    def is_copy(self) -> bool:
        """Whether it is a smaller copy of an image."""
        return bool(self.record and self.record.longest_side)

    @property
    def made_by_code(self) -> bool:
        """Whether Claude's code wrote it: of uploads, the API gives nothing back."""
        return self.remote.downloadable

    @property
    def whose(self) -> str:
        """Who put it there, as far as it is known."""
        return "this notebook" if self.here else "you, earlier" if self.record else "not known"


SORTS: dict[str, Callable[[Entry], float | str]] = {
    "age": lambda entry: -entry.remote.created_at.timestamp(),
    "name": lambda entry: filenames.key(entry.name),
    "size": lambda entry: -entry.remote.size_bytes,
    "expiry": lambda e: e.remote.expires_at.timestamp() if e.remote.expires_at else float("inf"),
}


@dataclass(frozen=True, slots=True)
class WorkspaceUsage:
    """What the workspace holds: `files` and `size_bytes`, of them `mine`, `generated` and `expired` files."""

    files: int
    size_bytes: int
    mine: int
    generated: int
    expired: int

    @property
    def share(self) -> float:
        """Of the storage quota, from 0 to 1."""
        return self.size_bytes / QUOTA_BYTES


class RemoteWorkspace:
    """The files of the workspace joined with what this machine knows of them."""

    def __init__(self, index: FileIndex) -> None:
        self._index = index

    def entries(self, pattern: str = "*") -> Iterator[Entry]:
        """Yield the files whose names match a glob, newest first, a request for a thousand."""
        pattern_key = filenames.key(pattern)
        for page in self._index.workspace().pages():
            for entry in self._joined(page):
                if fnmatchcase(filenames.key(entry.name), pattern_key):
                    yield entry

    def listing(self, pattern: str = "*", sort: str | None = None) -> tuple[list[Entry], bool]:
        """Return the first `SHOWN` files in an order, and whether there are more."""
        entries = self.entries(pattern)
        if sort is None:
            first = [entry for entry, _ in zip(entries, range(SHOWN + 1), strict=False)]
        else:
            first = heapq.nsmallest(SHOWN + 1, entries, key=SORTS[sort])
        return first[:SHOWN], len(first) > SHOWN

    def named(self, names: Iterable[str]) -> list[Entry]:
        """Return the files of these names, globs or labels, of this kernel or else of the workspace."""
        by_name: dict[tuple[str, str], Entry] = {}
        for name in names:
            entries = self._labelled(name) or self._here(name) or list(self.entries(name))
            if not entries:
                raise self._index.registry.unknown(name)
            by_name |= {(entry.remote.file_id, entry.name): entry for entry in entries}
        return [
            replace(entry, used_by=tuple(n for n in entry.used_by if (entry.remote.file_id, n) not in by_name))
            for entry in by_name.values()
        ]

    def old(self, older_than: timedelta, *, generated: bool = False, mine: bool = False) -> tuple[list[Entry], int]:
        """Return the files of ours before a time, and how many others are as old.

        `generated` are those that code made, `mine` those that were uploaded; without either, both.
        """
        before = datetime.now(UTC) - older_than
        old = [entry for entry in self.entries() if entry.remote.created_at <= before]
        ours = [entry for entry in old if entry.record]
        either = generated == mine
        return [e for e in ours if either or e.made_by_code == generated], len(old) - len(ours)

    def delete(self, entries: Sequence[Entry]) -> None:
        """Delete files, except uploads that another name uses, of which only the name goes.

        Raises Stopped when the user interrupts: doing it again goes on where it stopped.
        """
        deleted: list[str] = []
        try:
            for entry in entries:
                file_id = entry.remote.file_id
                if entry.used_by and entry.record:
                    self._index.registry.discard(entry.record)
                    continue
                if file_id in deleted:
                    continue
                with contextlib.suppress(FileGone):  # somebody else was faster
                    self._index.workspace().delete(file_id)
                deleted.append(file_id)
                deleted += self._without_copies(entry.record)
        except KeyboardInterrupt:
            raise Stopped(
                f"{len(deleted)} of {len(entries)} files were deleted. To delete the others, run the cell again."
            ) from None
        finally:
            self._index.forget(deleted)

    def _without_copies(self, record: FileRecord | None) -> list[str]:
        """Delete the smaller copies of an image that goes; returns their file_ids."""
        if record is None or record.kind != Kind.IMAGE or record.longest_side:
            return []
        keys = [replace(record, longest_side=side).key for side in (SMALLER_SIDE, LONGEST_SIDE)]
        copies = [copy.file_id for copy in self._index.uploads(keys) if copy.remote_name == record.remote_name]
        for file_id in copies:
            with contextlib.suppress(FileGone):
                self._index.workspace().delete(file_id)
        return copies

    def usage(self) -> WorkspaceUsage:
        """Add up what the workspace holds; expired files count no more."""
        files = size = mine = generated = expired = 0
        for entry in self.entries():
            if entry.remote.expired:
                expired += 1
                continue
            files += 1
            size += entry.remote.size_bytes
            mine += entry.record is not None
            generated += entry.made_by_code
        return WorkspaceUsage(files, size, mine, generated, expired)

    def adopt(self, remote_name: str, name: str | None = None) -> FileRecord:
        """Give a file of the workspace a `name` in this kernel; `remote_name` is its name there, its label or id."""
        entries = self._adoptable(remote_name)
        if not entries:
            raise UnknownName(f"No file “{remote_name}” in the workspace. To see what is there, type: ", WHAT_IS_THERE)
        if len(entries) > 1:
            label = entries[0].remote.label
            raise BadInput(
                f"{len(entries)} files in the workspace are called “{remote_name}”. Take one by its label, which ",
                WHAT_IS_THERE,
                " shows: ",
                Spelled(f"nbfiles.workspace.adopt({label!r})", f"%files adopt {label}"),
            )
        remote = entries[0].remote
        names_in_use = [r.name for r in self._index.registry if r.file_id != remote.file_id]
        record = entries[0].record or FileRecord(
            name=remote.filename,
            file_id=remote.file_id,
            kind=_kind(remote),
            mime_type=remote.mime_type,
            size_bytes=remote.size_bytes,
            created_at=remote.created_at,
            expires_at=remote.expires_at,
            made_by_code=remote.downloadable,
        )
        record = replace(record, name=filenames.unique(name or record.name, names_in_use))
        self._index.registry.add(record)
        self._index.confirm([record.file_id])
        return record

    def sorted(self, records: Iterable[FileRecord], sort: str) -> list[FileRecord]:
        """Return records in one of the orders of `SORTS`."""
        return sorted(records, key=lambda record: SORTS[sort](Entry(_remote(record), record, here=True)))

    def verify(self) -> list[tuple[FileRecord, bool]]:
        """Return this kernel's files, and whether each is still there."""
        records = list(self._index.registry)
        alive = self._index.alive(records, trusted_s=0)
        return [(record, record.file_id in alive) for record in records]

    def _here(self, name: str) -> list[Entry]:
        exact = self._index.registry.find(name)
        records = [exact] if exact else self._index.registry.match(name)
        names: dict[str, list[str]] = {}
        for record in self._index.registry:
            names.setdefault(record.file_id, []).append(record.name)
        return [
            Entry(_remote(r), r, here=True, used_by=tuple(n for n in names.get(r.file_id, ()) if n != r.name))
            for r in records
        ]

    def _labelled(self, name: str) -> list[Entry]:
        """Return the file of a label; raises BadInput where several have it."""
        label = _LABEL.fullmatch(name)
        if not label:
            return []
        entries = [entry for entry in self.entries() if entry.remote.file_id.endswith(label[1])]
        if len(entries) > 1:
            raise BadInput(f"{len(entries)} files in the workspace are labelled “{name}”: take one by its name.")
        return entries

    def _adoptable(self, name: str) -> list[Entry]:
        if name.startswith("file_"):
            return self._by_id(name)
        return [entry for entry in self._labelled(name) or self.entries(name) if not entry.remote.expired]

    def _by_id(self, file_id: str) -> list[Entry]:
        remotes = self._index.workspace().alive([file_id]).values()
        return self._joined([remote for remote in remotes if not remote.expired])

    def _joined(self, page: Sequence[RemoteFile]) -> list[Entry]:
        records = sorted(self._index.registry, key=lambda record: record.remote_name == record.name)
        here = {record.file_id: record for record in records}
        by_id = self._index.cache.by_id([remote.file_id for remote in page]) | here
        return [Entry(r, by_id.get(r.file_id), here=r.file_id in here) for r in page]


def _kind(remote: RemoteFile) -> str:
    return file_kinds.of_remote(remote.filename, remote.mime_type).name


def _remote(record: FileRecord) -> RemoteFile:
    return RemoteFile(
        record.file_id,
        record.name,
        record.mime_type,
        record.size_bytes,
        record.created_at,
        record.expires_at,
        downloadable=record.made_by_code,
    )
