"""What is imported when it is used, and not by `%load_ext`: the magics, and what they call (docs/performance.md)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any


class _LazyModule:
    """Import a module when something of it is used."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._module), name)


class LazyFunction:
    """Import a function when it is called or looked at: its help, its source, its attributes."""

    def __init__(self, module: str, name: str) -> None:
        self._module = _LazyModule(module)
        self._name = name

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.__wrapped__.__doc__

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(self._module, self._name)
        return function

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    @property
    def __call__(self) -> Callable[..., Any]:  # no frame of its own in a traceback
        return self.__wrapped__


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

__all__ = ["LazyFunction", "ask", "functions", "output", "records", "widgets", "workspace"]
