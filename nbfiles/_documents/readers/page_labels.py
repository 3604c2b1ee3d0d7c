"""What is printed on a page of a PDF as its number, where that is not the number of the sheet: `xii`, `217`."""

from __future__ import annotations

import re

import pypdfium2 as pdfium

from nbfiles.visible_text import visible

MOST_CHARS = 20  # of a label that is shown; it is written by whoever made the file
_ODD = re.compile(r"[^\w .,:/+*–-]")  # a label is no sentence, and no place for marks of another one
_BLANKS = re.compile(r"\s+")


def of_range(document: pdfium.PdfDocument, pages: range) -> str:
    """Return `217` or `217–218` for pages counted from 0; empty where they are printed as they are counted."""
    ends = list(dict.fromkeys((pages[0], pages[-1]))) if pages else []
    labels = [of_page(document, index) for index in ends]
    return "–".join(labels) if all(labels) and labels != [str(index + 1) for index in ends] else ""


def of_page(document: pdfium.PdfDocument, index: int) -> str:
    """Return the label of a page, counted from 0; empty where it has none."""
    try:
        label = _ODD.sub("", _BLANKS.sub(" ", visible(document.get_page_label(index)))).strip()
    except UnicodeDecodeError:
        return ""
    return label if len(label) <= MOST_CHARS else f"{label[: MOST_CHARS - 1]}…"
