"""Find the passages that best match a question: SQLite FTS5, in memory."""

from __future__ import annotations

import math
import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from nbfiles.server.engines.quotes.passages import DocumentPassage, cut
from nbfiles.server.engines.quotes.stopwords import ALSO, ENGLISH, FOREIGN, GENERIC, STOP
from nbfiles.server.messages.query import Document

KEPT_INDEXES = 8  # sets of documents that stay searchable in memory
CANDIDATES = 60  # passages that are looked at closely
LONGEST_NUMBER = 20  # digits
MOST_TERMS = 24  # words of a question that are searched; more only slow the search down
HEADING_WEIGHT = 1.5  # headings say what a section is about, often in the question's own word

_ENDING = re.compile(r"(?<=[^\W\d]{4})(ungen|ern|en|er|es|em|e|n|s)$")
_TERM = re.compile(r"-{1,2}\w[\w-]*|\w+(?:[.'’]\w+)*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and the question's words that it holds."""

    passage: DocumentPassage
    terms: frozenset[str]
    score: float


def terms(question: str) -> list[str]:
    """Return the words of a question that are worth looking for, in order."""
    written = [term.lower() for term in _TERM.findall(question)]
    useful = [term for term in written if term not in STOP]
    if sum(term in FOREIGN for term in written) > sum(term in ENGLISH for term in written):
        useful = as_beginnings(useful)
    return list(dict.fromkeys(useful))[:MOST_TERMS]


def as_beginnings(terms: Sequence[str]) -> list[str]:
    """Return German or French words with the mark that has them searched without their endings, too.

    SQLite's stemmer knows English only. A beginning also finds the compounds that German makes.
    """
    return [term if term in GENERIC or not _ENDING.search(term) else f"{term}*" for term in terms]


def is_general(terms: Sequence[str]) -> bool:
    """Return whether a question asks for the document as a whole."""
    return all(term in GENERIC for term in terms)


class Index:
    """The passages of one set of documents."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.passages = [passage for document in documents for passage in cut(document)]
        self._readable: dict[int, float] = {}  # of the passages that were found
        self._db = sqlite3.connect(":memory:", check_same_thread=False)  # used under the engine's lock
        self._db.execute("CREATE VIRTUAL TABLE p USING fts5(text, heading, tokenize='porter unicode61')")
        rows = ((n, passage.text, passage.heading) for n, passage in enumerate(self.passages))
        self._db.executemany("INSERT INTO p (rowid, text, heading) VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Free the memory."""
        self._db.close()

    def search(self, terms: Sequence[str]) -> list[Hit]:
        """Return the passages that hold any of the words, best first."""
        holders = {term: self._holders(term) for term in terms}
        weights = {term: self._weight(len(rows)) for term, rows in holders.items() if rows}
        if not weights:
            return []
        hits = [self._hit(row, rank, holders, weights) for row, rank in self._ranked(list(weights))]
        return sorted(hits, key=lambda hit: -hit.score)

    def _ranked(self, terms: list[str]) -> list[tuple[int, float]]:
        """Return the best rows by BM25, as SQLite ranks them."""
        query = " OR ".join(map(_either, terms))
        sql = f"SELECT rowid, -bm25(p, 1.0, {HEADING_WEIGHT}) AS rank FROM p WHERE p MATCH ?"
        return self._db.execute(f"{sql} ORDER BY rank DESC LIMIT {CANDIDATES}", (query,)).fetchall()

    def _holders(self, term: str) -> frozenset[int]:
        """Return the passages with the word; one written like `-9` must stand there literally."""
        matches = self._db.execute("SELECT rowid FROM p WHERE p MATCH ?", (_either(term),))
        ids = (row for (row,) in matches)
        if not term.startswith("-"):
            return frozenset(ids)
        literal = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)
        return frozenset(row for row in ids if literal.search(self.passages[row].text))

    def _weight(self, holders: int) -> float:
        """Return how much a word tells: rare words tell most."""
        return math.log(1 + len(self.passages) / holders)

    def _hit(self, row: int, rank: float, holders: dict[str, frozenset[int]], weights: dict[str, float]) -> Hit:
        """Score a passage: BM25, times the share of the question that it covers."""
        present = frozenset(term for term in weights if row in holders[term])
        covered = sum(weights[term] for term in present) / sum(weights.values())
        passage = self.passages[row]
        if row not in self._readable:
            self._readable[row] = _readability(passage.text)
        return Hit(passage, present, rank * (0.2 + covered) * self._readable[row])


IndexOf: TypeAlias = Callable[[tuple[Document, ...]], Index]


class Indexes:
    """The indexes of the last sets of documents that were asked about."""

    def __init__(self) -> None:
        self._by_documents: OrderedDict[tuple[Document, ...], Index] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def lend(self) -> Iterator[IndexOf]:
        """Lend what finds or makes an index, for one question at a time."""
        with self._lock:
            yield self._index

    def close(self) -> None:
        """Free all of them."""
        with self._lock:
            while self._by_documents:
                self._by_documents.popitem()[1].close()

    def _index(self, documents: tuple[Document, ...]) -> Index:
        index = self._by_documents.pop(documents, None) or Index(documents)
        self._by_documents[documents] = index
        while len(self._by_documents) > KEPT_INDEXES:
            self._by_documents.popitem(last=False)[1].close()
        return index


def _readability(text: str) -> float:
    """Return less for what matches well and says little: rows of numbers, stubs, captions, capitals."""
    letters = sum(char.isalpha() or char.isspace() for char in text) / max(1, len(text))
    capitals = sum(char.isupper() for char in text) / max(1, len(text))
    flaws = (letters < 0.75, len(text) < 60, text[-1:] not in ".!?", capitals > 0.3)
    return 0.7 ** sum(flaws)


def _either(term: str) -> str:
    """Return the query for a word or what a document may say instead."""
    if term.endswith("*"):
        bare = term[:-1]
        return f'"{bare}" OR "{_ENDING.sub("", bare)}" *'
    if term.isdecimal() and 3 < len(term) < LONGEST_NUMBER:
        return f'"{term}" OR "{int(term):,}"'  # a phrase of groups, whatever stands between them
    return " OR ".join(f'"{variant}"' for variant in (term, *ALSO.get(term, ())))
