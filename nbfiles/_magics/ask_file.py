"""`%%ask_file`: the cell below, or the rest of the line, is a question about files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated

from IPython.core.getipython import get_ipython
from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._magics.arguments import Line, looks_like_file, magic_spelling, option_arguments, parse
from nbfiles._magics.lazy import ask as questions
from nbfiles._magics.lazy import functions
from nbfiles._magics.variables import notebook_variables
from nbfiles._messages.options import AskKeywords
from nbfiles.errors import BadInput
from nbfiles.options import Option

if TYPE_CHECKING:
    from nbfiles._files.store import FileStore


class AskFileOptions(AskKeywords, total=False):
    """The options of `%%ask_file`: those of a question, and what becomes of the answer in the notebook."""

    out: Annotated[
        str | None,
        Option("keep the Answer in this variable, even if it was cut short", ("-o", "--out"), "VAR"),
    ]
    each: Annotated[bool, Option("ask about every file separately, for a DataFrame with a row per file")]
    dry_run: Annotated[bool, Option("show what would be sent and what it may cost; sends nothing")]


@no_var_expand
@magic_arguments("%ask_file")
@argument("names", nargs="*", help="names of files, globs, or paths (uploaded when you first ask)")
@option_arguments(AskFileOptions)
def magic_ask_file(line: str, cell: str | None = None) -> object:
    """Ask Claude about files; the answer appears as it is written.

    As a cell, `%%ask_file NAME ...` with the question below; on one line, `%ask_file NAME ... question`.
    """
    with magic_spelling():
        shell = get_ipython()
        parsed = _parse(line, has_cell=cell is not None)
        values = vars(parsed.options)
        out, each, dry_run = _variable(values.pop("out")), values.pop("each"), values.pop("dry_run")
        del values["names"]  # which are in `parsed.words`
        question, variables = parsed.rest if cell is None else cell, shell.user_ns if shell else {}
        if dry_run:
            return functions.plan(question, *parsed.words, each=each, variables=variables, **values)
        ask = questions.ask_each_keeping if each else questions.ask_keeping
        return ask(partial(_keep, out), question, *parsed.words, variables=variables, **values)


def _parse(line: str, *, has_cell: bool) -> Line:
    library, variables = functions.current_session().connection.files, notebook_variables()
    is_word = library.is_source if has_cell else _in_sentence(library)
    parsed = parse(line, magic_ask_file.parser, is_word, variables, in_sentence=not has_cell)
    first = parsed.rest.split(" ")[0]
    if first and (has_cell or looks_like_file(first)):
        library.resolve([first])  # raises, with the closest names
    return parsed if has_cell else replace(parsed, rest=variables.in_question(parsed.rest))


def _in_sentence(library: FileStore) -> Callable[[str], bool]:
    """Return what tells files from the words of a question on the same line.

    A word of a sentence may be a variable or a folder by accident, and nothing may be sent by accident: after
    the first word, only what has a name already or looks like a file is one.
    """
    first = True

    def knows(name: str) -> bool:
        nonlocal first
        at_start, first = first, False
        if at_start:
            return bool(library.knows(name, only_data=True))
        return bool(library.named(name)) or (looks_like_file(name) and library.knows(name))

    return knows


def _variable(name: str | None) -> str | None:
    if name is not None and (not name.isidentifier() or iskeyword(name)):
        raise BadInput(f"“{name}” cannot be the name of a variable. Type, for example: --out answer")
    return name


def _keep(name: str | None, answer: object) -> None:
    shell = get_ipython()
    if name and shell is not None:
        shell.user_ns[name] = answer
