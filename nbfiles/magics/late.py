"""The rest of nbfiles, imported by the first magic and not by `%load_ext`: 100 modules and 50 ms later."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class _Late:
    """Stands for nbfiles.api until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module("nbfiles.api"), name)


if TYPE_CHECKING:
    from nbfiles import api
else:
    api = _Late()

__all__ = ["api"]
