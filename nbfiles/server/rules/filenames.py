"""What becomes of the name and the type that an upload brings (Files guide, "Filename")."""

from __future__ import annotations

import re

from nbfiles.server.errors import invalid

MAX_LENGTH = 255
UNKNOWN_TYPE = "application/octet-stream"

_FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f-\x9f]')
# They end a line, or turn the direction of what follows, so that a name reads as another one.
_UNSEEN = re.compile("[\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
# A multipart client writes these characters percent-coded inside the quotes (WHATWG HTML, form encoding).
_CODED = {"%22": '"', "%0D": "\r", "%0A": "\n"}
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_EXTENSIONS = {  # the first extension of a type is the one that an unnamed file gets
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "application/json": ".json",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/tab-separated-values": ".tsv",
    "application/x-ndjson": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}
_TYPES = {extension: mime_type for mime_type, extension in _EXTENSIONS.items()} | {".jpeg": "image/jpeg"}


def stored_name(original: str, mime_type: str) -> str:
    """Return the name that is kept: the last path component, or `unnamed` and an extension."""
    name = original
    for coded, plain in _CODED.items():
        name = name.replace(coded, plain)
    name = _UNSEEN.sub("", name.rsplit("/", 1)[-1])
    if name in ("", ".", ".."):
        return "unnamed" + _EXTENSIONS.get(mime_type, "")
    if len(name) > MAX_LENGTH:
        raise invalid(f"filename: must be 1 to {MAX_LENGTH} characters long")
    if _FORBIDDEN.search(name):
        raise invalid('filename: must not contain < > : " | ? * \\ / or control characters')
    return name


def repaired(name: str) -> str:
    """Return a name that fits the rules, for a file that code made."""
    plain = _UNSEEN.sub("", name.encode("utf-8", "replace").decode())
    return _FORBIDDEN.sub("_", plain)[-MAX_LENGTH:] or "unnamed"


def by_extension(name: str) -> str:
    """Return the type that a name shows; a table of ours, as `mimetypes` differs between machines."""
    extension = name[name.rfind(".") :].lower() if "." in name else ""
    return _TYPES.get(extension, UNKNOWN_TYPE)


def media_type(declared: str, name: str, head: bytes) -> str:
    """Return the type of a part: the declared one, else what its name and its first bytes both show.

    Octets are what a client declares that does not know. Only types that a content block takes come of it.
    """
    if declared not in ("", UNKNOWN_TYPE):
        return declared
    shown = detected(head)
    return shown if not declared or "." not in name or by_extension(name) == shown else UNKNOWN_TYPE


def detected(head: bytes) -> str:
    """Return the type that the first bytes show, for a part that names none."""
    for signature, mime_type in _SIGNATURES:
        if head.startswith(signature):
            return mime_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "text/plain" if _is_text(head) else UNKNOWN_TYPE


def _is_text(head: bytes) -> bool:
    try:
        head[:-4].decode("utf-8")  # the last bytes may be half a character
    except UnicodeDecodeError:
        return False
    return b"\x00" not in head
