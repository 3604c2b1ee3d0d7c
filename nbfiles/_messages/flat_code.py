"""JSON as assignments of Python that can be read in a narrow page: nothing is indented by more than two levels.

What would be, and does not fit into its line, gets a variable of its own before it. Texts and names are literals
alone: a variable is called by a key of the API, never by what a person or a model wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from pprint import pformat
from typing import Any

WIDTH = 80  # characters of a line
INDENT = 4
DEEPEST = 2  # levels of indentation
# Keys of requests and schemas that a variable may be called by.
NAMES = frozenset(
    ("citations", "content", "format", "items", "messages", "properties", "schema", "source", "text", "thinking")
)


class Variable(str):
    """A name that stands in the code as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class FlatCode:
    """Statements, in the order in which they run."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self._names: dict[str, int] = {}

    def assign(self, name: str, value: Any) -> None:
        """Add `name = value`, behind what its parts need."""
        self.statements.append(f"{name} = {self._written(value, 0, len(name) + 3)}\n")

    def _written(self, value: Any, level: int, used: int, key: object = None) -> str:
        """Return a value at a level of indentation, `used` characters behind it, as it stands in the code."""
        flat = repr(value)
        if level * INDENT + used + len(flat) < WIDTH or not value or not isinstance(value, dict | list | str):
            return flat
        pieces = _pieces(value, WIDTH - (level + 1) * INDENT) if isinstance(value, str) else []
        if len(pieces) == 1 or isinstance(value, Variable):
            return flat  # it has no blank where it could be cut
        if level == DEEPEST:
            return self._hoisted(value, key)
        opened, closed = "()" if pieces else "{}" if isinstance(value, dict) else "[]"
        indent = " " * INDENT * (level + 1)
        lines = [f"{indent}{line}\n" for line in pieces or self._items(value, level + 1)]
        return f"{opened}\n{''.join(lines)}{' ' * INDENT * level}{closed}"

    def _items(self, value: Any, level: int) -> Iterator[str]:
        if isinstance(value, list):
            yield from (f"{self._written(item, level, 1)}," for item in value)
            return
        for key, item in value.items():
            yield f"{key!r}: {self._written(item, level, len(repr(key)) + 3, key)},"

    def _hoisted(self, value: Any, key: object) -> Variable:
        """Give a value a variable of its own."""
        name = str(key) if key in NAMES else "part"
        self._names[name] = number = self._names.get(name, 0) + 1
        variable = Variable(f"{name}_{number}")
        self.assign(variable, value)
        return variable


def _pieces(text: str, width: int) -> list[str]:
    """Return the literals that a text is made of, one a line."""
    written = pformat(text, width=width)
    return [line[1:] for line in written[:-1].split("\n")] if written[0] == "(" else [written]
