"""Values that keep what was sent or where they lead, and whose repr, which a notebook shows and keeps, is redacted."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from nbfiles.redact import redact

SHOWN = 1_000_000  # characters; what is longer is a file, whose repr nobody reads, and not worth a copy
SHORT = 24  # characters; below are the types, roles and names that all messages have, and one object each is enough


class PrivateText(str):
    """Text that is kept as it was sent, such as a file_id; its repr is redacted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(redact(str(self)))


class PrivatePath(type(Path())):  # type: ignore[misc]
    """A path that leads where it led; its repr is redacted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(Path()).__name__}({redact(str(self))!r})"


class _PrivateDict(dict[str, Any]):
    __slots__ = ()

    def __repr__(self) -> str:
        return redact(super().__repr__())


class _PrivateList(list[Any]):
    __slots__ = ()

    def __repr__(self) -> str:
        return redact(super().__repr__())


def private(value: Any) -> Any:
    """Return JSON, a path or a text that is equal, and whose repr is redacted."""
    match value:
        case dict():
            return _PrivateDict({name: private(inner) for name, inner in value.items()})
        case list():
            return _PrivateList(map(private, value))
        case tuple() if type(value) is tuple:
            return tuple(map(private, value))
        case str() if len(value) <= SHORT:
            return _shared(value)
        case str() if len(value) <= SHOWN:
            return PrivateText(value)
        case Path():
            return PrivatePath(value)
    return value


@lru_cache(maxsize=1024)
def _shared(text: str) -> PrivateText:
    return PrivateText(text)


Class = TypeVar("Class", bound=type)


def redacted_repr(cls: Class) -> Class:
    """Redact the repr of a class, which a notebook shows and keeps; above `@dataclass`, which writes it."""
    write: Callable[[Any], str] = vars(cls)["__repr__"]

    def write_redacted(self: object) -> str:
        return redact(write(self))

    type.__setattr__(cls, "__repr__", write_redacted)
    return cls
