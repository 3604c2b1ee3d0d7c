"""What else writes to a cell while its answer grows: a warning, a log, a library. None of it is lost."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, TextIO

Write = Callable[[str], Any]


class CapturedOutput:
    """Remembers what the cell's own thread writes, to write it again where all outputs are cleared."""

    def __init__(self) -> None:
        self._thread = threading.current_thread()
        self._heard: list[tuple[Write, str]] = []
        self._undo = ExitStack()
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, TypeError):  # somebody put another stream there, which no clearing reaches
                self._listen(stream)

    def _listen(self, stream: TextIO) -> None:
        write = stream.write

        def heard(text: str) -> Any:
            if threading.current_thread() is self._thread:
                self._heard.append((write, text))
            return write(text)

        others = "write" in vars(stream)  # IPython's own history listens, too
        stream.write = heard  # type: ignore[method-assign]
        if others:
            self._undo.callback(setattr, stream, "write", write)
        else:
            self._undo.callback(delattr, stream, "write")

    def again(self) -> None:
        """Write what was heard once more."""
        for write, text in tuple(self._heard):
            write(text)

    def close(self) -> None:
        """Listen no more."""
        self._undo.close()
