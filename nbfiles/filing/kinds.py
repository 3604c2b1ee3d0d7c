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
_BINARY = "application/octet-stream"


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
