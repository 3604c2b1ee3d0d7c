"""UNREAD: binary files that nothing here makes text or a table of, recognised by their first bytes, and what to do.

Code in a question may read some of them, and so may code that Claude runs: they are uploaded as they are, with a note.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from nbfiles._documents import text_bytes

_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# What a container reads by its name, whether it can or not: it says what is wrong with one.
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True, slots=True)
class UnreadKind:
    """A kind of file by suffix in small letters and first bytes: `what` it is, and what to do to have it read."""

    what: str
    todo: str
    matches: Callable[[str, bytes], bool]

    @property
    def note(self) -> str:
        """What to know before asking about it."""
        return f"{self.what}. {self.todo} to have it read"


def _begins(*magic: bytes, suffixes: tuple[str, ...] = ()) -> Callable[[str, bytes], bool]:
    return lambda suffix, head: head.startswith(magic) and (not suffixes or suffix in suffixes)


def _riff(_suffix: str, head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] in (b"WAVE", b"AVI ")


def _iso_media(_suffix: str, head: bytes) -> bool:
    """Return whether a file is video or audio in the container of MPEG-4, which may also hold images."""
    return head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1")


def _tar(_suffix: str, head: bytes) -> bool:
    return head[257:262] == b"ustar"


_PACKED = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!\x1a", b"BZh", b"\xfd7zXZ", b"\x28\xb5/\xfd")
_PROGRAMS = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_AUDIO_OR_VIDEO = "an audio or video file"
_TRANSCRIBE = "Transcribe it, and upload the transcript"
_ARCHIVE = "Unpack it, and upload the files"
_AS_PDF = "Save it as PDF"
UNREAD: tuple[UnreadKind, ...] = (
    UnreadKind("an old Word file", "Save it as .docx", _begins(_COMPOUND, suffixes=(".doc", ".dot"))),
    UnreadKind("an old PowerPoint file", "Save it as .pptx", _begins(_COMPOUND, suffixes=(".ppt", ".pps", ".pot"))),
    UnreadKind(
        "a file of an old Office program", _AS_PDF, lambda s, head: s not in _TABLES and head.startswith(_COMPOUND)
    ),
    UnreadKind("an OpenDocument text", "Save it as .docx", _begins(_ZIP, suffixes=(".odt", ".ott"))),
    UnreadKind("an OpenDocument presentation", "Save it as .pptx", _begins(_ZIP, suffixes=(".odp", ".otp"))),
    UnreadKind("an iWork file", _AS_PDF, _begins(_ZIP, suffixes=(".pages", ".numbers", ".key"))),
    UnreadKind("a DjVu file", _AS_PDF, _begins(b"AT&TFORM")),
    UnreadKind("a Kindle book", "Convert it to EPUB", lambda _s, head: head[60:68] in (b"BOOKMOBI", b"TEXtREAd")),
    UnreadKind(_AUDIO_OR_VIDEO, _TRANSCRIBE, _riff),
    UnreadKind(_AUDIO_OR_VIDEO, _TRANSCRIBE, _iso_media),
    UnreadKind(_AUDIO_OR_VIDEO, _TRANSCRIBE, _begins(b"ID3", b"OggS", b"fLaC", b"MThd", b"\x1aE\xdf\xa3", b"FLV\x01")),
    UnreadKind(
        "an audio file", _TRANSCRIBE, _begins(b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", suffixes=(".mp3", ".aac", ".mp2"))
    ),
    UnreadKind("an archive", _ARCHIVE, lambda s, head: head.startswith(_ZIP) and s not in (*_TABLES, ".npz")),
    UnreadKind("an archive", _ARCHIVE, _begins(*_PACKED)),
    UnreadKind("an archive", _ARCHIVE, _tar),
    UnreadKind("a program", "Upload its source code", _begins(*_PROGRAMS)),
    UnreadKind("a database", "Export its tables as CSV", _begins(b"SQLite format 3\0")),
)
UNKNOWN = UnreadKind("a binary file of an unknown kind", "Save it as text, CSV, PDF or an image", _begins(b""))


def named(name: str, head: bytes) -> UnreadKind | None:
    """Return what a file is that is recognised as one that nothing here reads."""
    suffix = PurePath(name).suffix.lower()
    if _is_text(head):
        return None
    return next((row for row in UNREAD if row.matches(suffix, head)), None)


def of_data(name: str, head: bytes) -> UnreadKind | None:
    """Return what a data file is that is neither a table nor a text."""
    if kind := named(name, head):
        return kind
    return UNKNOWN if PurePath(name).suffix.lower() not in _TABLES and not _is_text(head) else None


def _is_text(head: bytes) -> bool:
    return text_bytes.is_utf8(head, whole=False) or text_bytes.is_older_text(head)
