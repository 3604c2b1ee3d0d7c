"""The rest of nbfiles, imported by the first magic and not by `%load_ext`: 100 modules and 50 ms later."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class _Late:
    """Stands for a module until something of it is used."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._module), name)


if TYPE_CHECKING:
    from nbfiles import api, workspace
    from nbfiles.api import questions, widgets
    from nbfiles.display import front
else:
    api, workspace = _Late("nbfiles.api"), _Late("nbfiles.workspace")
    widgets, front = _Late("nbfiles.api.widgets"), _Late("nbfiles.display.front")
    questions = _Late("nbfiles.api.questions")

__all__ = ["api", "front", "questions", "widgets", "workspace"]
