"""The front end: one output that can be repainted in a notebook, or text that is printed once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from IPython.core.getipython import get_ipython

Bundle = dict[str, str]


class Output:
    """One output of the cell; every `paint` replaces what it shows.

    Where nothing can be replaced (a terminal, a script), only the last paint is printed, by `close`.
    """

    def __init__(self) -> None:
        self._kernel = in_notebook()
        self._handle: Any = None
        self._last: Bundle = {}

    def paint(self, bundle: Bundle) -> None:
        """Show a mimebundle with `text/html` and its `text/plain` twin."""
        if bundle == self._last:
            return
        self._last = bundle
        if not self._kernel:
            return
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def close(self) -> None:
        """Print the last paint where there is no notebook."""
        if self._last and not self._kernel:
            sys.stdout.write(self._last["text/plain"] + "\n")


def show(bundle: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
    """Show one finished output."""
    if get_ipython() is None:
        sys.stdout.write(bundle["text/plain"] + "\n")
        return
    from IPython.display import display

    display(dict(bundle), raw=True, metadata=dict(metadata or {}))


def in_notebook() -> bool:
    """Tell whether outputs can be repainted: a kernel is there, not a terminal or a script."""
    return hasattr(get_ipython(), "kernel")


_shown: dict[int, int] = {}  # id of a value → the execution count of the cell that shows it already


def mark_shown(value: object) -> None:
    """Remember that this cell shows the value already, so that it is not shown again as its result."""
    shell = get_ipython()
    _shown.clear()  # only the running cell counts
    if shell is not None:
        _shown[id(value)] = shell.execution_count


def is_shown(value: object) -> bool:
    """Tell whether the running cell shows the value already."""
    shell = get_ipython()
    return shell is not None and _shown.get(id(value)) == shell.execution_count
