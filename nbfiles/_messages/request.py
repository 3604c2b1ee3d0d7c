"""A question as it was put, before names and variables are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbfiles._messages.answer import Answer
from nbfiles._messages.options import AskOptions
from nbfiles.errors import BadInput, Spelled

WHERE_QUESTIONS_GO = Spelled(
    "Type, for example: nbfiles.ask('What changed?', 'report.pdf')",
    "Type it below the %%ask_file line, or after the names.",
)


@dataclass(frozen=True)
class AskRequest:
    """A question as it was put: its words for files, its options, and what it goes on with."""

    question: str
    words: Sequence[str] = ()
    options: AskOptions = field(default_factory=AskOptions)
    variables: Mapping[str, Any] | None = None
    after: Answer | None = None

    def check(self) -> None:
        """Raise BadInput where there is nothing to ask."""
        if not self.question.strip():
            raise BadInput("The question is empty. ", WHERE_QUESTIONS_GO)
