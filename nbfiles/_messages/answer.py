"""An answer as a value: what was asked, the blocks that came, how it ended, and the views that people use.

It holds no connection and draws nothing: AnswerBuilder makes it of events, `nbfiles._display` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Unpack

from nbfiles._messages import code_steps, dataframes
from nbfiles._messages.answer_record import AnswerRecord, Outcome, Usage
from nbfiles._messages.block_values import Part, Text
from nbfiles._messages.citations import AnswerActions, Citation, available, number_citations, parts_of
from nbfiles._messages.code_steps import CodeStep
from nbfiles._messages.options import AskKeywords
from nbfiles.errors import NbfilesError, stop_in_one_line
from nbfiles.options import spelled
from nbfiles.private_values import PrivateText
from nbfiles.records import Origin

__all__ = ["Answer", "AnswerActions", "Citation", "Outcome", "Usage"]

WHOLE = ("end_turn", "stop_sequence")  # what the API gives as the reason to stop where nothing is missing
ENDINGS = {
    "max_tokens": "It was cut at its limit of tokens. Ask again with a larger {max_tokens}.",
    "refusal": "Claude declined to answer this question.",
    "model_context_window_exceeded": "Files and answer are too long for the model. Ask about fewer files.",
}


@dataclass(frozen=True, repr=False)
class Answer(AnswerRecord):
    """Claude's answer to one question, complete or not; `actions` is what goes on with it and shows it."""

    actions: AnswerActions | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.actions.text(self) if self.actions else repr(self)

    def _ipython_display_(self) -> None:
        """Show the answer as the result of a cell, also where no extension was loaded."""
        if self.actions is None:
            raise NotImplementedError  # IPython then shows the repr
        with stop_in_one_line():
            self.actions.show(self, again=False)

    @property
    def text(self) -> str:
        """The answer's prose, as Markdown, without citation marks."""
        return PrivateText("".join(block.text for block in self.blocks if isinstance(block, Text)))

    @property
    def complete(self) -> bool:
        """Whether the whole answer arrived."""
        return self.problem is None and self.stop_reason in WHOLE

    def ending_problem(self) -> str | None:
        """Say in one line why the answer is not whole.

        Returns
        -------
        str or None
            The line; None where it is whole, or has not ended yet.

        """
        if self.problem or self.stop_reason in (None, "pause_turn", *WHOLE):
            return self.problem
        if self.stop_reason in ENDINGS:
            return ENDINGS[self.stop_reason].format(max_tokens=spelled(AskKeywords, "max_tokens"))
        return f"It ended for a reason that nbfiles does not know ({self.stop_reason}), so it may not be whole."

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources, numbered from 1 in the order of the text; a repeated one has one number."""
        return tuple(number_citations(self.blocks, self.asked, self.outcome, self.actions))

    @property
    def code(self) -> tuple[CodeStep, ...]:
        """The code that ran, step by step."""
        return tuple(part for part in self.parts() if isinstance(part, CodeStep))

    def ask(
        self,
        question: str,
        *names: object,
        variables: Mapping[str, object] | None = None,
        **options: Unpack[AskKeywords],
    ) -> Answer:
        """Ask a follow-up in the same conversation.

        Parameters
        ----------
        question
            The question; `{{name}}` in it is replaced where `variables` are given.
        *names
            Files that join the conversation: names, globs or paths.
        variables
            The notebook's variables, such as `globals()`.
        **options
            Those of `nbfiles.ask`.

        Returns
        -------
        Answer
            The next turn.

        Raises
        ------
        NbfilesError
            Where the question cannot be asked, or its answer is cut; its `answer` holds what had arrived.

        """
        return available(self.actions).ask(self, question, names, variables, **options)

    def show(self) -> None:
        """Show the answer again, as its cell did.

        Raises
        ------
        NbfilesError
            Where the answer comes from no session of this kernel.

        """
        available(self.actions).show(self)

    @property
    def data(self) -> Any:
        """The fields of the schema, checked; raises NbfilesError where the answer does not fit."""
        if self.asked.schema is None:
            schema = spelled(AskKeywords, "schema", "name, total float")
            raise NbfilesError("This answer has no fields, only .text. Ask again with ", schema, ".")
        if reason := self.data_problem():
            error = NbfilesError(f"{reason} The reply as it came is in .text")
            error.answer = self
            raise error
        return self.asked.schema.read(self.text)

    def data_problem(self) -> str | None:
        """Say in one line why the answer does not fill the fields of its schema.

        Returns
        -------
        str or None
            The line; None where it does, or where no schema was asked for.

        """
        schema = self.asked.schema
        if schema is None:
            return None
        return schema.problem(self.text, self.stop_reason, self.request.get("max_tokens", 0))

    def df(self, name: str | None = None) -> Any:
        """Return a table that the code made, or the data of the schema, as a pandas DataFrame.

        Parameters
        ----------
        name
            The name of a file, such as `out.csv`. Without it: the data of the schema (a row, or a row for each
            item of its only list), or the only table there is.

        Returns
        -------
        pandas.DataFrame
            The table.

        Raises
        ------
        NbfilesError
            Where there is no such table, or its reader is not installed.

        """
        if name is None and self.asked.schema is not None:
            return dataframes.frame(self.asked.schema.rows(self.data))
        return dataframes.read(self.files, name)

    def parts(self) -> Iterator[Part]:
        """Yield what is drawn, in the order of the answer.

        Yields
        ------
        Prose, CodeStep, Thought or Block
            Prose for text blocks that follow each other, a CodeStep for each call, a Thought where it has
            words, and other blocks as they are where their type has a view in BLOCKS.

        """
        return parts_of(self.blocks)

    def origins(self) -> dict[str, Origin]:
        """Return where each file that the code made comes from.

        Returns
        -------
        dict
            From file_id to Origin, in the order of the steps.

        """
        return code_steps.origins(self.code, [b.raw for b in self.blocks], self.asked.inputs, self.container)
