"""The text of plain texts and web pages in any encoding, written to a file as UTF-8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from nbfiles._documents.reader_table import BOOKS, MB, ReaderError
from nbfiles._documents.readers.encodings import decode
from nbfiles._documents.readers.html import page_lines
from nbfiles._documents.readers.left_out import LeftOut

MOST_BYTES = 2 * BOOKS  # of a file that is read: in UTF-16, what a question holds
PAGE_TAGS = 1_000_000  # of a web page; what is made of one takes a fifth of a kilobyte
TOO_LONG = f"it has more than {BOOKS // MB} MB of text: more than a question holds"


def write_text(source: Path, kind: str, target: str) -> str:
    """Write the text of a file, and return in words how its bytes were read, and what is left out."""
    if source.stat().st_size > MOST_BYTES:
        raise ReaderError(TOO_LONG)
    decoded = decode(source.read_bytes())
    written, left_out = 0, LeftOut()
    with Path(target).open("w", encoding="utf-8", errors="replace", newline="\n") as out:
        for part in _PARTS[kind](decoded.text, left_out):
            written += out.write(part)
            if written > BOOKS:
                raise ReaderError(TOO_LONG)
    omitted = left_out.sentence()
    return "; ".join(filter(None, (decoded.note or ("read as text" if omitted else ""), omitted)))


def _plain(text: str, _left_out: LeftOut) -> Iterable[str]:
    """Return a text with its line ends as Unix writes them; old Macs wrote a carriage return alone."""
    return (text.replace("\r\n", "\n").replace("\r", "\n"),)


def _page(text: str, left_out: LeftOut) -> Iterator[str]:
    """Yield the visible lines of a page."""
    if text.count("<") > PAGE_TAGS:
        raise ReaderError("it has more tags than a question can hold. Split it")
    return (line + "\n" for line in page_lines(text, left_out))


_PARTS = {"plain": _plain, "html": _page}
