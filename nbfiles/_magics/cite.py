"""`%cite N`: what an answer cites."""

from __future__ import annotations

from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._magics.arguments import magic_spelling, parse
from nbfiles._magics.lazy import functions
from nbfiles.errors import BadInput


@magic_arguments("cite")
@argument("number", nargs="*", help="the number of the mark in the last answer; after --each, also the file's name")
def magic_cite(line: str) -> None:
    """Show the page that the last answer cites, with the quote marked on it, or the passage of a text."""
    with magic_spelling():
        words = parse(line, magic_cite.parser).words
        if len(words) not in (1, 2) or not words[0].strip("[]").isdecimal():
            raise BadInput("Which mark? Type its number in the last answer, for example: %cite 1")
        functions.cite(int(words[0].strip("[]")), *words[1:])
