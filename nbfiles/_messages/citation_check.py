"""Every quote is looked up in the file on this machine: found, not found, or why it could not be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbfiles._documents import pdf, quote_search
from nbfiles._documents.quote_search import PagePicture
from nbfiles._messages.answer import Answer, Citation
from nbfiles.errors import NbfilesError
from nbfiles.records import FileRecord

FOUND, NOT_FOUND = "quote found", "quote NOT found there"
IN_TEXT = "quote found in the text made from the file"
NO_TEXT = "page has no text layer"
GONE, CHANGED, UNREADABLE = (
    "file is not on this machine",
    "file has changed since",
    "file cannot be read here",
)
CONTEXT_CHARS = 400  # before and behind a cited passage, to see what it is about

Find = Callable[[str], FileRecord | None]  # a file's name → its record
SentText = Callable[[FileRecord], Path]  # the text that was sent of a converted file


def look_up(answer: Answer, find: Find, sent_text: SentText) -> tuple[str, ...]:
    """Return for each citation of an answer, in words, whether its quote stands where it says."""
    where: dict[str, Path | str] = {}
    converted = {name for name in answer.documents if (record := find(name)) and record.converted}
    results = []
    for citation in answer.citations:
        if citation.file not in where:
            where[citation.file] = local(find(citation.file), sent_text)
        source = where[citation.file]
        result = source if isinstance(source, str) else _check(citation, source)
        results.append(IN_TEXT if result == FOUND and citation.file in converted else result)
    return tuple(results)


def local(record: FileRecord | None, sent_text: SentText) -> Path | str:
    """Return where to read the very bytes that Claude got, or in words why they are not here."""
    if record is None or record.path is None or not record.path.is_file():
        return GONE
    try:
        with record.path.open("rb") as handle:
            same = hashlib.file_digest(handle, "sha256").hexdigest() == record.sha256
    except OSError:
        return GONE
    if not same and record.sha256 is not None:
        return CHANGED
    try:
        return sent_text(record) if record.converted else record.path
    except NbfilesError:
        return UNREADABLE


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """A quote in the text around it."""

    before: str
    quote: str
    after: str


def context(citation: Citation, record: FileRecord | None, sent_text: SentText) -> QuoteContext | PagePicture | str:
    """Return the cited passage or page from the file on this machine, or in words why it cannot be shown."""
    path = local(record, sent_text)
    if isinstance(path, str):
        return f"the {path}"
    try:
        page = page_of(citation)
        return _passage(citation, path) if page is None else _page(citation, path, page)
    except (pdf.DocumentError, OSError, UnicodeDecodeError):
        return "the file cannot be read here"


def _page(citation: Citation, path: Path, number: int) -> PagePicture | str:
    return quote_search.page_picture(path, number, citation.quote) or "the file has no such page"


def _passage(citation: Citation, path: Path) -> QuoteContext | str:
    text = _read(path)
    position = _at(citation, text) or quote_search.find(text, citation.quote)
    if position is None:
        return "the quote was NOT found in the file"
    start, end = position
    return QuoteContext(text[max(start - CONTEXT_CHARS, 0) : start], text[start:end], text[end : end + CONTEXT_CHARS])


def page_of(citation: Citation) -> int | None:
    """Return the first page that a citation names, counted from 1."""
    page = citation.raw.get("start_page_number")
    return page if isinstance(page, int) else None


def _check(citation: Citation, path: Path) -> str:
    try:
        text = _pages(citation, path) if page_of(citation) is not None else _read(path)
    except (pdf.DocumentError, OSError, UnicodeDecodeError):
        return UNREADABLE
    if not quote_search.has_letters(text):
        return NO_TEXT
    if _at(citation, text) or quote_search.find(text, citation.quote):
        return FOUND
    return NOT_FOUND


def _at(citation: Citation, text: str) -> tuple[int, int] | None:
    """Return where the API says that the quote stands, if it does."""
    start, end = citation.raw.get("start_char_index"), citation.raw.get("end_char_index")
    if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text):
        return (start, end) if quote_search.find(text[start:end], citation.quote) else None
    return None


def _pages(citation: Citation, path: Path) -> str:
    first = page_of(citation) or 1
    end = citation.raw.get("end_page_number")
    return quote_search.page_text(path, first, max(end - 1, first) if isinstance(end, int) else first)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
