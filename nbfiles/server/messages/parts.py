"""Parts of an answer: what engines produce and the Messages API turns into blocks and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nbfiles.server.json_types import JsonObject

NOTE = "Local server: cannot answer in its own words."  # said once in an answer


@dataclass(frozen=True)
class TextPart:
    """A text block, with the citations that support it."""

    text: str
    citations: tuple[JsonObject, ...] = ()


@dataclass(frozen=True)
class ThinkingPart:
    """What is done next and why; written only when the request asks for thinking."""

    text: str


@dataclass(frozen=True)
class ToolUsePart:
    """A call of a tool that the client runs."""

    call_id: str
    name: str
    input: JsonObject


@dataclass(frozen=True)
class CallPart:
    """A tool of the code execution tool that is about to run: code_execution, bash_… or text_editor_…."""

    call_id: str
    tool: str
    input: JsonObject


@dataclass(frozen=True)
class ResultPart:
    """What the call of `call_id` gave: a result in the shape of its tool, or an error."""

    call_id: str
    tool: str
    content: JsonObject


@dataclass(frozen=True)
class ContainerPart:
    """The container that the code runs in; shown at the end of the message, not as a block."""

    id: str
    expires_at: float


@dataclass(frozen=True)
class StopPart:
    """The answer ends here for a reason: `pause_turn`, `refusal`, `tool_use`, or `end_turn` before engines behind."""

    reason: str


Part: TypeAlias = TextPart | ThinkingPart | ToolUsePart | CallPart | ResultPart | ContainerPart | StopPart
