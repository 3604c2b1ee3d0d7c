"""How Claude reads a file, decided by its first bytes and its name, and the MIME type it is sent with.

The type is never left to `mimetypes`, which depends on the machine. Data in text form is sent as
text/plain, because the API then takes one upload both as a document and into a container.
"""

from __future__ import annotations

import codecs
from pathlib import PurePath

from nbfiles.records import Kind

HEAD_BYTES = 65_536  # enough to tell text from binary; a longer look would only cost time

_IMAGES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
_DATA_AS_TEXT = {".csv", ".tsv", ".json", ".jsonl", ".ndjson"}
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ZIPPED = {".docx": "docx", ".docm": "docx", ".pptx": "pptx", ".pptm": "pptx", ".epub": "epub"}
_BINARY = "application/octet-stream"
_WORDS = {".txt", ".md", ".rst", ".log", ".tex"}  # text by name; what is not UTF-8 is read in its own coding
_BOOKS = {".xlsx": "xlsx", ".xlsm": "xlsx", ".xlsb": "xlsx", ".ods": "xlsx", ".xls": "xls"}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\f\r\x1b")


def classify(name: str, head: bytes) -> tuple[Kind, str]:
    """Return the kind and the MIME type of a file from its name and its first `HEAD_BYTES` bytes."""
    if b"%PDF-" in head[:1024]:
        return Kind.PDF, "application/pdf"
    for magic, mime_type in _IMAGES:
        if head.startswith(magic):
            return Kind.IMAGE, mime_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.IMAGE, "image/webp"
    if not _is_text(head):
        return Kind.DATA, _BINARY
    kind = Kind.DATA if PurePath(name).suffix.lower() in _DATA_AS_TEXT else Kind.TEXT
    return kind, "text/plain"


def converter(name: str, head: bytes) -> str | None:
    """Return which reader of documents/readers makes text of a file that Claude cannot read as it is."""
    suffix = PurePath(name).suffix.lower()
    if head.startswith(_ZIP):
        return _ZIPPED.get(suffix)
    if suffix in _WORDS and _is_old_text(head):
        return "plain"
    if not _is_text(head) or head.lstrip()[:1] not in (b"<", b"{"):
        return None
    start = head.lstrip()[:100].lower()
    if suffix in (".html", ".htm", ".xhtml") or start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "ipynb" if suffix == ".ipynb" else None


def table_reader(name: str, head: bytes) -> str | None:
    """Return which reader makes text of data that is none, for who asks about it without code."""
    suffix = PurePath(name).suffix.lower()
    if head.startswith((_ZIP, _COMPOUND)):
        return _BOOKS.get(suffix)
    if head.startswith(b"PAR1"):
        return "parquet"
    return "plain" if suffix in _DATA_AS_TEXT and _is_old_text(head) else None


def is_encrypted(name: str, head: bytes) -> bool:
    """Tell whether an office file has a password: then it is no zip, but an old compound file."""
    return head.startswith(_COMPOUND) and PurePath(name).suffix.lower() in (*_ZIPPED, ".xlsx")


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


def extension(mime_type: str) -> str:
    """Return the extension for what has a type and no name."""
    return _EXTENSIONS.get(mime_type, ".bin")


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        # Not final: the last character may be cut at the end of the head.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return True


def _is_old_text(head: bytes) -> bool:
    """Tell whether a head is text in UTF-16, or in one byte a letter as Windows wrote it."""
    if _is_text(head):
        return False
    return head.startswith(_UTF_16) or head.translate(None, _CONTROLS) == head
