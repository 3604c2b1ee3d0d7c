"""One output that can be repainted in a notebook, or text that is printed once where there is none.

All that nbfiles shows leaves through here, and through `nbfiles.redact` on its way (tests/test_exits.py).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, TextIO

from IPython.core.getipython import get_ipython

from nbfiles.redact import redact
from nbfiles.redaction import redacted_bundle

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

Bundle = dict[str, str]

MESSAGE_CHARS = 800  # what a message costs besides its content (benchmarks/stream.py)
NOTHING = {"text/html": "", "text/plain": ""}  # has no height on a page


class Output:
    """One output of the cell; every `paint` replaces what it shows.

    1. `paint` shows it, and replaces it where the frontend can do that (docs/frontends.md).
    2. `close` shows the last of it for good. What was replaced becomes empty, and the last is an output of its own,
       as jupyter console and others show only the first of what is replaced.

    Where nothing can be replaced (a terminal, a script), only the last is printed, by `close`.
    """

    def __init__(self) -> None:
        self._kernel = in_notebook()
        self._handle: DisplayHandle | None = None
        self._last: Bundle = {}
        self._replaced = False

    def paint(self, bundle: Bundle) -> int:
        """Show a mimebundle with `text/html` and its `text/plain` twin; return how much was sent for it."""
        if bundle == self._last:
            return 0
        self._last, bundle = bundle, redacted_bundle(bundle)
        if not self._kernel:
            return 0
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
            self._replaced = True
        return MESSAGE_CHARS + sum(map(len, bundle.values()))

    def again(self) -> None:
        """Show the last paint anew, where all outputs of the cell are cleared."""
        if self._last:
            show(self._last)

    def is_plain(self, newest: Bundle | None = None) -> bool:
        """Return whether `newest`, or the last paint, is the first that it shows: all frontends show that."""
        return self._handle is None or not (self._replaced or (newest and newest != self._last))

    def close(self, newest: Bundle | None = None) -> None:
        """Show `newest`, or the last paint, for good."""
        last = newest or self._last
        if not last:
            return
        if not self._kernel:
            print_text(last["text/plain"])
        elif self._handle is None or self.is_plain(last):
            self.paint(last)
        else:  # in this order: the page never gets shorter, and nothing is lost between the two
            show(last)
            self._handle.update(NOTHING, raw=True)


def show(bundle: Mapping[str, object], metadata: Mapping[str, object] | None = None) -> None:
    """Show one finished output."""
    if get_ipython() is None:
        print_text(str(bundle["text/plain"]))
        return
    from IPython.display import display

    display(redacted_bundle(bundle), raw=True, metadata=redacted_bundle(metadata or {}))


def print_text(text: str, end: str = "\n") -> None:
    """Print text."""
    sys.stdout.write(redact(text) + end)


def write(text: str) -> None:
    """Print text where no output could be made; gives up where that fails, too."""
    with suppress(OSError, ValueError):  # a closed pipe, a code that lacks a letter
        print_text(text)


def in_notebook() -> bool:
    """Return whether outputs can be repainted: a kernel is there, not a terminal or a script."""
    return hasattr(get_ipython(), "kernel")


def owns_cell() -> bool:
    """Return whether all outputs of the running cell are ours: it is one `%%ask_file` in a notebook."""
    shell: Any = get_ipython()
    code = str(shell.get_parent().get("content", {}).get("code", "")) if in_notebook() else ""
    return code.split(maxsplit=1)[:1] == ["%%ask_file"]


def clear() -> None:
    """Clear all outputs of the running cell when the next one comes."""
    from IPython.display import clear_output

    clear_output(wait=True)


_shown_values: dict[int, int] = {}  # id of a value → the execution count of the cell that shows it already


def mark_shown(value: object) -> None:
    """Remember that this cell shows the value already, so that it is not shown again as its result."""
    shell = get_ipython()
    _shown_values.clear()  # only the running cell counts
    if shell is not None:
        _shown_values[id(value)] = shell.execution_count


def is_shown(value: object) -> bool:
    """Return whether the running cell shows the value already."""
    shell = get_ipython()
    return shell is not None and _shown_values.get(id(value)) == shell.execution_count


class CapturedOutput:
    """What else the cell's own thread writes (a warning, a log), to write it again where all outputs are cleared."""

    def __init__(self) -> None:
        self._thread = threading.current_thread()
        self._written: list[tuple[Callable[[str], object], str]] = []
        self._undo = ExitStack()
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, TypeError):  # somebody put another stream there, which no clearing reaches
                self._record(stream)

    def _record(self, stream: TextIO) -> None:
        write = stream.write

        def record_and_write(text: str) -> int:
            if threading.current_thread() is self._thread:
                self._written.append((write, text))
            return write(text)

        others = "write" in vars(stream)  # IPython's own history records, too
        stream.write = record_and_write  # type: ignore[method-assign]
        if others:
            self._undo.callback(setattr, stream, "write", write)
        else:
            self._undo.callback(delattr, stream, "write")

    def write_again(self) -> None:
        """Write all of it once more."""
        for write, text in tuple(self._written):
            write(text)

    def close(self) -> None:
        """Record no more."""
        self._undo.close()
