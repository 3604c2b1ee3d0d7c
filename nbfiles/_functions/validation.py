"""What our functions are given, checked at the door by their own annotations: one line, no traceback."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import wraps
from types import NoneType
from typing import Any, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from nbfiles.errors import BadInput

P = ParamSpec("P")
R = TypeVar("R")

_SAID: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    os.PathLike: "a path",
    Mapping: "a dict",
}


def validate_call(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function raise BadInput, before it begins, for what does not fit its signature."""

    @wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        validate_arguments(function, *args, **kwargs)
        return function(*args, **kwargs)

    return door


def validate_arguments(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Raise BadInput where a function cannot be called so."""
    signature, hints = inspect.signature(function), get_type_hints(function)
    unknown = [name for name in kwargs if not _takes(signature, name)]
    if unknown:
        close = get_close_matches(unknown[0], signature.parameters, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"It has {', '.join(signature.parameters)}."
        raise BadInput(f"{function.__name__} has no option {unknown[0]}. {hint}")
    try:
        given = signature.bind(*args, **kwargs).arguments
    except TypeError as error:  # too few, or too many
        raise BadInput(f"{function.__name__}{signature}: {error}.") from None
    for name, value in given.items():
        kinds = _kinds(hints.get(name, Any))
        for one in _values(signature.parameters[name], value):
            if not any(_is(one, kind) for kind in kinds):
                raise BadInput(_refusal(function, signature.parameters[name], one, kinds))


def _takes(signature: inspect.Signature, name: str) -> bool:
    parameters = signature.parameters.values()
    return name in signature.parameters or any(p.kind is p.VAR_KEYWORD for p in parameters)


def _values(parameter: inspect.Parameter, value: Any) -> Iterator[Any]:
    if parameter.kind is parameter.VAR_POSITIONAL:
        yield from value
    elif parameter.kind is parameter.VAR_KEYWORD:
        yield from value.values()
    else:
        yield value


def _kinds(hint: Any) -> tuple[Any, ...]:
    """Return the classes that an annotation stands for: `str | os.PathLike[str]` is str and os.PathLike."""
    several = get_args(hint) if isinstance(hint, type(int | str)) else (hint,)
    return tuple(get_origin(kind) or kind for kind in several)


def _is(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if isinstance(value, bool):  # an int by class, and no number that anybody means
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _refusal(function: Callable[..., Any], parameter: inspect.Parameter, value: Any, kinds: tuple[Any, ...]) -> str:
    said = [_SAID.get(kind, f"a {kind.__name__}") for kind in kinds if kind is not NoneType]
    kind = "None" if value is None else type(value).__name__
    many = parameter.kind is parameter.VAR_POSITIONAL
    hint = f" Put a * before it: *{parameter.name}" if many and isinstance(value, list | tuple) else ""
    return f"{function.__name__}: {parameter.name} takes {' or '.join(said)}, not {kind}.{hint}"
