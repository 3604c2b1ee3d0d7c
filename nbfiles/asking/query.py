"""A question as it was put, before names and variables are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbfiles.asking.answer import Answer
from nbfiles.asking.options import Options
from nbfiles.errors import BadInput


@dataclass(frozen=True)
class Query:
    """A question as it was put: its words for files, its options, and what it goes on with."""

    question: str
    words: Sequence[str] = ()
    options: Options = field(default_factory=Options)
    variables: Mapping[str, Any] | None = None
    after: Answer | None = None

    def check(self) -> None:
        """Raise BadInput where there is nothing to ask."""
        if not self.question.strip():
            raise BadInput("The question is empty. Write it below the %%ask_file line, or behind the names.")
