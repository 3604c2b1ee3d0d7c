"""The text of a PDF, page by page, and what to know of it before asking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from nbfiles._documents.reader_table import DocumentError
from nbfiles._documents.readers.reading_order import text_of_page

MOST_PAGES = 600  # of PDF in one request (documentation of September 2026)
GLANCE = 30  # pages looked at for text; a scan has none on any page, a book has some on the first ones


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


def check(source: Path) -> str:
    """Return what to know about a PDF before asking; raises DocumentError for one that cannot be read or sent."""
    with opened(source) as document:
        pages = len(document)
        if pages > MOST_PAGES:
            raise DocumentError(
                f"“{source.name}” has {pages:,} pages, and a question takes at most {MOST_PAGES}. Split it first."
            )
        has_text = any(_page_text(document, index).strip() for index in range(min(GLANCE, pages)))
        is_encrypted = raw.FPDF_GetSecurityHandlerRevision(document) != -1  # opens, with its owner's password
    notes = [f"{pages:,} page{'s' if pages != 1 else ''}"]
    if is_encrypted:
        notes.append("encrypted, though it opens without a password: the API may refuse it")
    if not has_text:
        notes.append("scanned: answers will have no citations")
    return ", ".join(notes)


@contextmanager
def opened(source: Path | bytes) -> Iterator[pdfium.PdfDocument]:
    """Open a document; raises DocumentError for what cannot be opened, and within it for a broken page."""
    try:
        document = pdfium.PdfDocument(source)
    except pdfium.PdfiumError as problem:
        raise DocumentError(_reason(_name(source), str(problem))) from None
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


def _reason(name: str, problem: str) -> str:
    if "password" in problem.lower():
        return f"{name} is encrypted; save it without a password first."
    return f"{name} is not a readable PDF."


def _page_text(document: pdfium.PdfDocument, index: int) -> str:
    with opened_page(document, index) as page:
        return text_of_page(page)
