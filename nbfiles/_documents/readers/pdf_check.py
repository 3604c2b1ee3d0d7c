"""What to know of a PDF before asking about it: pages that cannot be read, and files that go unread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import pypdfium2 as pdfium
from pypdfium2 import raw

from nbfiles import page_ranges
from nbfiles._documents.checks import ENCRYPTED
from nbfiles._documents.reader_table import DocumentError
from nbfiles._documents.readers import page_labels, page_notes
from nbfiles._documents.readers.pdf import opened, opened_page
from nbfiles.limits import PAGES as MOST_PAGES
from nbfiles.visible_text import visible

MOST_S = 5.0  # of processor time to look at the pages; an ordinary one takes a millisecond
MOST_NAMED = 5  # files, or stretches of pages, that are named
NAME_CHARS = 60  # of a file's name that are shown; whoever made the PDF wrote it
SCAN_CHARS = 30  # on a page that is a picture otherwise: a stamp, a number
SCAN_SHARE = 0.5  # of a page that its pictures cover
SAMPLE = 40  # characters of a page whose font is asked whether it says what they are
MOST_UNREADABLE = 0.3  # of them
_XFA = (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)
PLACEHOLDER_CHARS = 2_000  # of a document that holds no more than that its form is to be opened elsewhere


@dataclass(slots=True)
class Findings:
    """Pages, counted from 0, names of files that hang on them, and the first letters of them all."""

    scans: list[int] = field(default_factory=list)
    without_text: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    looked_at: int = 0
    text: str = ""


def check(source: Path) -> str:
    """Return what to know about a PDF before asking; raises DocumentError for one that cannot be read or sent."""
    with opened(source) as document:
        pages = len(document)
        _check_pages(source.name, pages)
        findings = _findings(document)
        notes = [f"{pages:,} page{'s' if pages != 1 else ''}", *_of_document(document, findings)]
        notes += _of_pages(document, findings)
    return ", ".join(notes)


def _check_pages(name: str, pages: int) -> None:
    if not pages:
        raise DocumentError(f"“{name}” has no pages.")
    if pages > MOST_PAGES:
        raise DocumentError(page_ranges.too_many(name, pages, MOST_PAGES))


def _findings(document: pdfium.PdfDocument) -> Findings:
    """Look at every page, as long as it does not take too long."""
    findings, end = Findings(), process_time() + MOST_S
    for index in range(len(document)):
        if process_time() > end:
            break
        with opened_page(document, index) as page:
            _look_at(page, index, findings)
        findings.looked_at = index + 1
    return findings


def _look_at(page: pdfium.PdfPage, index: int, findings: Findings) -> None:
    text = page.get_textpage()
    try:
        letters = "".join(str(text.get_text_bounded()).split())
        if len(letters) > SCAN_CHARS and _is_unreadable(text):
            findings.unreadable.append(index)
    finally:
        text.close()
    notes = "".join(note.text for note in page_notes.of_page(page))
    findings.text = (findings.text + letters + notes)[: PLACEHOLDER_CHARS + 1]
    findings.files += page_notes.attachments(page)
    if len(letters) <= SCAN_CHARS and _is_picture(page):
        findings.scans.append(index)
    elif not letters and not notes and raw.FPDFPage_CountObjects(page) > 0:
        findings.without_text.append(index)


def _is_unreadable(text: pdfium.PdfTextPage) -> bool:
    """Return whether the fonts of a page do not say which letters they draw."""
    count = text.count_chars()
    sample = range(0, count, max(count // SAMPLE, 1))
    unknown = sum(raw.FPDFText_HasUnicodeMapError(text, index) == 1 or _is_private(text, index) for index in sample)
    return bool(unknown > MOST_UNREADABLE * len(sample))


def _is_private(text: pdfium.PdfTextPage, index: int) -> bool:
    code = raw.FPDFText_GetUnicode(text, index)
    return bool(0xE000 <= code < 0xF900 or code == 0xFFFD)


def _is_picture(page: pdfium.PdfPage) -> bool:
    """Return whether pictures cover most of a page."""
    covered = 0.0
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        covered += (right - left) * (top - bottom)
    return covered >= SCAN_SHARE * float(page.get_width() * page.get_height())


def _of_document(document: pdfium.PdfDocument, findings: Findings) -> Iterator[str]:
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:  # opens, with its owner's password
        yield ENCRYPTED
    if document.get_formtype() in _XFA and len(findings.text) <= PLACEHOLDER_CHARS:
        yield "an XFA form, of which only a placeholder can be read: print it to a new PDF with Adobe Reader"
    names = [*_attached(document), *findings.files]
    if names:
        files = _some([_short_name(name) for name in names])
        yield f"{len(names):,} attachment{'s' if len(names) != 1 else ''} not read: {files}"


def _attached(document: pdfium.PdfDocument) -> Iterator[str]:
    for index in range(document.count_attachments()):
        try:
            yield document.get_attachment(index).get_name()
        except (pdfium.PdfiumError, UnicodeDecodeError):
            yield ""


def _short_name(name: str) -> str:
    """Return a name as it can be shown: on one line, of a bounded length."""
    plain = " ".join(visible(name).split()) or "without a name"
    return plain if len(plain) <= NAME_CHARS else f"{plain[: NAME_CHARS - 1]}…"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _of_pages(document: pdfium.PdfDocument, findings: Findings) -> Iterator[str]:
    if not findings.text or len(findings.scans) == findings.looked_at:
        yield f"{'scanned' if findings.scans else 'without text'}: answers will have no citations"
    else:
        yield from _counted(document, findings.scans, "a scan", "scans", "which answers cannot cite")
        yield from _counted(
            document, findings.without_text, "without text", "without text", "which answers cannot cite"
        )
    yield from _counted(
        document, findings.unreadable, "unreadable", "unreadable", "as the fonts do not say which letters they draw"
    )
    if findings.looked_at < len(document):
        yield f"pages after {findings.looked_at:,} not looked at, as that takes too long"


def _counted(document: pdfium.PdfDocument, pages: Sequence[int], one: str, many: str, why: str) -> Iterator[str]:
    """Say how many pages are what, which ones, and why that matters."""
    if not pages:
        return
    verb = f"is {one}" if len(pages) == 1 else f"are {many}"
    is_labelled = any(page_labels.of_range(document, range(page, page + 1)) for page in pages)
    numbers = f"{'sheet' if is_labelled else 'page'}{'s' if len(pages) != 1 else ''} {_some(list(_ranges(pages)))}"
    yield f"{len(pages):,} of {len(document):,} pages {verb}, {why} ({numbers})"


def _ranges(pages: Sequence[int]) -> Iterator[str]:
    """Yield pages, counted from 0, as people count them: `2–4`, `9`."""
    start = pages[0]
    for page, following in zip(pages, [*pages[1:], -1], strict=True):
        if following != page + 1:
            yield f"{start + 1:,}" if start == page else f"{start + 1:,}–{page + 1:,}"
            start = following
