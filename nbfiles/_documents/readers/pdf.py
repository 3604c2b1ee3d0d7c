"""The text of a PDF, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium

from nbfiles._documents.reader_table import DocumentError, PasswordNeeded
from nbfiles._documents.readers.reading_order import text_of_page


def page_texts(source: Path | bytes, most: int) -> list[str]:
    """Return the text of every page, lines separated by a newline; scanned pages and those beyond `most` have none."""
    with opened(source) as document:
        pages = len(document)
        return [_page_text(document, index) for index in range(min(pages, most))] + [""] * (pages - most)


def page_lengths(source: Path | bytes, most: int) -> list[int]:
    """Return the number of characters on each page; pages beyond `most` count like the average of those before."""
    with opened(source) as document:
        pages = len(document)
        lengths = [len(_page_text(document, index)) for index in range(min(pages, most))]
    return lengths + [sum(lengths) // max(len(lengths), 1)] * (pages - most)


@contextmanager
def opened(source: Path | bytes, password: str | None = None) -> Iterator[pdfium.PdfDocument]:
    """Open a document; raises DocumentError for what cannot be opened, and within it for a broken page."""
    try:
        document = pdfium.PdfDocument(source, password)
    except pdfium.PdfiumError as problem:
        raise _error(_name(source), str(problem)) from None
    try:
        document.init_forms()  # before any page is opened; it does nothing where there is no form
        yield document
    except pdfium.PdfiumError:
        raise DocumentError(f"{_name(source)} has a broken page.") from None
    finally:
        document.close()


@contextmanager
def opened_page(document: pdfium.PdfDocument, index: int) -> Iterator[pdfium.PdfPage]:
    """Open a page, counted from 0."""
    page = document[index]
    try:
        yield page
    finally:
        page.close()


def _name(source: Path | bytes) -> str:
    return source.name if isinstance(source, Path) else "The document"


def _error(name: str, problem: str) -> DocumentError:
    if "password" in problem.lower():
        return PasswordNeeded(f"{name} is encrypted; save it without a password first.")
    if "success" in problem.lower():  # it is well, and there is nothing in it to open
        return DocumentError(f"{name} has no pages.")
    return DocumentError(f"{name} is not a readable PDF.")


def _page_text(document: pdfium.PdfDocument, index: int) -> str:
    with opened_page(document, index) as page:
        return text_of_page(page)
