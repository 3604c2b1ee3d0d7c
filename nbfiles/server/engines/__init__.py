"""The engines: a question in, pieces of an answer out. They know neither HTTP nor the API's events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from nbfiles.server.engines import images
from nbfiles.server.engines.quotes.engine import Quotes
from nbfiles.server.engines.sandbox.engine import Sandbox
from nbfiles.server.messages.parts import Part, Result, Stop, Text, Thinking
from nbfiles.server.messages.query import Document, Query
from nbfiles.server.storage.store import Store

NOTHING_TO_READ = (
    "Local server: quotes passages and runs code, does not reason. This question names no document to quote"
    " from, no data file and no Python to run, so there is nothing it can answer."
)
REFUSED = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL"  # how the documented word to test refusals begins


class Engines:
    """Choose who answers: quotes for documents, then what is known of images, then the sandbox."""

    def __init__(self, store: Store) -> None:
        self._quotes = Quotes()
        self._sandbox = Sandbox(store)

    def answer(self, ask: Query, stop: threading.Event) -> Iterator[Part]:
        """Yield the answer; setting `stop` ends it early."""
        if REFUSED in ask.question:
            yield Stop("refusal")
        elif ask.schema is not None:
            yield from self._structured(ask, stop)
        else:
            yield from self._in_words(ask, stop)

    def _in_words(self, ask: Query, stop: threading.Event) -> Iterator[Part]:
        quoted: list[str] = []
        if ask.documents and not ask.calls:
            yield Thinking(f"Local server: this is no reasoning. Search {len(ask.documents)} document(s).")
            for piece in self._quotes.answer(ask):
                quoted.append(piece.text)
                yield piece
        if ask.pictures and not ask.calls:
            yield from images.answer(ask)
        if self._sandbox.can(ask):
            yield from self._sandbox.answer(ask, stop, "".join(quoted))
        elif not (ask.documents or ask.pictures):
            yield Text(NOTHING_TO_READ)

    def _structured(self, ask: Query, stop: threading.Event) -> Iterator[Part]:
        """Run code as ever, then fill the schema from the documents and from what the code printed."""
        printed = []
        if self._sandbox.can(ask):
            for piece in self._sandbox.answer(ask, stop):
                if isinstance(piece, Result):
                    printed.append(str(piece.content.get("stdout", "")))
                if not isinstance(piece, Text):
                    yield piece
        output = [Document(-1, "output", None, "char", (text,), False) for text in printed if text]
        yield self._quotes.structured(replace(ask, documents=(*ask.documents, *output)))

    def close(self) -> None:
        """End every program that still runs, and close what is searched."""
        self._sandbox.close()
        self._quotes.close()
