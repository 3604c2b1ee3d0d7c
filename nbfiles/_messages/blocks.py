"""Content blocks of a reply: one table says how each type is read, grows, is sent back, named and drawn.

A new type is one entry of BLOCKS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from nbfiles._messages import code_steps
from nbfiles._messages.block_values import (
    Block,
    Part,
    Text,
    Thinking,
    Thought,
    ToolCall,
    ToolResult,
    Unknown,
    typed_block,
    typed_citation,
)
from nbfiles.private_values import private
from nbfiles.records import JSON

PARTIAL_INPUT = "_partial_input"  # of a tool call while it is written; no field of the API begins so


class View(NamedTuple):
    """The name of a function that draws, which only views import."""

    module: str
    function: str


class GrowingBlock:
    """A block that arrives in deltas; its texts are joined only when somebody looks."""

    def __init__(self, raw: JSON) -> None:
        self.type = str(raw["type"])
        self._kind = kind_of(self.type)
        self._values = {
            name: list(value) if isinstance(value, list) else value for name, value in typed_block(raw).items()
        }
        self._texts: dict[str, list[str]] = {}

    def add(self, delta: JSON) -> None:
        """Grow by a delta; one that does not belong to this type of block changes nothing."""
        grow = self._kind.deltas.get(str(delta.get("type")))
        if grow is not None:
            grow(self, delta)

    def write(self, name: str, text: object) -> None:
        """Write more text behind that of a field."""
        if isinstance(text, str):
            self._texts.setdefault(name, [str(self._values.get(name) or "")]).append(text)

    def append(self, name: str, item: JSON) -> None:
        """Put one more item behind those of a field."""
        self._values.setdefault(name, []).append(item)

    def text(self, name: str) -> str:
        """Return the text of a field so far."""
        return "".join(self._texts.get(name, ()))

    @property
    def has_text(self) -> bool:
        """Whether it has any words of prose."""
        return self.type == "text" and bool(self._values.get("text") or self._texts.get("text"))

    @property
    def writes_input(self) -> bool:
        """Whether the input of a tool call is not whole yet."""
        return PARTIAL_INPUT in self._texts or not self._values.get("input")

    def close(self) -> None:
        """Read what is complete now, such as the input of a tool call."""
        self._values = self._kind.close(self._joined())
        self._texts = {}

    def block(self) -> Block:
        """Return the block so far."""
        values = {name: list(value) if isinstance(value, list) else value for name, value in self._joined().items()}
        values.pop(PARTIAL_INPUT, None)
        return self._kind.parse(private(values))

    def _joined(self) -> JSON:
        return {**self._values, **{name: "".join(pieces) for name, pieces in self._texts.items()}}


Delta: TypeAlias = Callable[[GrowingBlock, JSON], None]


def _as_it_is(values: JSON) -> JSON:
    return values


def _whole(block: Block, _answered: Collection[str]) -> JSON | None:
    return block.raw


def _itself(block: Block, _results: Mapping[str, object]) -> Part | None:
    return block


def _nothing(_block: Block, _results: Mapping[str, object]) -> Part | None:
    return None


@dataclass(frozen=True)
class BlockKind:
    """One type of block: an entry of BLOCKS.

    `parse` reads the JSON of the API, whose known fields have their proper types. `deltas` says how each delta
    makes it grow, `close` what is read when it is whole. `part` is what is drawn of it, given the results of
    the tool calls by id, and `view` draws that: `(part, number of the code step) -> sanitize.RenderedBlock`.
    `status` is what goes on while it is the last block: words, or a function of the answer and the input of a
    tool call so far. `resend` is what goes back to the API in the next turn, given the ids of the calls that
    have a result, or None. `of_model` marks what another model cannot read.
    """

    parse: Callable[[JSON], Block]
    deltas: Mapping[str, Delta] = field(default_factory=dict)
    close: Callable[[JSON], JSON] = _as_it_is
    part: Callable[[Block, Mapping[str, object]], Part | None] = _itself
    view: View | None = None
    status: str | View = "Working"
    resend: Callable[[Block, Collection[str]], JSON | None] = _whole
    of_model: bool = False


def writes(source: str, target: str) -> Delta:
    """Return what writes the field `source` of a delta behind the field `target` of its block."""

    def grow(block: GrowingBlock, delta: JSON) -> None:
        block.write(target, delta.get(source))

    return grow


def parse_block(raw: JSON) -> Block:
    """Return a block of the API as a value."""
    return kind_of(str(raw["type"])).parse(typed_block(raw))


def kind_of(name: str) -> BlockKind:
    """Return the entry of a type of block; other results of tools are read alike, and so is what is unknown."""
    return BLOCKS.get(name) or (_RESULT if name.endswith("_tool_result") else _UNKNOWN)


def sent_back(blocks: Collection[Block]) -> list[JSON]:
    """Return the blocks that may be sent back: no empty text, no call without its result, no cut thought."""
    answered = {block.call_id for block in blocks if isinstance(block, ToolResult)}
    blocks_sent = (kind_of(block.type).resend(block, answered) for block in blocks)
    return [raw for raw in blocks_sent if raw is not None]


def _text(raw: JSON) -> Block:
    return Text(raw["type"], raw, raw.get("text", ""), tuple(raw.get("citations") or ()))


def _thinking(raw: JSON) -> Block:
    return Thinking(raw["type"], raw, raw.get("thinking", ""), raw.get("signature", ""))


def _tool_call(raw: JSON) -> Block:
    return ToolCall(raw["type"], raw, raw.get("id", ""), str(raw.get("name")), raw.get("input", {}))


def _tool_result(raw: JSON) -> Block:
    return ToolResult(raw["type"], raw, raw.get("tool_use_id", ""), raw.get("content"))


def _unknown(raw: JSON) -> Block:
    return Unknown(raw["type"], raw)


def _cite(block: GrowingBlock, delta: JSON) -> None:
    if isinstance(citation := delta.get("citation"), dict):
        block.append("citations", typed_citation(citation))


def _with_input(values: JSON) -> JSON:
    """Return a tool call with its input; broken JSON is still worth reading."""
    text = values.pop(PARTIAL_INPUT, "")
    if not text:
        return values
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return {**values, "input": value if isinstance(value, dict) else {"code": text}}


def _thought(block: Block, _results: Mapping[str, object]) -> Part | None:
    return Thought(block.text) if isinstance(block, Thinking) and block.text.strip() else None


def _code_step(block: Block, results: Mapping[str, object]) -> Part | None:
    return code_steps.read(block.name, block.input, results.get(block.id)) if isinstance(block, ToolCall) else None


def _text_with_words(block: Block, _answered: Collection[str]) -> JSON | None:
    return block.raw if isinstance(block, Text) and block.text.strip() else None


def _signed(block: Block, _answered: Collection[str]) -> JSON | None:
    return block.raw if isinstance(block, Thinking) and block.signature else None


def _answered_call(block: Block, answered: Collection[str]) -> JSON | None:
    return block.raw if isinstance(block, ToolCall) and block.id in answered else None


_INPUT: Mapping[str, Delta] = {"input_json_delta": writes("partial_json", PARTIAL_INPUT)}
_RESULT = BlockKind(_tool_result, part=_nothing, status=View("nbfiles._display.status_line", "result"))
_UNKNOWN = BlockKind(_unknown, _INPUT, _with_input, part=_nothing)

BLOCKS: dict[str, BlockKind] = {
    "text": BlockKind(
        _text,
        {"text_delta": writes("text", "text"), "citations_delta": _cite},
        view=View("nbfiles._display.answer", "prose"),
        status="Writing",
        resend=_text_with_words,
    ),
    "thinking": BlockKind(
        _thinking,
        {
            "thinking_delta": writes("thinking", "thinking"),
            "signature_delta": writes("signature", "signature"),
        },
        part=_thought,
        view=View("nbfiles._display.answer", "thought"),
        status="Thinking",
        resend=_signed,
        of_model=True,
    ),
    "redacted_thinking": BlockKind(_unknown, part=_nothing, status="Thinking", of_model=True),
    "server_tool_use": BlockKind(
        _tool_call,
        _INPUT,
        _with_input,
        part=_code_step,
        view=View("nbfiles._display.code_steps", "step"),
        status=View("nbfiles._display.status_line", "step"),
        resend=_answered_call,
    ),
}
