"""A magic's line becomes names, options and the rest, left to right; quotes group, nothing is expanded."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from IPython.core.error import UsageError
from IPython.core.magic_arguments import argument

from nbfiles.close_matches import close_matches
from nbfiles.errors import BEHIND_MAGIC, BadInput, stop_in_one_line
from nbfiles.options import NamedOption, options_of
from nbfiles.private_values import redacted_repr

if TYPE_CHECKING:
    from nbfiles._magics.variables import Variables

F = TypeVar("F", bound=Callable[..., object])

_WORD = re.compile(r'"[^"]*"(?=\s|$)|\'[^\']*\'(?=\s|$)|\S+')
_LIKE_A_FILE = re.compile(r"[^\s\"']*(\.[A-Za-z]\w{0,4}|[/*\\]\S*)(\[[\d,-]*\])?")


def looks_like_file(token: str) -> bool:
    """Return whether a word is meant as a file: it has an extension, a slash or a star."""
    return bool(_LIKE_A_FILE.fullmatch(token))


@redacted_repr
@dataclass(frozen=True, slots=True)
class Line:
    """A parsed line: `words` before the `rest`, which is the question as it was typed."""

    words: list[str]
    options: Namespace
    rest: str


def option_arguments(table: type) -> Callable[[F], F]:
    """Give a magic the options of a table; stands below `@magic_arguments` and the names of the files."""

    def decorate(function: F) -> F:
        for named in reversed(list(options_of(table).values())):
            function = argument(*named.flags, dest=named.name, **_argument(named))(function)
        return function

    return decorate


def _argument(named: NamedOption) -> dict[str, Any]:
    """Return what argparse is to know of an option."""
    described = {"help": named.option.help.replace("%", "%%"), "default": named.default}
    if named.has_opposite:
        return described | {"action": BooleanOptionalAction}
    if named.is_switch:
        return described | {"action": "store_true"}
    read = next((cls for cls in (int, float) if cls in named.types), None)
    return described | {"metavar": named.option.metavar or named.name.upper(), "type": _reader(named, read)}


def _reader(named: NamedOption, read: type | None) -> Callable[[str], object] | None:
    """Return what makes a number of a word; None where words are taken as they are."""
    if read is None:
        return None

    def number(token: str) -> object:
        try:
            return read(token)
        except ValueError:
            raise ArgumentTypeError(f"takes {named.option.takes}, not “{token}”") from None

    return number


@contextmanager
def magic_spelling() -> Iterator[None]:
    """Let errors name options and commands as they are typed behind a magic, and Stop be one line."""
    token = BEHIND_MAGIC.set(True)
    try:
        with stop_in_one_line():
            yield
    finally:
        BEHIND_MAGIC.reset(token)


def parse(
    line: str,
    parser: ArgumentParser,
    is_word: Callable[[str], bool] = lambda _word: True,
    variables: Variables | None = None,
    *,
    in_sentence: bool = False,
) -> Line:
    """Split a line; the rest begins at the first thing that is neither an option nor a word.

    Words and values of options that are exactly `{name}` or `$name` become what these `variables` hold.
    Raises BadInput for an unknown, repeated or unfinished option.
    """
    words: list[str] = []
    options: list[str] = []
    rest = ""
    matches = _WORD.finditer(line)
    for match in matches:
        token = match.group()
        if re.match(r"--?[A-Za-z]", token):
            options += _option(token, matches, parser, options, variables)
        elif variables and (sources := variables.sources(token, in_sentence=in_sentence)) is not None:
            words += sources
        elif is_word(_unquoted(token)):
            words.append(_unquoted(token))
        else:
            rest = line[match.start() :].strip()
            break
    try:
        return Line(words, parser.parse_args(options), _unquoted(rest))
    except UsageError as error:
        raise BadInput(f"{_refusal(str(error))}. Type %{parser.prog.lstrip('%')}? for help.") from None


def _refusal(message: str) -> str:
    """Return what argparse says as we say it: `argument -m/--max: takes …` is about `--max`."""
    named = re.fullmatch(r"argument (?:-\w/)?(--[\w-]+)[^:]*: (.*)", message, re.DOTALL)
    return f"{named[1]} {named[2]}" if named else message[:1].upper() + message[1:]


def _option(
    token: str,
    matches: Iterator[re.Match[str]],
    parser: ArgumentParser,
    before: list[str],
    variables: Variables | None,
) -> list[str]:
    name, equals, _ = token.partition("=")
    actions = parser._option_string_actions
    if name not in actions:
        close = close_matches(name, actions)
        hint = f"Did you mean {close[0]}?" if close else f"It has {', '.join(sorted(actions)) or 'no options'}."
        if looks_like_file(name):
            hint = f'Put the name of a file that begins so in quotes: "{name}"'
        raise BadInput(f"%{parser.prog.lstrip('%')} has no option {name}. {hint}")
    if any(actions[name] is actions.get(earlier.partition("=")[0]) for earlier in before):
        raise BadInput(f"{name} was given more than once, or together with its opposite. Type it once.")
    if equals or actions[name].nargs == 0:
        return [token]
    following = next(matches, None)
    if following is None:
        raise BadInput(f"{name} needs a value behind it. Type %{parser.prog.lstrip('%')}? for help.")
    if variables and (text := variables.text(following.group())) is not None:
        return [f"{actions[name].option_strings[-1]}={text}"]  # one argument, whatever it begins with
    return [name, _unquoted(following.group())]


def _unquoted(token: str) -> str:
    if len(token) >= 2 and token[0] == token[-1] and token[0] in "\"'" and token[0] not in token[1:-1]:
        return token[1:-1]
    return token
