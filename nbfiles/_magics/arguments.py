"""A magic's line becomes names, options and the rest, left to right; quotes group, nothing is expanded."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from IPython.core.error import UsageError

from nbfiles.errors import BadInput

_WORD = re.compile(r'"[^"]*"(?=\s|$)|\'[^\']*\'(?=\s|$)|\S+')
_LIKE_A_FILE = re.compile(r"[^\s\"']*(\.[A-Za-z]\w{0,4}|[/*\\]\S*)")


def looks_like_file(word: str) -> bool:
    """Tell whether a word is meant as a file: it has an extension, a slash or a star."""
    return bool(_LIKE_A_FILE.fullmatch(word))


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed line: `words` before the `rest`, which is the question as it was typed."""

    words: list[str]
    options: Namespace
    rest: str


def parse(line: str, parser: ArgumentParser, is_word: Callable[[str], bool] = lambda _word: True) -> Line:
    """Split a line; the rest begins at the first thing that is neither an option nor a word.

    Raises BadInput for an unknown, repeated or unfinished option.
    """
    words: list[str] = []
    options: list[str] = []
    rest = ""
    found = _WORD.finditer(line)
    for match in found:
        word = match.group()
        if re.match(r"--?[A-Za-z]", word):
            options += _option(word, found, parser, options)
        elif is_word(_unquoted(word)):
            words.append(_unquoted(word))
        else:
            rest = line[match.start() :].strip()
            break
    try:
        return Line(words, parser.parse_args(options), _unquoted(rest))
    except UsageError as error:
        raise BadInput(f"{str(error).capitalize()}. Type %{parser.prog.lstrip('%')}? for help.") from None


def _option(word: str, found: Iterator[re.Match[str]], parser: ArgumentParser, before: list[str]) -> list[str]:
    name, equals, _ = word.partition("=")
    actions = parser._option_string_actions
    if name not in actions:
        close = get_close_matches(name, actions, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"It has {', '.join(sorted(actions)) or 'no options'}."
        if looks_like_file(name):
            hint = f'Put the name of a file that begins so in quotes: "{name}"'
        raise BadInput(f"%{parser.prog.lstrip('%')} has no option {name}. {hint}")
    if any(actions[name] is actions.get(given) for given in before):
        raise BadInput(f"{name} is said twice, or its opposite is. Say it once.")
    if equals or actions[name].nargs == 0:
        return [word]
    following = next(found, None)
    if following is None:
        raise BadInput(f"{name} needs a value behind it. Type %{parser.prog.lstrip('%')}? for help.")
    return [name, _unquoted(following.group())]


def _unquoted(word: str) -> str:
    if len(word) >= 2 and word[0] == word[-1] and word[0] in "\"'" and word[0] not in word[1:-1]:
        return word[1:-1]
    return word
