"""The text of a PDF, page by page, read in the limited child."""

from __future__ import annotations

from pathlib import Path

from nbfiles._documents import reader_pool
from nbfiles._documents.reader_table import DocumentError as DocumentError


def page_texts(source: Path | bytes) -> list[str]:
    """Return the text of every page, lines separated by a newline; scanned pages give an empty text.

    Raises DocumentError for what is encrypted, broken or no PDF.
    """
    return list(reader_pool.read("pages", source).value)


def page_lengths(source: Path | bytes) -> list[int]:
    """Return the number of characters on each page; raises DocumentError as `page_texts` does."""
    return list(reader_pool.read("page lengths", source).value)
