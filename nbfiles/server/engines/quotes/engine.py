"""The quotes engine: finds the passages that match a question and cites them. It writes nothing of its own."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence

from nbfiles.server.engines.quotes import index
from nbfiles.server.engines.quotes.index import Hit, Indexes
from nbfiles.server.engines.quotes.passages import DocumentPassage
from nbfiles.server.engines.quotes.prose import clipped, escaped, listed, tidy
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.parts import NOTE, Part, TextPart, ThinkingPart
from nbfiles.server.messages.query import Document, Query
from nbfiles.server.storage.store import Store

MOST_QUOTES = 4
ENOUGH = 0.4  # of the best passage's score: what a weaker one must reach to be quoted
LONGEST_QUOTE = 600  # characters shown of a sentence that never ends
_ABOUT = re.compile(r"About “[^\n]+:\n")  # how nbfiles names files that a conversation has already


class Quotes:
    """Answers from documents with passages and their citations."""

    note = NOTE

    def __init__(self, store: Store) -> None:
        del store  # a query brings its documents as text
        self._indexes = Indexes()

    def can(self, query: Query) -> bool:
        """Return whether there are documents, in a question that is new and asks for words."""
        return bool(query.documents) and not query.calls and query.schema is None

    def answer(self, query: Query, stop: threading.Event, before: Sequence[Part]) -> Iterator[Part]:
        """Yield a lead-in, then each passage with its citation."""
        del stop, before
        documents, question = _meant(query)
        yield ThinkingPart(f"Local server: a fixed plan, no reasoning. Search {len(documents)} document(s).")
        terms = index.terms(question)
        with self._indexes.lend() as index_of:
            searchable = index_of(documents)
            hits = [] if index.is_general(terms) else searchable.search(terms)
            if not hits and not index.is_general(terms):
                hits = searchable.search(index.as_beginnings(terms))  # one word does not tell its language
        names = listed([f"**{escaped(document.label)}**" for document in documents][:5])
        if hits:
            yield TextPart(f"Closest to the question in {names}:")
            yield from _quotations([hit.passage for hit in best(hits)])
        elif index.is_general(terms):
            yield TextPart(f"The beginning of {names}:")
            yield from _quotations(_openings(searchable.passages))
        else:
            tried = escaped(", ".join(term.rstrip("*") for term in terms))
            yield TextPart(f"No passage in {names} matches. Words searched: {tried}.")

    def close(self) -> None:
        """Free the indexes."""
        self._indexes.close()


def _meant(query: Query) -> tuple[tuple[Document, ...], str]:
    """Return the documents that are meant, each file once, and the question without the line that names them."""
    once = {document.file_id or document.index: document for document in reversed(query.documents)}
    line = _ABOUT.match(query.question)
    names = line[0] if line else ""
    named = tuple(document for document in _in_order(once.values()) if f"“{document.label}”" in names)
    return named or _in_order(once.values()), query.question[len(names) :] if named else query.question


def _in_order(documents: Iterable[Document]) -> tuple[Document, ...]:
    return tuple(sorted(documents, key=lambda document: document.index))


def best(hits: Sequence[Hit]) -> list[Hit]:
    """Return a few good passages that do not repeat one another; each new word of the question counts."""
    picked: list[Hit] = []
    rest = list(hits)
    while rest and len(picked) < MOST_QUOTES:
        covered = frozenset[str]().union(*(hit.terms for hit in picked))
        used = {id(hit.passage.document) for hit in picked}
        top = max(rest, key=lambda hit: _worth(hit, covered, used))
        if top.score < ENOUGH * hits[0].score:
            break
        picked.append(top)
        rest = [hit for hit in rest if not _overlap(hit.passage, top.passage)]
    return picked


def _worth(hit: Hit, covered: frozenset[str], used: set[int]) -> float:
    """Return a hit's score; a word or a document that is not quoted yet makes it worth more."""
    repeats_terms, repeats_document = not hit.terms - covered, id(hit.passage.document) in used
    return hit.score * (0.7 if repeats_terms else 1.0) * (0.85 if repeats_document else 1.0)


def _overlap(one: DocumentPassage, other: DocumentPassage) -> bool:
    same = one.document is other.document and one.part == other.part
    return same and one.start < other.end and other.start < one.end


def _openings(passages: Sequence[DocumentPassage]) -> list[DocumentPassage]:
    """Return the first proper passage of each document."""
    first: dict[int, DocumentPassage] = {}
    for passage in passages:
        if len(passage.text) > 80:
            first.setdefault(id(passage.document), passage)
    return list(first.values())[:MOST_QUOTES]


def _quotations(passages: Sequence[DocumentPassage]) -> Iterator[TextPart]:
    for passage in passages:
        text = escaped(clipped(tidy(passage.text), LONGEST_QUOTE))
        yield TextPart("\n\n")
        yield TextPart(f"> “{text}”", (citation(passage),) if passage.document.cite else ())


def citation(passage: DocumentPassage) -> JsonObject:
    """Return where a passage stands, in the API's citation type for its document."""
    document = passage.document
    common = {
        "cited_text": passage.text,
        "document_index": document.index,
        "document_title": document.title,
        "file_id": document.file_id,
    }
    match document.unit:
        case "page":
            page = passage.part + 1  # pages count from 1; the end is exclusive
            return {"type": "page_location", **common, "start_page_number": page, "end_page_number": page + 1}
        case "char":
            characters = {"start_char_index": passage.start, "end_char_index": passage.end}
            return {"type": "char_location", **common, **characters}
        case "result":
            blocks = {"start_block_index": passage.part, "end_block_index": passage.part + 1}
            source = {"search_result_index": document.index, "source": document.source}
            quote = {"title": document.title, "cited_text": passage.text}
            return {"type": "search_result_location", **quote, **source, **blocks}
        case "block":
            blocks = {"start_block_index": passage.part, "end_block_index": passage.part + 1}
            return {"type": "content_block_location", **common, **blocks}
