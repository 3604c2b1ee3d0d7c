"""An option is written down once, with its type, its help and what it takes; everything else is made of that.

A table of options is a TypedDict whose fields are `Annotated[type, Option(...)]`:

    class ReportKeywords(TypedDict, total=False):
        title: Annotated[str | None, Option("what stands above it", metavar="TEXT")]

Public functions take it as `**options: Unpack[ReportKeywords]`, so that type checkers know every keyword. The
arguments of the magics, their help and completion, the checks and docs/reference.md are made of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from nbfiles.errors import BadInput, Spelled


def _anything(_value: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Option:
    """What there is to know of an option beside its name and type.

    `flags` are how a magic takes it, `--name` where none are given. `completion` is a tuple of words, or the
    name of what is completed, such as `models`. `takes` says in words what is `valid`, with an `example`.
    """

    help: str
    flags: tuple[str, ...] = ()
    metavar: str = ""
    completion: tuple[str, ...] | str = ()
    takes: str = ""
    example: str = ""
    valid: Callable[[Any], bool] = _anything


@dataclass(frozen=True, slots=True)
class NamedOption:
    """An option with its name, which is its keyword in Python, and the classes that it takes."""

    name: str
    types: tuple[type, ...]
    option: Option

    @property
    def flags(self) -> tuple[str, ...]:
        """How a magic takes it; the last is the one to show."""
        return self.option.flags or (f"--{self.name.replace('_', '-')}",)

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value."""
        return bool in self.types

    @property
    def has_opposite(self) -> bool:
        """Whether it can be switched off as well as on, and left to nbfiles."""
        return self.is_switch and NoneType in self.types

    @property
    def default(self) -> bool | None:
        """What stands for an option that was not given."""
        return False if self.is_switch and not self.has_opposite else None

    def spelled(self, *value: object) -> Spelled:
        """Return it as one types it, alone or with a value: `model='x'` or `--model x`."""
        flag = self.flags[-1]
        if not value:
            return Spelled(self.name, flag)
        if self.is_switch:
            return Spelled(f"{self.name}={value[0]}", flag if value[0] else f"--no-{flag.removeprefix('--')}")
        text = str(value[0])
        return Spelled(f"{self.name}={value[0]!r}", f'{flag} "{text}"' if " " in text else f"{flag} {text}")


@lru_cache
def options_of(table: type) -> Mapping[str, NamedOption]:
    """Return the options of a table by name, in the order in which they are written down."""
    return {
        name: NamedOption(name, classes(hint), hint.__metadata__[0])
        for name, hint in get_type_hints(table, include_extras=True).items()
        if get_origin(hint) is Annotated
    }


def classes(hint: object) -> tuple[type, ...]:
    """Return the classes that an annotation stands for: `str | os.PathLike[str]` is str and os.PathLike."""
    if get_origin(hint) is Annotated:
        return classes(get_args(hint)[0])
    alternatives = get_args(hint) if isinstance(hint, type(int | str)) else (hint,)
    return tuple(object if one is Any else get_origin(one) or one for one in alternatives)


def spelled(table: type, name: str, *value: object) -> Spelled:
    """Return an option of a table as one types it, alone or with a value."""
    return options_of(table)[name].spelled(*value)


def check_options(table: type, values: Mapping[str, object]) -> None:
    """Raise BadInput, in the spelling of the entry point in use, for a value that an option does not take."""
    for name, named in options_of(table).items():
        value = values.get(name)
        if value is not None and not named.option.valid(value):
            raise BadInput(named.spelled(), f" takes {named.option.takes}, not {format_value(value)}.")


def format_value(value: object) -> str:
    """Return a value as a message shows it: text in quotes."""
    return f"“{value}”" if isinstance(value, str) else str(value)
