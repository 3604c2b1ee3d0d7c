"""Questions, answers, and conversations."""

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
from nbfiles._functions.kernel import current_session, file_name
from nbfiles._functions.validation import validate_arguments, validate_call
from nbfiles._messages import citation_check, code_steps, dataframes
from nbfiles._messages.answer import Answer, AnswerActions, Citation
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.request import AskRequest
from nbfiles.errors import BadInput, Stopped, stop_in_one_line
from nbfiles.records import FileRecord

Keep = Callable[[object], None]

NOTHING_ASKED = "Nothing was asked yet. Type a question below %%ask_file FILE, or behind it on one line."


@validate_call
def ask(
    question: str, *names: object, variables: Mapping[str, object] | None = None, **options: Unpack[AskKeywords]
) -> Answer:
    """Ask Claude about files and return the answer, shown in the cell as it arrives.

    Parameters
    ----------
    question
        What to ask.
    *names
        Names of uploaded files, their records, globs, or paths, which are uploaded when you first ask.
    variables
        The notebook's variables, such as `globals()`, for `{{name}}` in the question. Their values are data:
        the local server runs none of it. Without them, the question is sent as it is.
    **options
        The options of a question.

    Returns
    -------
    Answer
        The whole answer, with citations, code, files, tokens and dollars.

    Raises
    ------
    BadInput
        For options, names or variables that do not fit; nothing was sent.
    NbfilesError
        Where the answer fails or is cut; its `answer` holds what had arrived.

    """
    return _ask(AskRequest(question, _names(names), options, variables))


def ask_keeping(
    keep: Keep,
    question: str,
    *names: object,
    variables: Mapping[str, object] | None = None,
    **options: Unpack[AskKeywords],
) -> Answer:
    """Ask as `ask` does, and give `keep` what arrived before the last of it is drawn."""
    request = AskRequest(question, _names(names), options, variables)
    with LiveProgress(asking=True, keep=keep) as live:
        return current_session().ask(request, live, _Actions())


def _ask(request: AskRequest) -> Answer:
    with LiveProgress(asking=True) as live:
        return current_session().ask(request, live, _Actions())


def _names(names: Sequence[Any]) -> list[Any]:
    return [*map(file_name, names)]


class _Actions(AnswerActions):
    """How answers of this kernel go on and are shown."""

    def ask(
        self,
        after: Answer,
        question: str,
        names: Sequence[object],
        variables: Mapping[str, object] | None = None,
        **options: Unpack[AskKeywords],
    ) -> Answer:
        validate_arguments("ask", signature(ask), question, *names, variables=variables, **options)
        with stop_in_one_line():
            return _ask(AskRequest(question, _names(names), options, variables, after))

    def show(self, value: Answer | Citation, *, again: bool = True) -> None:
        if isinstance(value, Citation):
            files = current_session().connection.files
            context = citation_check.context(value, files.registry.find(value.file), files.sent_text)
            output.show(citation.bundle(value, context))
        else:
            answer.show(value, again=again)

    def text(self, value: Answer) -> str:
        return answer.bundle(value)["text/plain"]


@validate_call
def ask_each(
    question: str,
    *names: str | os.PathLike[str] | FileRecord,
    variables: Mapping[str, object] | None = None,
    **options: Unpack[AskKeywords],
) -> Any:
    """Ask the same question about every file, several at a time, and return a table with a row per file.

    Rows that are finished are kept: asked again after a Stop, only the others are sent.

    Parameters
    ----------
    question
        What to ask about each file.
    *names
        Names of uploaded files, their records, globs, or paths, which are uploaded when you first ask.
    variables
        The notebook's variables, such as `globals()`, for `{{name}}` in the question. Their values are data:
        the local server runs none of it. Without them, the question is sent as it is.
    **options
        The options of a question.

    Returns
    -------
    pandas.DataFrame
        Per file: the fields of the schema or the answer, page or characters and quote where it cites, error, tokens,
        dollars.

    Raises
    ------
    BadInput
        Before the first question: for options, names or variables that do not fit, and for `thread`.
    Stopped
        After Stop; its `answer` is the table of what was finished.

    """
    return ask_each_keeping(lambda _frame: None, question, *names, variables=variables, **options)


def ask_each_keeping(
    keep: Keep,
    question: str,
    *names: str | os.PathLike[str] | FileRecord,
    variables: Mapping[str, object] | None = None,
    **options: Unpack[AskKeywords],
) -> Any:
    """Ask as `ask_each` does, and give `keep` the DataFrame before the last of it is drawn."""
    dataframes.pandas()
    request = AskRequest(question, _names(names), options, variables)
    with LiveProgress(asking=True) as live:
        try:
            rows = current_session().ask_each(request, live, _Actions())
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
    variables: Mapping[str, object] | None = None,
    **options: Unpack[AskKeywords],
) -> TextTable:
    """Return what `ask`, or `ask_each`, would send and what it may cost; sends and uploads nothing.

    Parameters
    ----------
    question
        What to ask.
    *names
        Names of uploaded files, their records, globs, or paths, which are uploaded when you first ask.
    each
        Whether every file is asked about separately, as in `ask_each`.
    variables
        The notebook's variables, such as `globals()`, for `{{name}}` in the question. Their values are data:
        the local server runs none of it. Without them, the question is sent as it is.
    **options
        The options of a question.

    Returns
    -------
    TextTable
        Files, blocks, tokens and US dollars.

    Raises
    ------
    BadInput
        For options, names or variables that do not fit; nothing was sent.

    """
    request = AskRequest(question, _names(names), options, variables)
    return costs.plan(current_session().plan(request, each=each))


@validate_call
def code(number: int | None = None, name: str | FileRecord | None = None) -> str:
    """Return the code of a step of the last answer, to read and to run in a cell.

    Parameters
    ----------
    number
        Which step, counted from 1; the last one by default.
    name
        The file whose answer is meant, where the last cell asked about several separately.

    Returns
    -------
    str
        The code, below a comment that says where it comes from. Nothing runs it: a model wrote it, for its container.

    Raises
    ------
    BadInput
        Where there is no such step.

    """
    steps = _last(name, f"code({number or 1}, {{}})", f"%nbfiles code {number or 1}").code
    number = number or len(steps)
    if not 1 <= number <= len(steps):
        if not steps:
            raise BadInput("There is no code: the last answer ran none.")
        raise BadInput(f"There is no step {number}: the last answer has the steps 1 to {len(steps)}.")
    return clean(code_steps.as_cell(steps[number - 1], number))


@validate_call
def cite(number: int, name: str | FileRecord | None = None) -> None:
    """Show what a mark of the last answer cites: the page with the quote marked, or the passage.

    Parameters
    ----------
    number
        The number of the mark, counted from 1.
    name
        The file whose answer is meant, where the last cell asked about several separately.

    Raises
    ------
    BadInput
        Where there is no such citation.

    """
    citations = _last(name, f"cite({number}, {{}})", f"%cite {number}").citations
    if not 1 <= number <= len(citations):
        has = f"has the citations 1 to {len(citations)}" if citations else "has no citations"
        raise BadInput(f"There is no citation {number}: the last answer {has}.")
    citations[number - 1].show()


def show_last(name: str | None = None) -> None:
    """Show the last answer again, or that about a file where the last cell asked about several separately."""
    last = current_session().last.pick(name, "show_last({})", "%nbfiles show")
    if last is None:
        raise BadInput(NOTHING_ASKED)
    answer.show(last, again=True)


def _last(name: str | FileRecord | None, python: str, magic: str) -> Answer:
    answer = current_session().last.pick(file_name(name), python, magic)
    if answer is None:
        raise BadInput(NOTHING_ASKED)
    return answer


def threads() -> TextTable:
    """Return the named conversations, as a table.

    Returns
    -------
    TextTable
        Name, turns, files and tokens of each.

    """
    return threads_view.table(current_session().connection.conversations)


@validate_call
def show_thread(name: str) -> None:
    """Show every question and answer of a thread."""
    threads_view.show(current_session().connection.conversations.get(name))


@validate_call
def fork_thread(name: str, new: str) -> TextTable:
    """Begin thread `new` with the turns that thread `name` has, and go on with each in its own way."""
    current_session().connection.conversations.fork(name, new)
    return threads()


@validate_call
def undo_thread(name: str) -> TextTable:
    """Take back the last question and answer of a thread."""
    current_session().connection.conversations.undo(name)
    return threads()


@validate_call
def drop_thread(name: str) -> TextTable:
    """Forget a thread; its files stay."""
    current_session().connection.conversations.drop(name)
    return threads()
