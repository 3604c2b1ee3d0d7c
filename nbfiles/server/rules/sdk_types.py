"""What the installed SDK declares: request parts are checked against its types, not against a copy of ours.

The SDK is imported at the first request (the kernel has it loaded for its client). Its unions are
resolved here by `type`, one small validator a block: errors then name the one field that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from nbfiles.server.errors import ApiProblem, invalid
from nbfiles.server.json_types import Json, JsonObject

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError
    from pydantic_core import ErrorDetails

IN_HEADERS = {"workspace_id", "betas", "user_profile_id"}  # that the SDK takes as parameters
_OPEN = ("input_schema",)  # a JSON Schema, of which only the beginning is declared


def check_parameter(name: str, value: object) -> None:
    """Raise a 400 when a parameter of Messages does not have its declared type; null is not given."""
    if value is not None:
        _check(name, _parameters()[name], value)


def check_block(where: str, block: JsonObject, *, ours: bool = False) -> None:
    """Raise a 400 when a content block of a known type lacks a field, or has one that it should not.

    What is `ours`, blocks of an answer that come back, may have all the fields it was sent with.
    """
    _check(where, block_types()[block["type"]], block, extras=ours)


def check_tool(where: str, tool: JsonObject) -> None:
    """Raise a 400 when a tool of a known type lacks a field, or has one that it should not."""
    _check(where, tool_types()[tool.get("type") or "custom"], tool)


def parameter_names() -> frozenset[str]:
    """Return the parameters of a Messages request, those of its beta included."""
    return frozenset(_parameters()) - IN_HEADERS


@cache
def counted_names() -> frozenset[str]:
    """Return the parameters of a count_tokens request."""
    from anthropic.types.beta import message_count_tokens_params as beta

    return frozenset(get_type_hints(beta.MessageCountTokensParams)) - IN_HEADERS


@cache
def _parameters() -> JsonObject:
    from anthropic.types import message_create_params as stable
    from anthropic.types.beta import message_create_params as beta

    # The last counts: the beta's types have all fields of the others.
    declared = (stable.MessageCreateParamsNonStreaming, beta.MessageCreateParamsNonStreaming)
    return {name: _bare(hint) for one in declared for name, hint in get_type_hints(one).items()}


@cache
def block_types() -> JsonObject:
    """Return the content blocks that a message may hold, by type."""
    from anthropic.types.content_block_param import ContentBlockParam

    return _by_type(ContentBlockParam)


@cache
def tool_types() -> JsonObject:
    """Return the tools by type, those of the beta included."""
    from anthropic.types.beta.beta_tool_union_param import BetaToolUnionParam
    from anthropic.types.tool_union_param import ToolUnionParam

    return _by_type(ToolUnionParam) | _by_type(BetaToolUnionParam)


def _by_type(union: object) -> JsonObject:
    by_type: JsonObject = {}
    for member in get_args(union):
        by_type |= dict.fromkeys(_literals(get_type_hints(member)["type"]), member)
    return by_type


def _literals(hint: object) -> list[str]:
    """Return the strings inside `Required[Optional[Literal[...]]]`."""
    if isinstance(hint, str):
        return [hint]
    return [text for part in get_args(hint) for text in _literals(part)]


def _bare(hint: object) -> object:
    """Return the type without the `Required` around it."""
    from typing import NotRequired, Required

    return get_args(hint)[0] if get_origin(hint) in (Required, NotRequired) else hint


@cache
def _adapter(declared: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(declared)


def _check(where: str, declared: object, value: object, *, extras: bool = False) -> None:
    from pydantic import ValidationError

    if isinstance(value, str) and value in _literals(declared):
        return  # the adapter would take `Literal["default"] | Iterable[…]` for the list of its letters
    try:
        valid = _adapter(declared).validate_python(value, strict=True)
    except ValidationError as problem:
        raise _refusal(where, value, problem) from None
    _check_inside(where, valid, value, extras)


def _check_inside(where: str, valid: object, value: Json, extras: bool) -> None:
    """Go on where the adapter does not: lists are declared as iterables, which it checks as they are read.

    It leaves out what is not declared.
    """
    if isinstance(valid, dict):
        if not extras and (unknown := sorted(value.keys() - valid.keys())):
            raise invalid(f"{where}.{unknown[0]}: Extra inputs are not permitted")
        for name, inner in valid.items():
            _check_inside(f"{where}.{name}", inner, value[name], extras or name in _OPEN)
    elif isinstance(valid, Iterable) and not isinstance(valid, str):
        _check_list(where, valid, value, extras)


def _check_list(where: str, valid: Iterable[object], value: Json, extras: bool) -> None:
    from pydantic import ValidationError

    if not isinstance(value, list):
        raise invalid(f"{where}: Input should be a valid list")
    try:
        for n, inner in enumerate(valid):
            _check_inside(f"{where}.{n}", inner, value[n], extras)
    except ValidationError as problem:
        raise _refusal(where, value, problem) from None


def _refusal(where: str, value: object, problem: ValidationError) -> ApiProblem:
    return invalid(_in_words(where, value, problem.errors(include_url=False, include_input=False)))


def _in_words(where: str, value: object, errors: list[ErrorDetails]) -> str:
    """Say the first error of the union member that was meant: the one whose `type` did not fail."""
    wrong = {error["loc"][:-1] for error in errors if error["loc"][-1:] == ("type",)}
    meant = [error for error in errors if error["loc"][:-1] not in wrong] or errors
    path = _path(meant[0]["loc"], value)
    return f"{'.'.join([where, *path])}: {meant[0]['msg']}"


def _path(location: tuple[object, ...], value: object) -> list[str]:
    """Return the keys of a location that lead through the value; the others name types of the SDK."""
    path = []
    for n, key in enumerate(location):
        last = n == len(location) - 1
        if isinstance(value, dict) and (key in value or last):
            path.append(str(key))
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            path.append(str(key))
            value = value[key]
    return path
