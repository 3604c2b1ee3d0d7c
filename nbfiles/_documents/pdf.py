"""The text of a PDF, page by page, read in the limited child."""

from __future__ import annotations

from pathlib import Path

from nbfiles._documents import reader_pool
from nbfiles._documents.reader_table import DocumentError as DocumentError

MOST_READ = 2_000  # pages whose text is read; a question takes at most 600


def page_texts(source: Path | bytes) -> list[str]:
    """Return the text of every page, lines separated by a newline.

    Scanned pages give an empty text, and so do those beyond `MOST_READ`, which no question takes.
    Raises DocumentError for what is encrypted, broken or no PDF.
    """
    return list(reader_pool.read("pages", source, most=MOST_READ).value)


def page_lengths(source: Path | bytes) -> list[int]:
    """Return the number of characters on each page, beyond `MOST_READ` the average of those before.

    Raises DocumentError as `page_texts` does.
    """
    return list(reader_pool.read("page lengths", source, most=MOST_READ).value)
