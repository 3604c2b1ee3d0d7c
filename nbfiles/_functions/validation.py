"""Arguments of the public functions, checked against their own annotations: one line, and no traceback."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from types import NoneType, SimpleNamespace
from typing import Any, ParamSpec, TypeVar, Unpack, get_args, get_origin, get_type_hints

from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput, stop_in_one_line
from nbfiles.options import classes, options_of

P = ParamSpec("P")
R = TypeVar("R")

_IN_WORDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    os.PathLike: "a path",
    Mapping: "a dict",
}


def validate_call(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function raise BadInput, before it begins, for arguments that do not fit its signature.

    Stop is raised as one line.
    """
    signature = full_signature(function)

    @wraps(function)
    def checked_call(*args: P.args, **kwargs: P.kwargs) -> R:
        validate_arguments(function.__name__, signature, *args, **kwargs)
        with stop_in_one_line():
            return function(*args, **kwargs)

    checked_call.__doc__ = documented(function)
    checked_call.__signature__ = signature  # type: ignore[attr-defined] # what completion and `?` show
    return checked_call


def documented(function: Callable[..., object]) -> str | None:
    """Return a docstring with a line for each option in place of `**options`; None where Python runs without any."""
    if not function.__doc__:
        return None
    table = next((get_args(hint)[0] for hint in _hints(function).values() if get_origin(hint) is Unpack), None)
    options = options_of(table).values() if table else ()
    lines = "".join(f"{named.name}\n    {named.option.help}\n" for named in options)
    return re.sub(
        r"^\*\*options\n    .*\n", lambda _entry: lines, inspect.cleandoc(function.__doc__), flags=re.MULTILINE
    )


def _hints(function: Callable[..., object]) -> dict[str, Any]:
    """Return the annotations of the parameters, read; that of the result may not be importable at run time."""
    annotations = {name: hint for name, hint in function.__annotations__.items() if name != "return"}
    return get_type_hints(SimpleNamespace(__annotations__=annotations), function.__globals__)


def full_signature(function: Callable[..., object]) -> inspect.Signature:
    """Return a signature with real annotations, and a parameter for each keyword of a table of options."""
    hints = _hints(function)
    signature = inspect.signature(function)
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        hint = hints.get(parameter.name, object)
        if get_origin(hint) is Unpack:
            parameters += _keywords(get_args(hint)[0])
        else:
            parameters.append(parameter.replace(annotation=hint))
    return signature.replace(parameters=parameters)


def _keywords(table: type) -> Iterator[inspect.Parameter]:
    for name, hint in get_type_hints(table).items():
        default = None if NoneType in classes(hint) or object in classes(hint) else False
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)


def validate_arguments(name: str, signature: inspect.Signature, /, *args: object, **kwargs: object) -> None:
    """Raise BadInput where the function of this name and signature cannot be called with these arguments."""
    parameters = signature.parameters
    unknown = [keyword for keyword in kwargs if keyword not in parameters]
    if unknown:
        close = close_matches(unknown[0], parameters)
        hint = f"Did you mean {close[0]}?" if close else f"It has {', '.join(parameters)}."
        raise BadInput(f"{name} has no option {unknown[0]}. {hint}")
    try:
        arguments = signature.bind(*args, **kwargs).arguments
    except TypeError as error:  # too few, or too many
        raise BadInput(f"{name}{_in_short(signature)}: {error}.") from None
    for argument, value in arguments.items():
        expected = classes(parameters[argument].annotation)
        for one in value if parameters[argument].kind is inspect.Parameter.VAR_POSITIONAL else (value,):
            if not any(_is(one, cls) for cls in expected):
                raise BadInput(f"{name}: {_refusal(parameters[argument], one, expected)}")


def _in_short(signature: inspect.Signature) -> str:
    """Return the names of the parameters, as they are passed."""
    parameters = signature.parameters.values()
    stars = ("*" if p.kind is inspect.Parameter.VAR_POSITIONAL else "" for p in parameters)
    equals = ("=" if p.kind is inspect.Parameter.KEYWORD_ONLY else "" for p in parameters)
    return f"({', '.join(map(''.join, zip(stars, signature.parameters, equals, strict=True)))})"


def _is(value: object, cls: type) -> bool:
    if cls is object:
        return True
    if isinstance(value, bool):  # an int by class, and no number that anybody means
        return cls is bool
    return isinstance(value, int | float if cls is float else cls)


def _refusal(parameter: inspect.Parameter, value: object, expected: tuple[type, ...]) -> str:
    takes = [_IN_WORDS.get(cls, f"a {cls.__name__}") for cls in expected if cls is not NoneType]
    kind = "None" if value is None else type(value).__name__
    many = parameter.kind is inspect.Parameter.VAR_POSITIONAL
    hint = f" Put a * before it: *{parameter.name}" if many and isinstance(value, list | tuple) else ""
    return f"{parameter.name} takes {' or '.join(takes)}, not {kind}.{hint}"
