"""The text of a PDF, page by page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

_PDFIUM = threading.Lock()  # PDFium keeps global state: two threads inside it crash the process

# PDFium writes U+0002 (older versions U+FFFE) where a word is broken over two lines, in place of
# hyphen and line break; dropping it makes the word whole again.
_BROKEN_WORD = str.maketrans({"\x02": None, "\ufffe": None, "\x00": None})


class DocumentError(Exception):
    """The document cannot be read: it is encrypted, broken, or not what it says."""


def page_count(source: Path | bytes) -> int:
    """Return the number of pages."""
    with opened(source) as document:
        return len(document)


def page_texts(source: Path | bytes) -> list[str]:
    """Return the text of every page, lines separated by a newline; scanned pages give an empty text."""
    with opened(source) as document:
        return [_page_text(document, index) for index in range(len(document))]


def first_texts(source: Path | bytes, count: int) -> tuple[int, list[str]]:
    """Return the number of pages, and the text of the first `count` of them."""
    with opened(source) as document:
        return len(document), [_page_text(document, index) for index in range(min(count, len(document)))]


def is_encrypted(source: Path | bytes) -> bool:
    """Return whether a document is encrypted although it opens: only its owner's password is set."""
    with opened(source) as document:
        return bool(raw.FPDF_GetSecurityHandlerRevision(document) != -1)


@contextmanager
def opened(source: Path | bytes) -> Iterator[pdfium.PdfDocument]:
    """Open a document; only one thread is inside PDFium at a time."""
    with _PDFIUM:
        try:
            document = pdfium.PdfDocument(source)
        except pdfium.PdfiumError as problem:
            raise DocumentError(_reason(_name(source), str(problem))) from None
        try:
            yield document
        except pdfium.PdfiumError:
            raise DocumentError(f"{_name(source)} has a broken page.") from None
        finally:
            document.close()


def _name(source: Path | bytes) -> str:
    return source.name if isinstance(source, Path) else "The document"


def _reason(name: str, problem: str) -> str:
    if "password" in problem.lower():
        return f"{name} is encrypted; save it without a password first."
    return f"{name} is not a readable PDF."


def _page_text(document: pdfium.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        text = page.get_textpage()
        try:
            return str(text.get_text_bounded()).replace("\r\n", "\n").translate(_BROKEN_WORD)
        finally:
            text.close()
    finally:
        page.close()
