"""Values that all parts share: a file in the workspace, how it is read, where requests go. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from nbfiles import page_ranges
from nbfiles.errors import Spelled
from nbfiles.private_values import private, redacted_repr
from nbfiles.redact import redact

JSON = dict[str, Any]  # an object of a request or a reply

LOCAL_SERVER = "nbfiles_local_server"  # type of the event that says, before an answer, that the local server gives it

SOON_SHARE, SOON_MOST = 0.1, timedelta(days=1)  # of a file's life; time enough to upload it again


class Kind(str):
    """A kind of file, by the name that people see; `FILE_KINDS` says what is known of each."""

    __slots__ = ()
    PDF: ClassVar[Kind]
    TEXT: ClassVar[Kind]
    IMAGE: ClassVar[Kind]
    DATA: ClassVar[Kind]

    @property
    def value(self) -> str:
        """The name, as members of an enumeration have it."""
        return str(self)


Kind.PDF, Kind.TEXT, Kind.IMAGE, Kind.DATA = map(Kind, ("PDF", "text", "image", "data"))


@redacted_repr
@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What the Files API says about one file (FileMetadata, checked); `size_bytes` in bytes, times aware."""

    file_id: str = field(repr=False)
    filename: str
    mime_type: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime | None = None
    downloadable: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "file_id", private(self.file_id))

    @property
    def label(self) -> str:
        """A few characters that tell it from others, and can be shown and typed: `…6V8w`."""
        return f"…{self.file_id[-4:]}"

    @property
    def expired(self) -> bool:
        """Whether its time is over; the API still lists an expired file for up to 30 days."""
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)

    @property
    def ends_soon(self) -> bool:
        """Whether the last tenth of its life has begun, or the last day."""
        return _ends_soon(self.created_at, self.expires_at)


@redacted_repr
@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file that code made comes from.

    `step` counts the answer's steps of code from 1, `inputs` are name and SHA-256 of what was in the
    container, `container` is a short name of it, the same for as long as it lives; its id stays out.
    """

    step: int
    inputs: tuple[tuple[str, str | None], ...] = ()
    container: str = ""


@redacted_repr
@dataclass(frozen=True, slots=True)
class CheckedImage:
    """A picture that a browser can show: its type by content, its size in pixels."""

    mime_type: str
    width: int
    height: int
    data: bytes = field(repr=False)


@redacted_repr
@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a generated file, read once, when it arrived; views only draw it.

    `table` is rows of cells, the first one headers, of the sheet `sheet`; `lines` are those of a text; `page` is
    HTML without what runs or fetches; `picture` an image, or the first of the `pages` of a PDF; `drawing` an SVG.
    `notes` say what is left out, or why there is nothing to see.
    """

    table: tuple[tuple[str, ...], ...] = ()
    sheet: str | None = None
    lines: tuple[str, ...] = ()
    page: str = field(default="", repr=False)
    picture: CheckedImage | None = None
    pages: int = 0
    drawing: bytes = field(default=b"", repr=False)
    notes: tuple[str, ...] = ()


UNKNOWN_SIZE = -1  # in bytes, of a file that was made, but could not be looked up yet


@redacted_repr
@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file in the workspace under a short name.

    `size_bytes` counts bytes, or is UNKNOWN_SIZE; times are timezone-aware. `file_id` and `path` stay out of the
    repr, and their own reprs are redacted, so that a saved notebook holds neither, also not through
    `dataclasses.asdict`.
    `made_by_code` marks what Claude's code wrote, `converted` what was uploaded as the text of the file; `sha256` is
    always that of the file itself. `origin` says how code made it, and `path` is None where it was not downloaded;
    `preview` is its beginning. `remote_name` is the name of its upload, which code finds it by: that of another file
    with the same contents where documents share an upload, else its own. `kind` is a `Kind`, however it is given.
    `pages` are those of a PDF that were uploaded, such as `3-20`, where not all were. `longest_side` is that of a
    smaller copy of an image, in pixels; 0 is the image as it is. `characters` are those of a text as it was sent; 0
    is unknown.
    """

    name: str
    file_id: str = field(repr=False)
    kind: str
    mime_type: str
    size_bytes: int
    created_at: datetime = field(repr=False)
    expires_at: datetime | None = field(default=None, repr=False)
    sha256: str | None = field(default=None, repr=False)
    path: Path | None = field(default=None, repr=False)
    made_by_code: bool = field(default=False, repr=False)
    converted: bool = field(default=False, repr=False)
    origin: Origin | None = field(default=None, repr=False)
    preview: Preview = field(default=Preview(), repr=False, compare=False)
    remote_name: str = field(default="", repr=False)
    pages: str = field(default="", repr=False)
    longest_side: int = field(default=0, repr=False)
    characters: int = field(default=0, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "remote_name", self.remote_name or self.name)
        object.__setattr__(self, "kind", Kind(self.kind))
        for name in ("file_id", "path"):
            object.__setattr__(self, name, private(getattr(self, name)))

    @property
    def variant(self) -> str:
        """What was made of the bytes, by the kind that the name tells: as they are, or their text."""
        return variant(
            self.kind, self.mime_type, converted=self.converted, pages=self.pages, longest_side=self.longest_side
        )

    @property
    def title(self) -> str:
        """What a document is called in a question: its name, or which pages it is of what."""
        if not self.pages:
            return self.name
        return f"{self.name.removesuffix(f'[{self.pages}]')}, {page_ranges.in_words(self.pages)}"

    @property
    def for_code_only(self) -> bool:
        """Whether only code can read it, as the API makes a document of nothing but PDF and plain text."""
        return self.mime_type not in ("application/pdf", "text/plain") and not self.mime_type.startswith("image/")

    @property
    def key(self) -> tuple[str, str]:
        """What two uploads share that hold the same and are read the same way, whatever their names.

        What code made is not an upload: the API has chosen its type, and may not take it as a document.
        """
        return (self.file_id if self.made_by_code else self.sha256 or self.file_id), self.variant

    @property
    def expired(self) -> bool:
        """Whether its time is over, so that it must be uploaded again."""
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)

    @property
    def ends_soon(self) -> bool:
        """Whether the last tenth of its life has begun, or the last day."""
        return _ends_soon(self.created_at, self.expires_at)


def _ends_soon(created: datetime, expires: datetime | None) -> bool:
    if expires is None:
        return False
    left = expires - datetime.now(UTC)
    return timedelta(0) < left <= min((expires - created) * SOON_SHARE, SOON_MOST)


def ending(records: Iterable[FileRecord]) -> tuple[str, ...]:
    """Say of each file that expires soon, when, and how to keep it."""
    return tuple(
        f"“{record.name}” expires at {record.expires_at.astimezone():%H:%M}. To keep it, type: "
        f"{Spelled(f'nbfiles.upload({record.name!r}, again=True)', f'%upload --again {typed(record.name)}')}"
        for record in records
        if record.expires_at and record.ends_soon
    )


READERS = 2  # what readers make of files; raised when they keep more, so that texts of before are made anew


def variant(kind: str, mime_type: str, *, converted: bool, pages: str = "", longest_side: int = 0) -> str:
    """Return how the bytes of a file are uploaded and read, by which its uploads are told apart."""
    made = f", text {READERS}" if converted else f", pages {pages}" if pages else ""
    smaller = f", at most {longest_side} pixels" if longest_side else ""
    return f"{kind}, {mime_type}{made}{smaller}"


def usable(uploads: Sequence[FileRecord], name: str, *, any_name: bool) -> list[FileRecord]:
    """Return the uploads that may stand for a file of this name: its own, and behind it those of `any_name`."""
    own = [record for record in uploads if record.remote_name == name]
    return [*own, *(record for record in uploads if any_name and record.remote_name != name)]


def typed(name: str) -> str:
    """Return a name as it is typed behind a magic."""
    return f'"{name}"' if " " in name else name


class Files(tuple[FileRecord, ...]):
    """FileRecords in order; a notebook shows them as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        return redact(f"Files({', '.join(record.name for record in self)})")

    def df(self) -> Any:
        """Return the records as a table; needs pandas.

        Returns
        -------
        pandas.DataFrame
            A row per file: name, kind, size in bytes, when it was created and when it expires, and whether code
            made it.

        """
        import pandas as pd  # type: ignore[import-untyped]

        columns = ("name", "kind", "size_bytes", "created_at", "expires_at", "made_by_code")
        return pd.DataFrame([{c: getattr(record, c) for c in columns} for record in self], columns=columns)


class LiveFiles(Files):
    """The files whose names match `pattern`, in the order of `sort`; shown as a live table."""

    pattern: str = "*"
    sort: str | None = None


@redacted_repr
@dataclass(frozen=True, slots=True)
class Progress:
    """How far one file is: `state` in words, `sent` of `size_bytes` bytes, `note` for what is to be known."""

    name: str
    state: str = "waiting"
    size_bytes: int = 0
    sent: int = 0
    note: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to this file."""
        return self.state in ("uploaded", "already there", "failed", "cancelled")
