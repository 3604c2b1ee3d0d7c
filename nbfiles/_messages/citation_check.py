"""Every quote is looked up in the file on this machine: found, not found, or why it could not be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbfiles._documents import pdf, quote_search
from nbfiles._documents.quote_search import PagePicture, QuoteContext, QuotePosition
from nbfiles._messages.answer import Answer, Citation
from nbfiles.errors import NbfilesError
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord, Kind

FOUND, NOT_FOUND = "quote found", "quote NOT found there"
IN_TEXT = "quote found in the text made from the file"
NO_TEXT = "page has no text layer"
GONE, CHANGED, UNREADABLE = (
    "file is not on this machine",
    "file has changed since",
    "file cannot be read here",
)
_IN_WORDS = {quote_search.FOUND: FOUND, quote_search.NOT_FOUND: NOT_FOUND, quote_search.NO_TEXT: NO_TEXT}
CONTEXT_CHARS = 400  # before and behind a cited passage, to see what it is about
READ_CHARS = 4_000  # of them to look for secrets in, such as a private key, before the rest is cut off

Find = Callable[[str], FileRecord | None]  # a file's name → its record
SentText = Callable[[FileRecord], Path]  # the text that was sent of a converted file


@redacted_repr
@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """In words whether a quote stands where it says, and the labels of its pages where they differ from the sheets."""

    evidence: str
    page_label: str = ""


def look_up(answer: Answer, find: Find, sent_text: SentText) -> tuple[CheckedQuote, ...]:
    """Return for each citation of an answer whether its quote stands where it says."""
    citations = answer.citations
    groups: dict[tuple[str, bool], list[int]] = {}  # one look into each file
    for index, citation in enumerate(citations):
        groups.setdefault((citation.file, page_of(citation) is None), []).append(index)
    results = [CheckedQuote("")] * len(citations)
    for (name, _), indexes in groups.items():
        record = find(name)
        found = IN_TEXT if record and record.converted and name in answer.documents else FOUND
        checked = _check([citations[index] for index in indexes], local(record, sent_text))
        for index, result in zip(indexes, checked, strict=True):
            results[index] = replace(result, evidence=found) if result.evidence == FOUND else result
    return tuple(results)


def _check(citations: Sequence[Citation], source: Path | str) -> list[CheckedQuote]:
    """Return what is said of citations of one file, or of all of them why it cannot be read."""
    if isinstance(source, str):
        return [CheckedQuote(source)] * len(citations)
    try:
        results = quote_search.look_up(source, [_position(citation) for citation in citations])
    except (pdf.DocumentError, OSError):
        return [CheckedQuote(UNREADABLE)] * len(citations)
    return [CheckedQuote(_IN_WORDS[one.result], one.page_label) for one in results]


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
        return sent_text(record) if record.converted or record.kind == Kind.PDF else record.path
    except NbfilesError:
        return UNREADABLE


def context(citation: Citation, record: FileRecord | None, sent_text: SentText) -> QuoteContext | PagePicture | str:
    """Return the cited passage or page from the file on this machine, or in words why it cannot be shown."""
    path = local(record, sent_text)
    if isinstance(path, str):
        return f"the {path}"
    try:
        return _passage(citation, path) if page_of(citation) is None else _page(citation, path)
    except pdf.DocumentError as error:
        return str(error).rstrip(".")
    except OSError:
        return "the file cannot be read here"


def _page(citation: Citation, path: Path) -> PagePicture | str:
    return quote_search.page_picture(path, _position(citation)) or "the file has no such page"


def _passage(citation: Citation, path: Path) -> QuoteContext | str:
    return quote_search.passage(path, _position(citation), READ_CHARS) or "the quote was NOT found in the file"


def page_of(citation: Citation) -> int | None:
    """Return the first page that a citation names, counted from 1."""
    page = citation.raw.get("start_page_number")
    return page if isinstance(page, int) else None


def _position(citation: Citation) -> QuotePosition:
    names = ("start_page_number", "end_page_number", "start_char_index", "end_char_index")
    values = (citation.raw.get(name) for name in names)
    return QuotePosition(citation.quote, *(value if isinstance(value, int) else None for value in values))
