"""A question as it was put, before names and variables are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nbfiles._messages.answer import Answer
from nbfiles._messages.options import AskKeywords, complete
from nbfiles.errors import BadInput, Spelled
from nbfiles.private_values import redacted_repr

WHERE_QUESTIONS_GO = Spelled(
    "Type, for example: nbfiles.ask('What changed?', 'report.pdf')",
    "Type it below the %%ask_file line, or after the names.",
)


@redacted_repr
@dataclass(frozen=True)
class AskRequest:
    """What a person wants: a question, the names of files, options, and what it goes on with.

    `variables` are for `{{name}}` in the question; `after` goes on with the conversation of an earlier answer.
    Raises BadInput for options that do not fit; those not given are filled in.
    """

    question: str
    names: Sequence[str] = ()
    options: AskKeywords = field(default_factory=AskKeywords)
    variables: Mapping[str, object] | None = None
    after: Answer | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", complete(self.options))

    def check(self) -> None:
        """Raise BadInput where there is nothing to ask."""
        if not self.question.strip():
            raise BadInput("The question is empty. ", WHERE_QUESTIONS_GO)
