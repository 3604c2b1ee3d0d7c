"""The text of plain texts and web pages in any encoding, written to a file as UTF-8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from nbfiles._documents.reader_table import BOOKS, MB, ReaderError
from nbfiles._documents.readers.encodings import decode
from nbfiles._documents.readers.html import page_lines

MOST_BYTES = 2 * BOOKS  # of a file that is read: in UTF-16, what a question holds
PAGE_TAGS = 1_000_000  # of a web page; what is made of one takes a fifth of a kilobyte
TOO_LONG = f"it has more than {BOOKS // MB} MB of text: more than a question holds"


def write_text(source: Path, kind: str, target: str) -> str:
    """Write the text of a file, and return in words how its bytes were read."""
    if source.stat().st_size > MOST_BYTES:
        raise ReaderError(TOO_LONG)
    decoded = decode(source.read_bytes())
    written = 0
    with Path(target).open("w", encoding="utf-8", errors="replace", newline="\n") as out:
        for part in _PARTS[kind](decoded.text):
            written += out.write(part)
            if written > BOOKS:
                raise ReaderError(TOO_LONG)
    return decoded.note


def _plain(text: str) -> Iterable[str]:
    """Return a text with its line ends as Unix writes them; old Macs wrote a carriage return alone."""
    return (text.replace("\r\n", "\n").replace("\r", "\n"),)


def _page(text: str) -> Iterator[str]:
    """Yield the visible lines of a page."""
    if text.count("<") > PAGE_TAGS:
        raise ReaderError("it has more tags than a question can hold. Split it")
    return (line + "\n" for line in page_lines(text))


_PARTS = {"plain": _plain, "html": _page}
