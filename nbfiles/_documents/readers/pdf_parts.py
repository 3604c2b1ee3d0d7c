"""Some pages of a PDF as a PDF of their own, the same bytes each time."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from nbfiles._documents.readers.pdf import opened

# PDFium writes the time and a random number; both are replaced by as many characters.
_DATE, _NO_DATE = re.compile(rb"/CreationDate\(D:\d{14}"), b"/CreationDate(D:20000101000000"
_ID = re.compile(rb"/ID\[<([0-9A-F]{32})><\1>\]>>\s+startxref\s+\d+\s+%%EOF\s*\Z")
_HEAD_BYTES, _TAIL_BYTES = 1_024, 256  # of a PDF that PDFium wrote, with the one and with the other


def count(source: Path) -> int:
    """Return how many pages a PDF has."""
    with opened(source) as document:
        return len(document)


def write(source: Path, numbers: list[int], target: str) -> None:
    """Write pages, counted from 1, to `target`; what is filled into a form becomes part of its page."""
    with opened(source) as document:
        if document.get_formtype() != raw.FORMTYPE_NONE:
            for number in numbers:
                _flatten(document, number - 1)
        part = pdfium.PdfDocument.new()
        try:
            part.import_pages(document, [number - 1 for number in numbers])
            part.save(target)
        finally:
            part.close()
    _settle(Path(target))


def _flatten(document: pdfium.PdfDocument, index: int) -> None:
    """Draw the fields of a form on their page, as the form itself stays behind."""
    page = document[index]
    kinds = (raw.FPDFAnnot_GetSubtype(annotation) for annotation in _annotations(page))
    if raw.FPDF_ANNOT_WIDGET in list(kinds):
        raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
    page.close()


def _annotations(page: pdfium.PdfPage) -> list[raw.FPDF_ANNOTATION]:
    return [raw.FPDFPage_GetAnnot(page, index) for index in range(raw.FPDFPage_GetAnnotCount(page))]


def _settle(path: Path) -> None:
    """Put what depends on the pages alone in place of the time and the random number."""
    with path.open("r+b") as file:
        head = file.read(_HEAD_BYTES)
        if date := _DATE.search(head):
            file.seek(date.start())
            file.write(_NO_DATE)
        end = file.seek(0, 2)
        start = file.seek(max(end - _TAIL_BYTES, 0))
        if not (match := _ID.search(file.read())):
            return
        file.seek(0)
        digest = hashlib.sha256(file.read(start + match.start())).hexdigest()[:32].upper().encode()
        file.seek(start + match.start())
        file.write(b"/ID[<%b><%b>]" % (digest, digest))
