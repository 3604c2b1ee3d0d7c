"""`%%ask_file`: the cell below, or the rest of the line, is a question about files."""

from __future__ import annotations

from argparse import BooleanOptionalAction, Namespace
from collections.abc import Callable
from functools import partial
from keyword import iskeyword
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._magics.arguments import looks_like_file, parse
from nbfiles._magics.lazy import ask as questions
from nbfiles._magics.lazy import functions
from nbfiles.errors import BadInput

ASKED = ("model", "code", "cite", "schema", "max_tokens", "effort", "thread", "fresh", "budget", "skill")


@no_var_expand
@magic_arguments("%ask_file")
@argument("names", nargs="*", help="names of files, globs over them, or paths (uploaded on first use)")
@argument("-m", "--model", help="the model to ask; default: see %%nbfiles")
@argument("-o", "--out", metavar="VAR", help="keep the Answer in this variable")
@argument("-t", "--thread", metavar="NAME", help="go on with this conversation, or begin it")
@argument("--fresh", action="store_true", help="begin the thread anew, or --each")
@argument("--code", action=BooleanOptionalAction, default=None, help="let Claude run code on the files")
@argument("--cite", action=BooleanOptionalAction, default=None, help="ask for citations, or not")
@argument("--skill", metavar="NAMES", help="skills for the code: xlsx, pptx, docx, pdf, or custom ones")
@argument("--schema", metavar="SPEC", help="fields to fill: a Pydantic class, or 'vendor, total float'")
@argument("--each", action="store_true", help="ask every file on its own, for a DataFrame with a row each")
@argument("--max-tokens", type=int, metavar="N", help="the longest answer, in tokens; default: 16000")
@argument("--effort", metavar="LEVEL", help="how hard to think: low, medium, high, xhigh or max")
@argument("--budget", type=float, metavar="USD", help="refuse what may cost more than this")
@argument("--dry-run", action="store_true", help="show what would be sent and what it may cost")
def magic_ask_file(line: str, cell: str | None = None) -> Any:
    """Ask Claude about files; the answer appears as it is written.

    As a cell, `%%ask_file NAME ...` with the question below; on one line, `%ask_file NAME ... question`.
    """
    library = functions.current_session().library
    knows = library.knows if cell is not None else _in_sentence(library)
    parsed = parse(line, magic_ask_file.parser, knows)
    first = parsed.rest.split(" ")[0]
    if first and (cell is not None or looks_like_file(first)):
        library.resolve([first])  # raises, with the closest names
    out = _variable(parsed.options.out)
    question = parsed.rest if cell is None else cell
    options = _options(parsed.options)
    if parsed.options.dry_run:
        return functions.plan(question, *parsed.words, each=parsed.options.each, **options)
    ask = questions.ask_each_keeping if parsed.options.each else questions.ask_keeping
    return ask(partial(_keep, out), question, *parsed.words, **options)


def _in_sentence(library: Any) -> Callable[[str], bool]:
    """Return what tells files from the words of a question on the same line.

    A word of a sentence may be a variable or a folder by chance, and nothing may be sent by chance: behind
    the first word, only what has a name already or looks like a file is one.
    """
    first = True

    def knows(word: str) -> bool:
        nonlocal first
        at_start, first = first, False
        if at_start:
            return bool(library.knows(word, only_data=True))
        return bool(library.named(word)) or (looks_like_file(word) and library.knows(word))

    return knows


def _options(given: Namespace) -> dict[str, Any]:
    shell = get_ipython()
    return {name: getattr(given, name) for name in ASKED} | {"variables": shell.user_ns if shell else {}}


def _variable(name: str | None) -> str | None:
    if name is not None and (not name.isidentifier() or iskeyword(name)):
        raise BadInput(f"“{name}” cannot be the name of a variable. Type, for example: --out answer")
    return name


def _keep(name: str | None, answer: Any) -> None:
    shell = get_ipython()
    if name and shell is not None:
        shell.user_ns[name] = answer
