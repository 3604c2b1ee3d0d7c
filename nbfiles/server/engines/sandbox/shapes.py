"""Shapes of JSON values, to compare with what comes out of a container: code there can change all that replies."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias, TypeGuard

# A type; a tuple: one of these; a set: one of these texts; a list of one: as many of these; a longer list: these in
# a row; an object: these keys; a function: whatever it takes.
Shape: TypeAlias = Any

LARGEST = 2**53  # what JSON's readers take for a whole number


def fits(value: object, shape: Shape) -> bool:
    """Return whether a value has a shape; true and false are no numbers."""
    match shape:
        case type():
            return type(value) is shape
        case tuple():
            return any(fits(value, one) for one in shape)
        case frozenset():
            return isinstance(value, str) and value in shape
        case [one]:
            return isinstance(value, list) and all(fits(item, one) for item in value)
        case list():
            return isinstance(value, list) and len(value) == len(shape) and all(map(fits, value, shape))
        case dict():
            return isinstance(value, dict) and value.keys() == shape.keys() and all(_parts_fit(value, shape))
    return bool(shape(value))


def _parts_fit(value: dict[str, object], shape: dict[str, Shape]) -> Collection[bool]:
    return [fits(value[key], one) for key, one in shape.items()]


def whole(value: object) -> TypeGuard[int]:
    """Return whether a value is a whole number."""
    return type(value) is int and abs(value) < LARGEST


def count(value: object) -> bool:
    """Return whether a value counts something."""
    return whole(value) and value >= 0


def number(value: object) -> bool:
    """Return whether a value is a number that can be computed with."""
    return type(value) is float or whole(value)


def text_up_to(longest: int) -> Callable[[object], bool]:
    """Return the shape of a text of at most so many characters."""
    return lambda value: isinstance(value, str) and len(value) <= longest
