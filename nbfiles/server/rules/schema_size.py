"""The parts of a schema, and how large it is: the number of its parts, each counted as often as it is used.

A reference stands for all that it points to, so twenty levels that each hold the next one twice are a million parts.
What a reference points to is counted once and remembered; one that leads back to itself has no end, and is said apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject

MOST_PARTS = 5_000  # ours: the guide says that a schema may be too complex, and names no number of parts
DEEPEST = 100  # ours: levels within one another; code that walks through a schema calls itself as often


class _TooLarge(Exception):
    """A schema has more parts, or more levels, than may be."""


def check_size(where: str, schema: JsonObject) -> bool:
    """Return whether the schema holds itself; refuse one of too many parts."""
    counter = _Counter(schema)
    try:
        counter.parts(schema)
    except _TooLarge:
        raise invalid(f"{where}: Schema is too complex") from None
    return counter.recursive


def pointed_to(reference: str, root: JsonObject) -> JsonObject | None:
    """Return the part of a schema that a reference within it points to, if there is one."""
    target: object = root
    for key in reference.removeprefix("#/").split("/") if reference != "#" else ():
        target = target.get(key) if isinstance(target, dict) else None
    return target if reference.startswith("#") and isinstance(target, dict) else None


class _Counter:
    """Counts the parts of one schema; takes any JSON, as the schema of a tool may be that."""

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._counts: dict[str, int | None] = {"#": None}  # of each reference; None while it is being counted
        self.recursive = False

    def parts(self, schema: object, depth: int = 0) -> int:
        """Return the number of parts; raises _TooLarge as soon as it is too high."""
        if depth > DEEPEST:
            raise _TooLarge
        if not isinstance(schema, dict):
            return 1
        number = 1 + (self._behind(str(schema["$ref"]), depth) if "$ref" in schema else 0)
        for _, part in inner(schema):
            number += self.parts(part, depth + 1)
            if number > MOST_PARTS:
                raise _TooLarge
        return number

    def _behind(self, reference: str, depth: int) -> int:
        if reference not in self._counts:
            self._counts[reference] = None
            self._counts[reference] = self.parts(pointed_to(reference, self._root), depth + 1)
        count = self._counts[reference]
        self.recursive |= count is None
        return count or 0


def inner(
    schema: JsonObject, by_name: Sequence[str] = ("properties",), lists: Sequence[str] = ("anyOf", "allOf")
) -> Iterator[tuple[str, object]]:
    """Yield what stands right within a schema, and where: `properties.name`, `items`, `anyOf.0`; takes any JSON."""
    for keyword in by_name:
        named = schema.get(keyword)
        yield from ((f"{keyword}.{name}", part) for name, part in (named.items() if isinstance(named, dict) else ()))
    if "items" in schema:
        yield "items", schema["items"]
    for keyword in lists:
        members = schema.get(keyword)
        yield from ((f"{keyword}.{n}", part) for n, part in enumerate(members if isinstance(members, list) else ()))
