"""`%%ask_file`: the cell below, or the rest of the line, is a question about files."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from functools import partial
from keyword import iskeyword
from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython
from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles.errors import BadInput, NbfilesError
from nbfiles.magics.late import api
from nbfiles.magics.lines import looks_like_file, parse

if TYPE_CHECKING:
    from nbfiles.asking.answer import Answer


@no_var_expand
@magic_arguments("%ask_file")
@argument("names", nargs="*", help="names of files, globs over them, or paths (uploaded on first use)")
@argument("-m", "--model", help="the model to ask; default: see %%nbfiles")
@argument("-o", "--out", metavar="VAR", help="keep the Answer in this variable")
@argument("--code", action=BooleanOptionalAction, default=None, help="let Claude run code on the files")
@argument("--max-tokens", type=int, metavar="N", help="the longest answer, in tokens; default: 16000")
def magic_ask_file(line: str, cell: str | None = None) -> Answer:
    """Ask Claude about files; the answer appears as it is written.

    As a cell, `%%ask_file NAME ...` with the question below; on one line, `%ask_file NAME ... question`.
    """
    library = api.current_session().library
    # In a sentence, a word may be a variable by chance: then only data is taken for a file.
    knows = library.knows if cell is not None else partial(library.knows, only_data=True)
    parsed = parse(line, magic_ask_file.parser, knows)
    first = parsed.rest.split(" ")[0]
    if first and (cell is not None or looks_like_file(first)):
        library.resolve([first])  # raises, with the closest names
    out = _variable(parsed.options.out)
    try:
        answer = api.ask(
            parsed.rest if cell is None else cell,
            *parsed.words,
            model=parsed.options.model,
            code=parsed.options.code,
            max_tokens=parsed.options.max_tokens,
        )
    except NbfilesError as error:
        _keep(out, error.answer)
        raise
    _keep(out, answer)
    return answer


def _variable(name: str | None) -> str | None:
    if name is not None and (not name.isidentifier() or iskeyword(name)):
        raise BadInput(f"“{name}” cannot be the name of a variable. Type, for example: --out answer")
    return name


def _keep(name: str | None, answer: Answer | None) -> None:
    shell = get_ipython()
    if name and answer is not None and shell is not None:
        shell.user_ns[name] = answer
