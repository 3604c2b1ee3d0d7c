"""The rest of nbfiles, imported by the first magic and not by `%load_ext`: 100 modules and 50 ms later."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class _LazyModule:
    """Import a module when something of it is used."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._module), name)


if TYPE_CHECKING:
    from nbfiles import _functions as functions
    from nbfiles import records, workspace
    from nbfiles._display import output
    from nbfiles._functions import ask, widgets
else:
    functions, workspace = _LazyModule("nbfiles._functions"), _LazyModule("nbfiles.workspace")
    widgets, output = _LazyModule("nbfiles._functions.widgets"), _LazyModule("nbfiles._display.output")
    ask = _LazyModule("nbfiles._functions.ask")
    records = _LazyModule("nbfiles.records")

__all__ = ["ask", "functions", "output", "records", "widgets", "workspace"]
