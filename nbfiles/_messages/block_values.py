"""Content blocks as values, and what is drawn of them.

Replies are untrusted: a block or a citation with values of the wrong type loses them, not the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from nbfiles._messages.code_steps import CodeStep
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON

_TYPES: dict[str, type] = {
    "text": str,
    "thinking": str,
    "signature": str,
    "id": str,
    "tool_use_id": str,
    "input": dict,
    "citations": list,
    "file_id": str,
}
_CITATION_TYPES: dict[str, type] = {
    "type": str,
    "cited_text": str,
    "document_title": str,
    "document_index": int,
    "start_page_number": int,
    "end_page_number": int,
    "start_char_index": int,
    "end_char_index": int,
    "start_block_index": int,
}


@redacted_repr
@dataclass(frozen=True, slots=True)
class Block:
    """A block; `raw` is what the API sent, as it is sent back, without values of the wrong type."""

    type: str
    raw: JSON = field(repr=False)


@redacted_repr
@dataclass(frozen=True, slots=True)
class Text(Block):
    """Prose, as Markdown, with the citations of it as the API sent them."""

    text: str
    citations: tuple[JSON, ...] = ()


@redacted_repr
@dataclass(frozen=True, slots=True)
class Thinking(Block):
    """What Claude thought, as far as the API shows it; without a signature, it was cut."""

    text: str
    signature: str


@redacted_repr
@dataclass(frozen=True, slots=True)
class ToolCall(Block):
    """A call of a tool of the API, such as a step of code."""

    id: str
    name: str
    input: JSON


@redacted_repr
@dataclass(frozen=True, slots=True)
class ToolResult(Block):
    """What came of a tool call."""

    call_id: str
    content: object


@redacted_repr
@dataclass(frozen=True, slots=True)
class Unknown(Block):
    """A block of a type that this version does not know; it is kept, and sent back."""


@redacted_repr
@dataclass(frozen=True, slots=True)
class Prose:
    """Text blocks that follow each other: pieces of text, with the numbers of the citations behind each."""

    type: ClassVar[str] = "text"
    pieces: tuple[tuple[str, tuple[int, ...]], ...]


@redacted_repr
@dataclass(frozen=True, slots=True)
class Thought:
    """A thought that has words."""

    type: ClassVar[str] = "thinking"
    text: str


Part: TypeAlias = Prose | Thought | CodeStep | Block  # what is drawn; its `type` is that of an entry of BLOCKS


def typed_block(raw: JSON) -> JSON:
    """Return a content block whose known fields have their proper types; unknown fields stay as they are."""
    values = _typed(raw, _TYPES)
    if "citations" in values:
        values["citations"] = [typed_citation(item) for item in values["citations"] if isinstance(item, dict)]
    return values


def typed_citation(raw: JSON) -> JSON:
    """Return a citation whose known fields have their proper types."""
    return _typed(raw, _CITATION_TYPES)


def _typed(raw: JSON, types: Mapping[str, type]) -> JSON:
    return {
        name: value
        for name, value in raw.items()
        if name not in types or (isinstance(value, types[name]) and not isinstance(value, bool))
    }
