"""Doors for Python: questions, answers, and threads of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any, Unpack

from nbfiles._display import answer, citation, costs, output
from nbfiles._display import conversations as threads_view
from nbfiles._display.progress import LiveProgress
from nbfiles._display.sanitize import clean
from nbfiles._display.tables import TextTable
from nbfiles._functions.kernel import current_session, word
from nbfiles._functions.validation import validate_arguments, validate_call
from nbfiles._messages import citation_check, code_steps, dataframes
from nbfiles._messages.answer import Answer, AnswerActions, Citation
from nbfiles._messages.options import AskKeywords
from nbfiles.errors import BadInput, Stopped
from nbfiles.records import FileRecord

Keep = Callable[[Any], None]


@validate_call
def ask(
    question: str, *names: Any, variables: Mapping[str, Any] | None = None, **options: Unpack[AskKeywords]
) -> Answer:
    """Ask Claude about files and return the answer, shown in the cell as it arrives.

    `names` are names of uploaded files, their records, globs, or paths, which are uploaded on first use.
    `code` lets Claude run code on the files (by default: when there is data among them), `cite` asks for
    citations (by default: when the API can give them). `schema` is a Pydantic class or a short form such
    as `'vendor, total float'`, for `.data` and `.df()`. `thread` goes on with a named conversation, which
    `fresh` begins anew. `budget` is in US dollars. `skill` adds skills such as `xlsx,pptx`, for office
    files. `variables` (such as `globals()`) are for `{{name}}` in the question, which is sent as it is
    without them; what they put in is data, and the local server runs none of it. Raises NbfilesError;
    its `answer` holds what had arrived.
    """
    return _ask(None, question, names, variables=variables, **options)


def ask_keeping(
    keep: Keep,
    question: str,
    *names: Any,
    variables: Mapping[str, Any] | None = None,
    **options: Unpack[AskKeywords],
) -> Answer:
    """Ask as `ask` does, and give `keep` what arrived before the last of it is drawn."""
    return _ask(None, question, names, keep=keep, variables=variables, **options)


def _ask(after: Answer | None, question: str, names: Sequence[Any], **options: Any) -> Answer:
    with LiveProgress(asking=True) as live:
        return current_session().ask(
            question, [*map(word, names)], **options, after=after, watcher=live, actions=_Actions()
        )


class _Actions(AnswerActions):
    """How answers of this kernel go on and are shown."""

    def ask(self, after: Answer, question: str, names: tuple[str, ...], **options: Any) -> Answer:
        validate_arguments("ask", signature(ask), question, *names, **options)
        return _ask(after, question, names, **options)

    def show(self, value: Answer | Citation, *, again: bool = True) -> None:
        if isinstance(value, Citation):
            library = current_session().library
            context = citation_check.context(value, library.registry.find(value.file), library.sent_text)
            output.show(citation.bundle(value, context))
        else:
            answer.show(value, again=again)

    def text(self, value: Answer) -> str:
        return answer.bundle(value)["text/plain"]


@validate_call
def ask_each(
    question: str,
    *names: str | os.PathLike[str] | FileRecord,
    variables: Mapping[str, Any] | None = None,
    **options: Unpack[AskKeywords],
) -> Any:
    """Ask the same of every file, several at a time, and return a pandas DataFrame with a row per file.

    Options are those of `ask`, without `thread`. A row has the fields of the `schema` or the `answer`, page
    and quote where it cites, `error`, tokens and dollars. Rows that are done are kept: asked again after a
    Stop, only the others are sent (`fresh` sends all). Raises NbfilesError before the first question, and
    Stopped, whose `answer` is the DataFrame of what was finished.
    """
    return ask_each_keeping(lambda _frame: None, question, *names, variables=variables, **options)


def ask_each_keeping(
    keep: Keep,
    question: str,
    *names: str | os.PathLike[str] | FileRecord,
    variables: Mapping[str, Any] | None = None,
    **options: Unpack[AskKeywords],
) -> Any:
    """Ask as `ask_each` does, and give `keep` the DataFrame before the last of it is drawn."""
    dataframes.pandas()
    with LiveProgress(asking=True) as live:
        try:
            rows = current_session().ask_each(
                question, [*map(word, names)], variables=variables, watcher=live, **options
            )
        except Stopped as stopped:
            stopped.answer = dataframes.frame([row.cells() for row in stopped.answer or ()])
            keep(stopped.answer)
            raise
        frame = dataframes.frame([row.cells() for row in rows])
        keep(frame)
        return frame


@validate_call
def plan(
    question: str,
    *names: str | os.PathLike[str] | FileRecord,
    each: bool = False,
    variables: Mapping[str, Any] | None = None,
    **options: Unpack[AskKeywords],
) -> TextTable:
    """Return what `ask` (or `ask_each`) would send and cost, as a table; sends and uploads nothing.

    Options are those of `ask`.
    """
    files = [*map(word, names)]
    return costs.plan(current_session().plan(question, files, each=each, variables=variables, **options))


@validate_call
def code(number: int | None = None) -> str:
    """Return the code of a step of the last answer, counted from 1, for a cell; the last one by default.

    Nothing runs it: it was written by a model, for a container.
    """
    last = current_session().asker.last
    found = last.code if last else ()
    number = number or len(found)
    if not 1 <= number <= len(found):
        if not found:
            raise BadInput("There is no code: the last answer ran none.")
        raise BadInput(f"There is no step {number}: the last answer has the steps 1 to {len(found)}.")
    return clean(code_steps.as_cell(found[number - 1], number))


@validate_call
def cite(number: int) -> None:
    """Show what mark `number` of the last answer cites: the page with the quote marked, or the passage."""
    last = current_session().asker.last
    citations = last.citations if last else ()
    if not 1 <= number <= len(citations):
        has = f"has the citations 1 to {len(citations)}" if citations else "has no citations"
        raise BadInput(f"There is no citation {number}: the last answer {has}.")
    citations[number - 1].show()


def threads() -> TextTable:
    """Return the named conversations, as a table."""
    return threads_view.table(current_session().asker.threads)


@validate_call
def show_thread(name: str) -> None:
    """Show every question and answer of a thread."""
    threads_view.show(current_session().asker.threads.get(name))


@validate_call
def fork_thread(name: str, new: str) -> TextTable:
    """Begin thread `new` with the turns that thread `name` has, and go on with each in its own way."""
    current_session().asker.threads.fork(name, new)
    return threads()


@validate_call
def undo_thread(name: str) -> TextTable:
    """Take back the last question and answer of a thread."""
    current_session().asker.threads.undo(name)
    return threads()


@validate_call
def drop_thread(name: str) -> TextTable:
    """Forget a thread; its files stay."""
    current_session().asker.threads.drop(name)
    return threads()
