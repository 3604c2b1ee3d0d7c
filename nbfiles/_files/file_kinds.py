"""FILE_KINDS: what is known of each kind of file, from its first bytes to what a question about it costs.

The MIME type is never left to `mimetypes`, which depends on the machine. Data in text form is sent as
text/plain, because the API then takes one upload both as a document and into a container.

To add a kind, add a row: uploads, lists, questions, the check of the model and the estimates follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path, PurePath

from nbfiles._documents import checks, text_bytes, unread
from nbfiles._documents.unread import UnreadKind
from nbfiles._files import file_tokens
from nbfiles._files.file_tokens import ESTIMATED, Counting, Range
from nbfiles.records import FileRecord, Kind

HEAD_BYTES = 65_536  # enough to tell text from binary; a longer look would only cost time

CODE = "container_upload"  # the content block of what only code reads
DOCUMENT = "document"  # the content block that has a title, so that a document is called as in the question

Matches = Callable[[str, bytes], bool]  # suffix in small letters, first `HEAD_BYTES` bytes

PDF_WITHIN = 1024  # bytes of whatever precedes a PDF, which viewers skip
HTML_WITHIN, MOST_COMMENTS = 4096, 5  # bytes and comments before the first element of a page
_PDF_LINE = re.compile(rb"\s{0,99}%PDF-\d\.\d[ \t]*(?:[\r\n]\s*|\Z)")
_PDF_OBJECT = re.compile(rb"\d \d{1,5} obj\b")
_SKIPPED = ((b"<?xml", b"?>"), (b"<!--", b"-->"))

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # also how some cameras' raw files begin
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1")  # of AVIF and HEIC
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_RTF = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,99}\{\\rtf")
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:>?From [^\n]*\n)?[!-9;-~]+[ \t]*:")
_WORD, _SLIDES = (".docx", ".docm"), (".pptx", ".pptm")
_DATA_AS_TEXT = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_SHEETS = (".xlsx", ".xlsm", ".xlsb", ".ods")
# Streams of compound files, and how those of old Excel and Word begin, which mostly are in the first sector.
_ENCRYPTED, _BOOK = "EncryptedPackage".encode("utf-16-le"), "Workbook".encode("utf-16-le")
_FIRST_SECTOR, _OLD_OFFICE = 512, (b"\x09\x08\x10\0\0\x06\x05\0", b"\xec\xa5")


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file.

    `name` is the kind that people see, `matches` recognises it. It is sent as `mime_type` in a content block of
    the type `block`, which `read_as` says in words, to a model that has the abilities `needs`, each with its
    words. `converter` and `converter_without_code` name the reader of `_documents/readers/office` that makes the text
    that is sent instead: always, or for who asks without code. `check` returns what to know before asking, and
    raises DocumentError for what cannot be read; `refusal` is why none of the kind can be. `estimate` counts
    tokens from the file, where it is here, or its size in bytes.
    """

    name: str
    matches: Matches
    mime_type: str
    block: str
    read_as: str
    estimate: Callable[[FileRecord, Counting], Range] = file_tokens.of_text_file
    needs: Mapping[str, str] = field(default_factory=dict)
    converter: str | None = None
    converter_without_code: str | None = None
    check: Callable[[Path], str] | None = None
    refusal: str = ""


def is_text(_suffix: str, head: bytes) -> bool:
    """Return whether a file begins as text in UTF-8."""
    return text_bytes.is_utf8(head, whole=len(head) < HEAD_BYTES)


def _is_old_text(_suffix: str, head: bytes) -> bool:
    """Return whether a head is text, and not in UTF-8."""
    return not is_text("", head) and text_bytes.is_older_text(head)


def _is_any_text(head: bytes) -> bool:
    return is_text("", head) or text_bytes.is_older_text(head)


def begins(*magic: bytes, suffixes: tuple[str, ...] = ()) -> Matches:
    """Return a test of the first bytes, and of the suffix where only some are meant."""
    return lambda suffix, head: head.startswith(magic) and (not suffixes or suffix in suffixes)


def _encrypted(suffix: str, head: bytes) -> bool:
    """Return whether an office file has a password: it is no zip then, but a compound file, as those of old are.

    Its folder names its streams; where it is not within the head, the first sector may tell an old file.
    """
    if not head.startswith(_COMPOUND) or suffix not in (*_WORD, *_SLIDES, *_SHEETS, ".epub"):
        return False
    return _ENCRYPTED in head or not (_BOOK in head or head.startswith(_OLD_OFFICE, _FIRST_SECTOR))


def _old_text(*suffixes: str) -> Matches:
    return lambda suffix, head: suffix in suffixes and _is_old_text(suffix, head)


def _not_text(*magic: bytes, suffixes: tuple[str, ...]) -> Matches:
    """Return a test of first bytes that a text may begin with, too; the suffix tells where nothing follows."""
    starts = begins(*magic)
    return lambda suffix, head: starts(suffix, head) and (suffix in suffixes or not is_text(suffix, head))


def _pdf(suffix: str, head: bytes) -> bool:
    """Return whether a file is a PDF, and not a text or an archive that mentions how one begins."""
    if b"%PDF-" not in head[:PDF_WITHIN] or head.startswith((_ZIP, _COMPOUND)):
        return False
    if suffix == ".pdf" or not _is_any_text(head):
        return True
    if not (first_line := _PDF_LINE.match(head)):
        return False
    return first_line.end() == len(head) or bool(_PDF_OBJECT.search(head))


def _web_page(suffix: str, head: bytes) -> bool:
    if not _is_any_text(head):
        return False
    return suffix in (".html", ".htm", ".xhtml") or _html_start(head).startswith((b"<!doctype html", b"<html"))


def _html_start(head: bytes) -> bytes:
    """Return how a page begins, without byte order mark, XML declaration and comments, in small letters."""
    mark, _ = text_bytes.mark_encoding(head) or (b"", "")
    start = head[len(mark) : HTML_WITHIN].replace(b"\0", b"").lstrip()
    for _ in range(MOST_COMMENTS):
        end = next((end for begin, end in _SKIPPED if start.startswith(begin)), None)
        if end is None or end not in start:
            break
        start = start.partition(end)[2].lstrip()
    return start[:20].lower()


def _notebook(suffix: str, head: bytes) -> bool:
    return suffix == ".ipynb" and head.lstrip()[:1] in (b"<", b"{") and is_text(suffix, head)


def _mail(suffix: str, head: bytes) -> bool:
    """Return whether a file is a mail or a saved web archive: text whose first lines are headers."""
    return suffix in (".eml", ".mht", ".mhtml") and _HEADER.match(head) is not None and b"\0" not in head


def _webp(_suffix: str, head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _other_image(suffix: str, head: bytes) -> bool:
    """Return whether a file is an image in a format that the API does not take."""
    if head[4:8] == b"ftyp":
        return head[8:12] in _PICTURE_BRANDS
    is_bitmap = head.startswith(b"BM") and head[6:10] == bytes(4) and not _is_any_text(head)
    return is_bitmap or (head.startswith(_TIFF) and suffix in (".tif", ".tiff", ""))


_TEXT = FileKind(Kind.TEXT, is_text, "text/plain", DOCUMENT, "document, cited by passage")
_IMAGE = FileKind(
    Kind.IMAGE,
    begins(b"\x89PNG\r\n\x1a\n"),
    "image/png",
    "image",
    "image",
    estimate=file_tokens.of_image,
    needs={"image_input": "read images"},
    check=checks.image,
)
_BINARY = FileKind(
    Kind.DATA,
    lambda _suffix, _head: True,
    "application/octet-stream",
    CODE,
    "data for code",
)

# What is not UTF-8, or not to its end, is read in its own encoding.
OLDER_TEXT = replace(_TEXT, matches=_is_old_text, converter="plain")

# The first row that matches is the kind.
FILE_KINDS: tuple[FileKind, ...] = (
    replace(_BINARY, matches=_encrypted, refusal="is encrypted. Save it without a password first."),
    replace(
        _BINARY,
        matches=begins(_COMPOUND, suffixes=(*_WORD, *_SLIDES, ".epub")),
        refusal="is not what its name says, but a file of an old Office program. Save it anew as .docx or .pptx.",
    ),
    replace(_TEXT, matches=begins(_ZIP, suffixes=_WORD), converter="docx"),
    replace(_TEXT, matches=begins(_ZIP, suffixes=_SLIDES), converter="pptx"),
    replace(_TEXT, matches=begins(_ZIP, suffixes=(".epub",)), converter="epub"),
    replace(_TEXT, matches=begins(_COMPOUND, suffixes=(".msg",)), converter="msg"),
    replace(_TEXT, matches=lambda _suffix, head: _RTF.match(head) is not None, converter="rtf"),
    replace(_TEXT, matches=_mail, converter="mail"),
    replace(_TEXT, matches=_web_page, converter="html"),
    replace(_TEXT, matches=_notebook, converter="ipynb"),
    FileKind(
        Kind.PDF,
        _pdf,
        "application/pdf",
        DOCUMENT,
        "document, cited by page",
        estimate=file_tokens.of_pdf,
        needs={"pdf_input": "read PDFs"},
        check=checks.pdf,
    ),
    _IMAGE,
    replace(_IMAGE, matches=begins(b"\xff\xd8\xff"), mime_type="image/jpeg"),
    replace(_IMAGE, matches=_not_text(b"GIF87a", b"GIF89a", suffixes=(".gif",)), mime_type="image/gif"),
    replace(_IMAGE, matches=_webp, mime_type="image/webp"),
    replace(_IMAGE, matches=_other_image, converter="image"),
    replace(_BINARY, matches=lambda s, head: s in _DATA_AS_TEXT and is_text(s, head), mime_type="text/plain"),
    _TEXT,
    replace(_BINARY, matches=_old_text(*_DATA_AS_TEXT), converter_without_code="plain"),
    OLDER_TEXT,
    replace(_BINARY, matches=begins(_ZIP, suffixes=(*_SHEETS, ".xls")), converter_without_code="xlsx"),
    replace(_BINARY, matches=begins(_COMPOUND, suffixes=(*_SHEETS, ".xls")), converter_without_code="xls"),
    replace(_BINARY, matches=_not_text(b"PAR1", suffixes=(".parquet",)), converter_without_code="parquet"),
    _BINARY,
)

_EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
}


def recognise(name: str, head: bytes) -> FileKind:
    """Return what a file to upload is, from its name and its first `HEAD_BYTES` bytes."""
    suffix = PurePath(name).suffix.lower()
    return next(row for row in FILE_KINDS if row.matches(suffix, head))


def of_whole(row: FileKind, head: bytes, handle: BufferedReader) -> FileKind:
    """Return the row of a file of which all is looked at, where its head was UTF-8; `handle` is behind the head."""
    if row is not _TEXT:
        return row
    rows = {text_bytes.UTF8: row, text_bytes.OLDER: OLDER_TEXT, text_bytes.BINARY: _BINARY}
    return rows[text_bytes.kind_of_rest(head, handle)]


def as_it_is(name: str, head: bytes) -> FileKind:
    """Return what a file is that is not converted, such as one that code made."""
    suffix = PurePath(name).suffix.lower()
    return next(row for row in FILE_KINDS if not row.converter and not row.refusal and row.matches(suffix, head))


def of_record(record: FileRecord) -> FileKind:
    """Return the row of a file's kind."""
    return named(record.kind)


def unread_kind(record: FileRecord) -> UnreadKind | None:
    """Return what a file on this machine is that is recognised as one that nothing here reads."""
    try:
        with (record.path or Path()).open("rb") as handle:
            return unread.named(record.name, handle.read(HEAD_BYTES))
    except OSError:
        return None


def named(kind: str) -> FileKind:
    """Return the row of a kind; of one that nobody knows any more, that of data."""
    return next((row for row in FILE_KINDS if row.name == kind and not row.refusal), _BINARY)


def of_remote(filename: str, mime_type: str) -> FileKind:
    """Return how a file of the workspace is read, of which only name and type are known."""
    by_name = as_it_is(filename, b"a")
    if by_name.name == Kind.DATA:
        return by_name
    rows = (row for row in FILE_KINDS if row.mime_type == mime_type and row.block != CODE)
    return next(rows, named(Kind.IMAGE) if mime_type.startswith("image/") else _BINARY)


def tokens(record: FileRecord, counting: Counting = ESTIMATED, block: str | None = None) -> Range:
    """Return how many tokens a file adds to a question, in a content block of its kind or of this type."""
    row = of_record(record)
    if (block or row.block) == CODE:
        return counting.in_container
    return row.estimate(record, counting)


def extension(mime_type: str) -> str:
    """Return the extension for what has a type and no name."""
    return _EXTENSIONS.get(mime_type, ".bin")
