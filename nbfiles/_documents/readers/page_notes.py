"""What is laid over the text of a PDF page: values of a form's fields, and comments."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from nbfiles._documents.readers.glyphs import Box

MOST_ANNOTATIONS = 2_000  # of a page that are read; forms have some hundred fields
MOST_CHARS = 10_000  # of one of them
FIELD, COMMENT = "field", "comment"
TICK = "[x]"

_UNSEEN = raw.FPDF_ANNOT_FLAG_INVISIBLE | raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_PASSWORD = 1 << 13  # a flag of text fields, whose value is shown as asterisks
_TICKED = (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
_CHOSEN = (raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
_COMMENTS = (
    *(raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY),
    *(raw.FPDF_ANNOT_STRIKEOUT, raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_CARET, raw.FPDF_ANNOT_INK, raw.FPDF_ANNOT_LINE),
    *(raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_CIRCLE, raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_POLYLINE),
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """The value of a field or the text of a comment, and the box that it has on the page.

    `name` is what the form calls the field, or who wrote the comment.
    """

    kind: str
    text: str
    name: str
    box: Box


def of_page(page: pdfium.PdfPage) -> list[Annotation]:
    """Return the fields that are filled in and the comments of a page, in the order in which they are stored."""
    return [annotation for handle in _handles(page) if (annotation := _annotation(page, handle)) and annotation.text]


def attachments(page: pdfium.PdfPage) -> list[str]:
    """Return the names of files that hang on a page as comments do; a name is what whoever made the file wrote."""
    names = []
    for handle in _handles(page):
        if raw.FPDFAnnot_GetSubtype(handle) == raw.FPDF_ANNOT_FILEATTACHMENT:
            file = raw.FPDFAnnot_GetFileAttachment(handle)
            names.append(_string(raw.FPDFAttachment_GetName, file) if file else "")
    return names


def _handles(page: pdfium.PdfPage) -> Iterator[Any]:
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS)):
        with _opened(page, index) as handle:
            if handle and not raw.FPDFAnnot_GetFlags(handle) & _UNSEEN:
                yield handle


@contextmanager
def _opened(page: pdfium.PdfPage, index: int) -> Iterator[Any]:
    handle = raw.FPDFPage_GetAnnot(page, index)
    try:
        yield handle
    finally:
        if handle:
            raw.FPDFPage_CloseAnnot(handle)


def _annotation(page: pdfium.PdfPage, handle: Any) -> Annotation | None:
    subtype = raw.FPDFAnnot_GetSubtype(handle)
    if subtype == raw.FPDF_ANNOT_WIDGET and page.formenv:
        text, name = _value(page.formenv, handle), _field_name(page.formenv, handle)
        return Annotation(FIELD, text, name, _box(handle))
    if subtype == raw.FPDF_ANNOT_FREETEXT:
        return Annotation(COMMENT, _entry(handle, b"Contents"), "", _box(handle))
    if subtype in _COMMENTS:
        by = " ".join(_entry(handle, b"T").split())
        return Annotation(COMMENT, _entry(handle, b"Contents"), f"Comment ({by})" if by else "Comment", _box(handle))
    return None


def _value(form: Any, handle: Any) -> str:
    """Return what is filled in: the text, what is chosen, or a tick."""
    kind = raw.FPDFAnnot_GetFormFieldType(form, handle)
    if kind in _TICKED:
        return TICK if raw.FPDFAnnot_IsChecked(form, handle) else ""
    if kind in _CHOSEN and (chosen := ", ".join(_chosen(form, handle))):
        return chosen
    if kind not in (*_CHOSEN, raw.FPDF_FORMFIELD_TEXTFIELD):
        return ""
    if raw.FPDFAnnot_GetFormFieldFlags(form, handle) & _PASSWORD and kind == raw.FPDF_FORMFIELD_TEXTFIELD:
        return ""
    return _string(raw.FPDFAnnot_GetFormFieldValue, form, handle)


def _chosen(form: Any, handle: Any) -> Iterator[str]:
    for index in range(min(raw.FPDFAnnot_GetOptionCount(form, handle), MOST_ANNOTATIONS)):
        if raw.FPDFAnnot_IsOptionSelected(form, handle, index):
            yield _string(raw.FPDFAnnot_GetOptionLabel, form, handle, index)


def _field_name(form: Any, handle: Any) -> str:
    name = _string(raw.FPDFAnnot_GetFormFieldAlternateName, form, handle)
    return " ".join((name or _string(raw.FPDFAnnot_GetFormFieldName, form, handle)).split())


def _entry(handle: Any, key: bytes) -> str:
    return _string(raw.FPDFAnnot_GetStringValue, handle, key)


def _string(read: Callable[..., int], *arguments: Any) -> str:
    """Return the text that a function of PDFium gives, which is asked for its size in bytes first."""
    size = read(*arguments, None, 0)
    if size <= 2:  # the zero at its end
        return ""
    buffer = ctypes.create_string_buffer(size)
    target = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    read(*arguments, target, size)
    text = buffer.raw[: size - 2].decode("utf-16-le", "ignore")[:MOST_CHARS]
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()


def _box(handle: Any) -> Box:
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(handle, rect)
    return rect.left, rect.bottom, rect.right, rect.top
