"""Pieces of an answer → the API's stream events; a message is the fold of its events.

JSON and SSE cannot disagree, because the JSON message is made from the very same events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from nbfiles.server import ids
from nbfiles.server.ids import timestamp
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages import signatures, usage
from nbfiles.server.messages.parts import (
    CallPart,
    ContainerPart,
    Part,
    ResultPart,
    StopPart,
    TextPart,
    ThinkingPart,
    ToolUsePart,
)
from nbfiles.server.messages.query import Query

Event: TypeAlias = JsonObject

PING: Event = {"type": "ping"}

_WORD_GROUPS = re.compile(r"(?:\S*\s+){1,4}|\S+\Z")  # about what one delta of the real API carries
REDACTED = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING"  # how the documented word to test it begins

_CODE_GROUPS = re.compile(r".{1,60}", re.DOTALL)


_REFUSAL = {"type": "refusal", "category": None, "explanation": "The question asks to be refused, as a test."}


class Writer:
    """Turn pieces into events, counting tokens and stopping where the request says.

    1. `start` opens the message; 2. `write` turns one piece into its block's events, and sets
    `stop_reason` when a limit is reached; 3. `finish` closes the message. Texts in a row that cite
    nothing are one block, as of a model: programs read the first one only.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self.stop_reason: str | None = None
        self._stop_sequence: str | None = None
        self._container: JsonObject | None = None
        self._tokens = 0
        self._thought = 0
        self._runs = 0
        self._index = 0
        self._text_is_open = False  # the last block is a text that cites nothing, and may go on

    def start(self) -> list[Event]:
        """Return the events before the first block."""
        message: Event = {
            "id": ids.new("msg"),
            "type": "message",
            "role": "assistant",
            "model": self.query.model,
            "content": [],
            "container": None,
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "usage": self.query.prompt.shape(1, tier=self.query.tier),
        }
        if self.query.diagnostics is not None:
            message["diagnostics"] = self.query.diagnostics
        return [{"type": "message_start", "message": message}, PING]

    def write(self, part: Part) -> list[Event]:
        """Return the events of one piece."""
        match part:
            case TextPart():
                return self._text(part)
            case ThinkingPart():
                return self._thinking(part)
            case CallPart():
                return self._call("server_tool_use", part.call_id, part.tool, part.input)
            case ToolUsePart():
                return self._call("tool_use", part.call_id, part.name, part.input)
            case ResultPart():
                kind = f"{part.tool}_tool_result"
                return self._block({"type": kind, "tool_use_id": part.call_id, "content": part.content}, [])
            case StopPart():
                self.stop_reason = part.reason
                return []
            case ContainerPart():
                moment, skills = timestamp(part.expires_at), [skill.shape for skill in self.query.skills]
                self._container = {"id": part.id, "expires_at": moment, "skills": skills or None}
                return []

    def finish(self) -> list[Event]:
        """Return the events after the last block."""
        delta = {
            "stop_reason": self.stop_reason or "end_turn",
            "stop_sequence": self._stop_sequence,
            "stop_details": _REFUSAL if self.stop_reason == "refusal" else None,
            "container": self._container,
        }
        used = self.query.prompt.shape(max(1, self._tokens), self._runs, self.query.tier, self._thought)
        end: list[Event] = [{"type": "message_delta", "delta": delta, "usage": used}, {"type": "message_stop"}]
        return [*self._close_text(), *end]

    def _text(self, part: TextPart) -> list[Event]:
        text = self._within_limits(part.text)
        whole = text == part.text  # a quotation cut short no longer says what its citation says
        block: Event = {"type": "text", "text": "", "citations": [] if part.citations and whole else None}
        deltas: list[Event] = [{"type": "text_delta", "text": group} for group in _WORD_GROUPS.findall(text)]
        if block["citations"] is None:
            return self._open_text(block, deltas) if text else []
        deltas += [{"type": "citations_delta", "citation": citation} for citation in part.citations]
        return self._block(block, deltas)

    def _open_text(self, block: Event, deltas: list[Event]) -> list[Event]:
        """Begin a text that cites nothing, or go on with the one before; it ends where another block begins."""
        opening = [] if self._text_is_open else [self._begin(block)]
        self._text_is_open = True
        return [*opening, *self._numbered(deltas)]

    def _close_text(self) -> list[Event]:
        closing = [self._end()] if self._text_is_open else []
        self._text_is_open = False
        return closing

    def _thinking(self, part: ThinkingPart) -> list[Event]:
        """Return a thinking block, when the request asks for one here; what is omitted is paid, too."""
        kind, display = self.query.thinking or (None, "")
        if kind is None or (kind == "between_tools" and not self._runs):
            return []
        text = self._within_limits(part.text)
        self._thought += usage.of_text(text)
        if REDACTED in self.query.question:
            return self._block({"type": "redacted_thinking", "data": signatures.sign(text)}, [])
        visible = text if display == "summarized" else ""
        deltas = [{"type": "thinking_delta", "thinking": group} for group in _WORD_GROUPS.findall(visible)]
        deltas.append({"type": "signature_delta", "signature": signatures.sign(visible)})
        return self._block({"type": "thinking", "thinking": "", "signature": ""}, deltas)

    def _call(self, kind: str, call_id: str, name: str, arguments: JsonObject) -> list[Event]:
        source = json.dumps(arguments, ensure_ascii=False)
        if usage.of_text(source) > self.query.max_tokens - self._tokens:
            self.stop_reason = "max_tokens"  # a call that is cut off is none
            return []
        self._tokens += usage.of_text(source)
        self._runs += kind == "server_tool_use"
        block = {"type": kind, "id": call_id, "name": name, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in _CODE_GROUPS.findall(source)]
        return self._block({**block, "caller": {"type": "direct"}}, deltas)

    def _block(self, block: Event, deltas: list[Event]) -> list[Event]:
        return [*self._close_text(), self._begin(block), *self._numbered(deltas), self._end()]

    def _begin(self, block: Event) -> Event:
        return {"type": "content_block_start", "index": self._index, "content_block": block}

    def _numbered(self, deltas: list[Event]) -> list[Event]:
        return [{"type": "content_block_delta", "index": self._index, "delta": delta} for delta in deltas]

    def _end(self) -> Event:
        self._index += 1
        return {"type": "content_block_stop", "index": self._index - 1}

    def _within_limits(self, text: str) -> str:
        """Cut a text at the first stop sequence or at the last token allowed."""
        stops = [(text.find(mark), mark) for mark in self.query.stop_sequences if mark in text]
        if stops:
            end, self._stop_sequence = min(stops)
            text, self.stop_reason = text[:end], "stop_sequence"
        room = self.query.max_tokens - self._tokens
        if usage.of_text(text) > room:
            text = text[: room * usage.CHARS_PER_TOKEN]
            self.stop_reason, self._stop_sequence = "max_tokens", None
        self._tokens += usage.of_text(text)
        return text


def bursts(query: Query, parts: Iterable[Part]) -> Iterator[list[Event]]:
    """Yield the events of a whole message, in bursts that are ready at the same time."""
    writer = Writer(query)
    yield writer.start()
    for part in parts:
        yield writer.write(part)
        if writer.stop_reason is not None:
            break
    yield writer.finish()


def fold(events: Iterable[Event]) -> JsonObject:
    """Return the message that a stream of events describes."""
    message: JsonObject = {}
    for event in events:
        match event:
            case {"type": "message_start", "message": opened}:
                message = {**opened, "content": []}
            case {"type": "content_block_start", "content_block": block}:
                message["content"].append(dict(block))
            case {"type": "content_block_delta", "delta": delta}:
                _extend(message["content"][-1], delta)
            case {"type": "content_block_stop"}:
                _complete(message["content"][-1])
            case {"type": "message_delta", "delta": delta, "usage": used}:
                message.update(delta, usage=message["usage"] | used)
    return message


def _extend(block: Event, delta: Event) -> None:
    match delta:
        case {"type": "text_delta", "text": text}:
            block["text"] += text
        case {"type": "thinking_delta", "thinking": text}:
            block["thinking"] += text
        case {"type": "signature_delta", "signature": signature}:
            block["signature"] = signature
        case {"type": "citations_delta", "citation": citation}:
            block["citations"] = [*(block["citations"] or ()), citation]
        case {"type": "input_json_delta", "partial_json": part}:
            block["input"] = (block["input"] or "") + part


def _complete(block: Event) -> None:
    if block["type"] in ("server_tool_use", "tool_use"):
        block["input"] = json.loads(block["input"])


def encode(events: Iterable[Event]) -> bytes:
    """Return events as server-sent events."""
    lines = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return "".join(lines).encode()
