"""Tools of the client: calls whose input is filled as a schema is, and what to say of their results.

A tool that is forced is called. Where the choice is free, those are called whose name and description share enough
words with the question, or whose required input the question spells out, in a turn that brings no results yet.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence

from nbfiles.server import ids
from nbfiles.server.engines.quotes import index
from nbfiles.server.engines.quotes.index import Indexes
from nbfiles.server.engines.quotes.prose import clipped, escaped
from nbfiles.server.engines.quotes.structured import FillCancelled, Filler, fill_object
from nbfiles.server.engines.quotes.values import labelled, words_of
from nbfiles.server.messages.parts import NOTE, Part, StopPart, TextPart, ToolUsePart
from nbfiles.server.messages.query import ClientTool, Query
from nbfiles.server.storage.store import Store

ENOUGH_WORDS = 2  # of a question that a tool's name and description must share, where the choice is free
_ASKS_FOR_A_CALL = re.compile(r"\btool call\b|\b(?:call|use) (?:a|the|one of the) (?:tool|function)", re.IGNORECASE)
LONGEST_READ = 20_000  # characters that are read to choose a tool
LONGEST_RESULT = 2_000  # characters that are repeated of a result


class ClientTools:
    """Calls tools of the client, or repeats what they returned."""

    note = NOTE

    def __init__(self, store: Store) -> None:
        del store  # a query brings its tools
        self._indexes = Indexes()

    def can(self, query: Query) -> bool:
        """Return whether a tool is to be called, or has returned something."""
        return bool(called(query)) or (bool(query.results) and query.schema is None)

    def answer(self, query: Query, stop: threading.Event, before: Sequence[Part]) -> Iterator[Part]:
        """Yield the calls, or one text with the results; then the answer ends, whatever other engines know."""
        del before
        tools = called(query)
        with self._indexes.lend() as index_of:
            for tool in tools:
                filler = Filler(tool.schema, query.question, index_of, stop)
                try:
                    value = fill_object(filler, tool.schema, tool.name, query.sources)
                except FillCancelled:
                    return
                yield ToolUsePart(ids.new("toolu"), tool.name, value)
        if not tools:
            yield TextPart("\n\n".join(map(_returned, query.results)))
        yield StopPart("tool_use" if tools else "end_turn")

    def close(self) -> None:
        """Free the indexes."""
        self._indexes.close()


def called(query: Query) -> tuple[ClientTool, ...]:
    """Return the tools that are called in this turn; several only where the choice is free."""
    choice = query.tool_choice
    if choice.kind == "tool":
        return tuple(tool for tool in query.client_tools if tool.name == choice.name)
    if choice.kind == "any":
        return _best_first(query.client_tools, query)[:1]
    if choice.kind == "none" or query.results:
        return ()
    fitting = _best_first([tool for tool in query.client_tools if _fits(tool, query.question)], query)
    if not fitting and _ASKS_FOR_A_CALL.search(query.question[:LONGEST_READ]):
        return _best_first(query.client_tools, query)[:1]
    return fitting if choice.parallel else fitting[:1]


def _best_first(tools: Sequence[ClientTool], query: Query) -> tuple[ClientTool, ...]:
    """Return tools in the order in which they fit; those that have answered already are the last."""

    def fitness(tool: ClientTool) -> tuple[bool, bool, int]:
        spelled_out = _is_spelled_out(tool, "\n".join(query.conversation))
        return tool.name not in query.answered, spelled_out, _shared_words(tool, query.question)

    return tuple(sorted(tools, key=fitness, reverse=True))


def _fits(tool: ClientTool, question: str) -> bool:
    return _shared_words(tool, question) >= ENOUGH_WORDS or _is_spelled_out(tool, question)


def _shared_words(tool: ClientTool, question: str) -> int:
    asked = set(index.terms(question))
    return len(asked & set(index.terms(f"{' '.join(words_of(tool.name))} {tool.description}")))


def _is_spelled_out(tool: ClientTool, text: str) -> bool:
    """Return whether all that a tool requires stands behind labels: `vendor: …`."""
    required = tool.schema.get("required")
    names = required if isinstance(required, list) else []
    beginning = text[:LONGEST_READ]
    return bool(names) and all(isinstance(name, str) and labelled(name, [beginning]) for name in names)


def _returned(result: tuple[str, str]) -> str:
    name, text = result
    return f"**{escaped(name)}** returned: {escaped(clipped(text, LONGEST_RESULT)) or 'nothing in words'}"
