"""The engines: a question in, parts of an answer out. They know neither HTTP nor the API's events.

A new engine is one module and one row of ENGINES: a class that is made with the store, says with `can` which
questions it takes part in, and answers them. Its `note` stands once before its first text. Engines answer in
the order of the table; each sees the parts of those before it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from nbfiles.server.engines.client_tools import ClientTools
from nbfiles.server.engines.images import Images
from nbfiles.server.engines.quotes.engine import Quotes
from nbfiles.server.engines.quotes.structured import StructuredOutput
from nbfiles.server.engines.sandbox.engine import Sandbox
from nbfiles.server.messages.parts import NOTE, Part, StopPart, TextPart
from nbfiles.server.messages.query import Query
from nbfiles.server.storage.store import Store

NOTHING_TO_READ = (
    f"{NOTE} It quotes passages and runs code, but this question names no document, no data file and no Python to run."
)
REFUSED = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL"  # how the documented word to test refusals begins


class Engine(Protocol):
    """What answers questions of some kind."""

    @property
    def note(self) -> str:
        """What a reader must know of its answers; empty for nothing."""
        ...

    def can(self, query: Query) -> bool:
        """Return whether the engine takes part in an answer."""
        ...

    def answer(self, query: Query, stop: threading.Event, before: Sequence[Part]) -> Iterator[Part]:
        """Yield its parts; `before` are those of the engines before it, and setting `stop` ends it early."""
        ...

    def close(self) -> None:
        """End what still runs, and free what is kept for the next question."""
        ...


EngineRow: TypeAlias = Callable[[Store], Engine]

ENGINES: tuple[EngineRow, ...] = (ClientTools, Quotes, Images, Sandbox, StructuredOutput)


class Engines:
    """All engines over one store."""

    def __init__(self, store: Store, rows: Sequence[EngineRow] = ENGINES) -> None:
        self._engines = [create(store) for create in rows]

    def answer(self, query: Query, stop: threading.Event) -> Iterator[Part]:
        """Yield the answer; setting `stop` ends it early."""
        if REFUSED in query.question:
            yield StopPart("refusal")
            return
        engines = [engine for engine in self._engines if engine.can(query)]
        parts: list[Part] = []
        notes: set[str] = set()
        for engine in engines:
            note = "" if engine.note in notes else engine.note
            notes.add(note)
            for part in _with_note(note, engine.answer(query, stop, tuple(parts))):
                parts.append(part)
                yield part
        if not (engines or query.documents or query.pictures):
            yield TextPart(NOTHING_TO_READ)

    def close(self) -> None:
        """End every program that still runs, and free what is kept."""
        for engine in self._engines:
            engine.close()


def _with_note(note: str, parts: Iterator[Part]) -> Iterator[Part]:
    """Put a note before the first text, and leave the other parts as they are."""
    for part in parts:
        if note and isinstance(part, TextPart):
            part, note = replace(part, text=f"{note} {part.text.lstrip()}"), ""
        yield part
