"""READERS: what reads foreign bytes in the limited child, and how much each may take.

To add a reader, write a function in `readers/` and add its row. The function gets the path or the bytes of
its file and JSON arguments, and returns a JSON value or a `ReaderResult`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MB = 1_000_000
BOOKS = 20 * MB  # bytes of text; more than any question can hold
PICTURES = 30 * MB  # bytes; pictures of up to 20 MB are shown


class DocumentError(Exception):
    """The document cannot be read: it is encrypted, broken, or not what it says."""


class MissingReader(DocumentError):
    """The document may be well: the package that reads it is not installed."""


class PasswordNeeded(DocumentError):
    """The document is encrypted, and no password was given, or another one than it has."""


class ReaderError(Exception):
    """The file is not to be read, with the reason in words that go on a sentence about it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job of a reader may take: seconds of processor time, and bytes.

    `data_bytes` is what the child may write to in memory, `address_bytes` what it may map, for systems that count
    nothing else. `output_bytes` bounds its answer and each file that it writes.
    """

    cpu_s: int
    data_bytes: int
    address_bytes: int
    output_bytes: int


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A reader: its module in `readers/` and function, and its limits."""

    module: str
    function: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class ReaderResult:
    """What a reader returns besides JSON: bytes, such as a picture."""

    value: Any
    data: bytes = b""


# Measured in November 2026: a thousand-page Word file takes 140 MB, 600 pages of PDF 0.8 s and 60 MB, a picture
# of a page 0.1 s and 90 MB. Python and the libraries are 30 to 70 MB of the data.
_OFFICE = Limits(cpu_s=20, data_bytes=280 * MB, address_bytes=1024 * MB, output_bytes=2 * BOOKS)
_PDF_TEXT = Limits(cpu_s=30, data_bytes=300 * MB, address_bytes=1024 * MB, output_bytes=2 * BOOKS)
_PAGE = Limits(cpu_s=10, data_bytes=300 * MB, address_bytes=1024 * MB, output_bytes=PICTURES)
# Pages are copied as they are, not unpacked; the largest PDF that can be sent is 500 MB.
_PDF_PART = Limits(cpu_s=60, data_bytes=1200 * MB, address_bytes=4096 * MB, output_bytes=500 * MB)
_HEADER = Limits(cpu_s=5, data_bytes=200 * MB, address_bytes=1024 * MB, output_bytes=PICTURES)
# Forty megapixels, of four bytes each, and what they are converted to.
_IMAGE = Limits(cpu_s=30, data_bytes=300 * MB, address_bytes=1024 * MB, output_bytes=4 * PICTURES)
_COPY = Limits(cpu_s=30, data_bytes=300 * MB, address_bytes=1024 * MB, output_bytes=290 * MB)
# An image of up to 179 megapixels, where Pillow refuses more, unpacked once.
_LARGE_IMAGE = Limits(cpu_s=60, data_bytes=1000 * MB, address_bytes=2048 * MB, output_bytes=4 * PICTURES)
_WEB_PAGE = Limits(cpu_s=3, data_bytes=280 * MB, address_bytes=1024 * MB, output_bytes=PICTURES)
# A table that the person asked for as a DataFrame, which may be large.
_TABLE = Limits(cpu_s=60, data_bytes=1200 * MB, address_bytes=4096 * MB, output_bytes=MB)

# A reader that recognises text in images would get a row with more of everything.
READERS: Mapping[str, ReaderRow] = {
    "text": ReaderRow("office", "write_text", _OFFICE),
    "decoded text": ReaderRow("texts", "write_text", _OFFICE),
    "notebook images": ReaderRow("notebooks", "write_images", _OFFICE),
    "pages": ReaderRow("pdf", "page_texts", _PDF_TEXT),
    "page lengths": ReaderRow("pdf", "page_lengths", _PDF_TEXT),
    "page count": ReaderRow("pdf_parts", "count", _PDF_TEXT),
    "PDF part": ReaderRow("pdf_parts", "write", _PDF_PART),
    "PDF check": ReaderRow("pdf_check", "check", _PDF_TEXT),
    "PDF copy": ReaderRow("pdf_unlock", "write_copy", _COPY),
    "page picture": ReaderRow("pages", "page_picture", _PAGE),
    "fitted image": ReaderRow("image_conversion", "fit", _IMAGE),
    "smaller image": ReaderRow("smaller_images", "write", _LARGE_IMAGE),
    "image size": ReaderRow("images", "size", _HEADER),
    "quotes": ReaderRow("quotes", "look_up", _PDF_TEXT),
    "passage": ReaderRow("quotes", "passage", _PDF_TEXT),
    "office preview": ReaderRow("previews", "show", _OFFICE),
    "text preview": ReaderRow("previews", "show", _HEADER),
    "table": ReaderRow("tables", "shape", _TABLE),
    "image preview": ReaderRow("previews", "show", _HEADER),
    "PDF preview": ReaderRow("previews", "show", _PAGE),
    "web page preview": ReaderRow("previews", "show", _WEB_PAGE),
}
