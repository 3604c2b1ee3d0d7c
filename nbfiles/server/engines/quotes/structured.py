"""Structured output: a value that fits the schema, its leaves from labels and matching passages.

It writes nothing of its own. A property is looked for by its name and description; what is not found is null where
the schema allows it, left out where it is optional, and otherwise empty: "", 0, false or [].
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from nbfiles.server.engines.quotes import index, values
from nbfiles.server.engines.quotes.index import Indexes, IndexOf
from nbfiles.server.engines.quotes.passages import DocumentPassage
from nbfiles.server.engines.quotes.prose import clipped, tidy
from nbfiles.server.errors import ApiProblem
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.parts import Part, ResultPart, TextPart
from nbfiles.server.messages.query import Document, Query
from nbfiles.server.rules.schema_size import MOST_PARTS
from nbfiles.server.rules.schemas import resolved
from nbfiles.server.storage.store import Store

Schema: TypeAlias = JsonObject

LONGEST = 400  # characters of a text that is a whole passage
MOST_ITEMS = 5  # passages in a list of texts
MOST_VISITS = 4 * MOST_PARTS  # of parts of a schema, for one document; a part is looked at up to four times
MISSING = object()

NAMES_OF_FILES = {"file", "filename", "file name", "document", "source", "document name", "source file"}
NAMES_OF_QUOTES = {"quote", "evidence", "excerpt", "passage", "cited text", "source text", "citation"}
NAMES_OF_PAGES = {"page", "page number"}
ABOUT_THE_SOURCE = NAMES_OF_FILES | NAMES_OF_QUOTES | NAMES_OF_PAGES
NAMES_OF_ANSWERS = {"answer", "result", "response", "summary", "value", "text", "reason", "explanation"}


class TooComplex(ValueError):
    """A schema has no end, or more parts than can be filled."""


class FillCancelled(Exception):
    """Nobody waits for the answer any more."""


class StructuredOutput:
    """Fills the schema of a request from its documents and from what the code before printed."""

    note = ""

    def __init__(self, store: Store) -> None:
        del store  # a query brings its documents as text
        self._indexes = Indexes()

    def can(self, query: Query) -> bool:
        """Return whether a schema is to be filled."""
        return query.schema is not None

    def answer(self, query: Query, stop: threading.Event, before: Sequence[Part]) -> Iterator[Part]:
        """Yield one text of JSON."""
        schema = query.schema
        assert schema is not None
        outputs = [str(part.content.get("stdout", "")) for part in before if isinstance(part, ResultPart)]
        printed = [Document(-1, "output", None, "char", (text,), False) for text in outputs if text]
        documents = (*query.documents, *printed) or query.sources
        with self._indexes.lend() as index_of:
            filler = Filler(schema, query.question, index_of, stop)
            try:
                if query.prompted:
                    value: object = fill_object(filler, schema, "", documents)
                else:
                    value = filler.fill(schema, "", documents)
            except FillCancelled:
                return
        yield TextPart(json.dumps(value, ensure_ascii=False))

    def close(self) -> None:
        """Free the indexes."""
        self._indexes.close()


class Holders:
    """The parts of documents that may hold a label: those with its words; to look for these is fast."""

    def __init__(self) -> None:
        self._folded: dict[str, str] = {}  # each part, and the same without capitals

    def of(self, name: str, documents: Sequence[Document]) -> list[str]:
        """Return the parts that have the words of a name, in whatever letters."""
        words = [word.casefold() for word in values.words_of(name)]
        parts = [part for document in documents for part in document.parts]
        return [part for part in parts if all(word in self._fold(part) for word in words)]

    def _fold(self, part: str) -> str:
        if part not in self._folded:
            self._folded[part] = part.casefold()
        return self._folded[part]


class Filler:
    """Walks a schema and looks for each leaf in the documents at hand, to an end whatever the schema is."""

    def __init__(self, root: Schema, question: str, index_of: IndexOf, stop: threading.Event) -> None:
        self._root = root
        self._question = index.terms(question)
        self._index_of = index_of
        self._stop = stop
        self._holders = Holders()
        self._seen: DocumentPassage | None = None  # where the last leaf was found
        self._visits = 0  # of parts of the schema, for the document at hand

    def fill(self, schema: Schema, name: str, documents: tuple[Document, ...]) -> object:
        """Return a value for a schema, always a valid one; raises TooComplex for one without end, or FillCancelled."""
        value = self._search(schema, name, documents)
        return self._nothing(schema) if value is MISSING else value

    def _search(self, schema: Schema, name: str, documents: tuple[Document, ...]) -> object:
        schema = self._plain(schema)
        match schema:
            case {"const": value}:
                return value
            case {"enum": [_, *_] as choices}:
                return self._choice(choices, name, schema, documents)
            case {"anyOf": [*members]}:
                options = (self._search(member, name, documents) for member in members if not _is_null(member))
                return next((value for value in options if value is not MISSING), MISSING)
        match _kind(schema):
            case "object":
                return self._object(schema, documents)
            case "array":
                return self._array(schema, name, documents)
            case "null":
                return None
            case kind:
                return self._leaf(kind, schema, name, documents)

    def _plain(self, schema: Schema) -> Schema:
        """Return a schema without `$ref` and `allOf`."""
        self._visit()
        while "$ref" in schema:
            self._visit()
            schema = resolved(schema, self._root) | {k: v for k, v in schema.items() if k != "$ref"}
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        for part in map(self._plain, schema.get("allOf", ())):
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            merged |= part | ({"properties": properties} if properties else {})
        return merged

    def _visit(self) -> None:
        if self._stop.is_set():
            raise FillCancelled
        self._visits += 1
        if self._visits > MOST_VISITS:
            raise TooComplex("the schema has too many parts")

    def _object(self, schema: Schema, documents: tuple[Document, ...]) -> JsonObject:
        """Fill the properties; those about the source come last, when it is known."""
        self._seen = None
        properties: dict[str, Schema] = schema.get("properties", {})
        required, filled = schema.get("required", ()), {}
        for name in sorted(properties, key=lambda name: _phrase(name) in ABOUT_THE_SOURCE):
            value = self._search(properties[name], name, documents)
            if value is not MISSING:
                filled[name] = value
            elif name in required:
                filled[name] = self._nothing(properties[name])
        return {name: filled[name] for name in properties if name in filled}

    def _array(self, schema: Schema, name: str, documents: tuple[Document, ...]) -> object:
        items = self._plain(schema.get("items", {"type": "string"}))
        if _kind(items) == "object" or len(documents) > 1:
            return [self._fill_from(document, items, name, alone=len(documents) == 1) for document in documents]
        if items.get("type") == "string" and not {"enum", "const", "format", "anyOf"} & items.keys():
            if label := values.labelled(name, self._holders.of(name, documents)):
                return [part.strip() for part in re.split("[,;]", label) if part.strip()]
            texts = [_one_line(passage) for passage in self._passages(name, schema, documents)[:MOST_ITEMS]]
            return list(dict.fromkeys(texts)) or self._nothing(schema)
        value = self._search(items, name, documents)
        return self._nothing(schema) if value is MISSING else [value]

    def _fill_from(self, document: Document, items: Schema, name: str, *, alone: bool) -> object:
        """Return what one document has; each of several may take as many visits as a single one."""
        if not alone:
            self._visits = 0
        return self.fill(items, name, (document,))

    def _choice(self, choices: list[object], name: str, schema: Schema, documents: tuple[Document, ...]) -> object:
        """Return the choice that a label or a matching passage names."""
        label = values.labelled(name, self._holders.of(name, documents))
        texts = [label] if label else [p.text for p in self._passages(name, schema, documents)[:MOST_ITEMS]]
        for text in texts:
            matches = [choice for choice in choices if f" {_phrase(str(choice))} " in f" {_phrase(text)} "]
            if matches:
                return max(matches, key=lambda choice: len(str(choice)))
        return MISSING

    def _leaf(self, kind: str, schema: Schema, name: str, documents: tuple[Document, ...]) -> object:
        if _phrase(name) in ABOUT_THE_SOURCE:
            return self._source(_phrase(name), kind, documents)
        candidates = self._candidates(kind, schema, name, documents)
        readings = (_as_kind(kind, schema, text) for text in candidates)
        return next((value for value in readings if value is not MISSING), MISSING)

    def _candidates(self, kind: str, schema: Schema, name: str, documents: tuple[Document, ...]) -> Iterator[str]:
        """Yield the texts that may hold a leaf's value, the surest first."""
        label = values.labelled(name, self._holders.of(name, documents))
        if label is None and kind in ("number", "integer"):
            label = values.number_after(name, self._holders.of(name, documents))
        if label is not None:
            yield label
        for passage in self._passages(name, schema, documents)[:MOST_ITEMS]:
            self._seen = passage
            yield _one_line(passage)

    def _source(self, name: str, kind: str, documents: tuple[Document, ...]) -> object:
        """Return the file, page or quote of what was found in the same object."""
        if name in NAMES_OF_FILES and kind == "string":
            return self._seen.document.label if self._seen else documents[0].label
        if self._seen is None:
            return MISSING
        if name in NAMES_OF_PAGES and kind in ("integer", "number", "string"):
            page = self._seen.part + 1
            return str(page) if kind == "string" else page
        return _one_line(self._seen) if kind == "string" else MISSING

    def _passages(self, name: str, schema: Schema, documents: tuple[Document, ...]) -> list[DocumentPassage]:
        searchable = self._index_of(documents)
        terms = index.terms(" ".join([*values.words_of(name), str(schema.get("description", ""))]))
        if _phrase(name) in NAMES_OF_ANSWERS or not terms:
            terms = self._question
            if index.is_general(terms):
                return [passage for passage in searchable.passages if len(passage.text) > 80][:1]
        return [hit.passage for hit in searchable.search(terms)] if terms else []

    def _nothing(self, schema: Schema) -> object:
        """Return the valid value that says least."""
        schema = self._plain(schema)
        members = schema.get("anyOf", ())
        if _is_null(schema) or any(map(_is_null, members)):
            return None
        if members:
            return self._nothing(members[0])
        if "enum" in schema:
            return None if None in schema["enum"] else schema["enum"][0]
        match _kind(schema):
            case "object":
                inner, names = schema.get("properties", {}), schema.get("required", ())
                return {name: self._nothing(inner[name]) for name in names if name in inner}
            case "array":
                return [self._nothing(schema.get("items", {})) for _ in range(int(schema.get("minItems", 0)))]
            case "string":
                return values.NOTHING.get(schema.get("format", ""), "")
            case kind:
                return {"number": 0.0, "integer": 0, "boolean": False}.get(kind)


def fill_object(filler: Filler, schema: Schema, name: str, documents: tuple[Document, ...]) -> JsonObject:
    """Return an object for any JSON that is meant as a schema; an empty one where it is none that can be filled."""
    try:
        value = filler.fill(schema, name, documents)
    except (ApiProblem, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _kind(schema: Schema) -> str:
    """Return the type of a schema, the first that is not null where there are several."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    return kind or ("object" if "properties" in schema else "array" if "items" in schema else "string")


def _is_null(schema: Schema) -> bool:
    kind = schema.get("type")
    return kind == "null" or (isinstance(kind, list) and "null" in kind and "anyOf" not in schema)


def _as_kind(kind: str, schema: Schema, text: str) -> object:
    """Read a text as a leaf's type."""
    if kind == "boolean":
        return not text.lower().startswith(("no", "false", "nein", "non", "0"))
    if kind in ("number", "integer"):
        value = values.number(text)
        return MISSING if value is None else int(value) if kind == "integer" else value
    if "format" in schema:
        return values.formatted(schema["format"], text) or MISSING
    return clipped(tidy(text), LONGEST)


def _one_line(passage: DocumentPassage) -> str:
    return clipped(tidy(passage.text), LONGEST)


def _phrase(name: str) -> str:
    return " ".join(values.words_of(name))
