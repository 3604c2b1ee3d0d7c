"""Pieces of an answer: what engines produce and the Messages API turns into blocks and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Text:
    """A text block, with the citations that support it."""

    text: str
    citations: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Code:
    """Python that is about to run."""

    call_id: str
    code: str


@dataclass(frozen=True)
class Result:
    """What the code of `call_id` gave: a code_execution_result or its error."""

    call_id: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Container:
    """The container that the code runs in; shown at the end of the message, not as a block."""

    id: str
    expires_at: float


Piece: TypeAlias = Text | Code | Result | Container
