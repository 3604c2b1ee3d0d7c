"""What the program in a container replies: bounded, as the code beside it can write into the same pipe.

A reply is a line of JSON that begins with the name of its call, which nobody can guess. A line that does not is the
code's own, or of a process that it forked, and is left out: none that is written before a call is the reply to it.
Code that goes on beside a call can find its name and answer it. It deceives its own conversation only: a reply has the
shape of one, or is none. Not more than a few lines wait to be read; whoever writes faster waits, as at a pipe.
"""

from __future__ import annotations

import queue
import secrets
import threading
from typing import IO

from nbfiles.server.engines.sandbox.shapes import fits, text_up_to, whole
from nbfiles.server.json_text import read_json
from nbfiles.server.json_types import JsonObject

LONGEST = 4_000_000  # letters: what is known of a table of 2,000 columns is less
MOST_OBJECTS = 300_000  # in it, with the braces that printed text has; each takes twenty times its letters in memory
PRINTED = 100_100  # letters of one output: what the program returns, and its line about the rest
LONGEST_OUTPUT = 2 * 6 * PRINTED + 200  # letters of a reply with both, where each is escaped
LONGEST_MESSAGE = 10_000  # letters of a problem
WAITING = 4  # lines
_LOOKS, _LOOK = 50, 0.1  # at a thread that ends when its pipe does, in seconds

_PRINTED = text_up_to(PRINTED)
_MESSAGE = text_up_to(LONGEST_MESSAGE)
_OUTPUT = {"return_code": whole, "stdout": _PRINTED, "stderr": _PRINTED}
_PROBLEM = {"problem": _MESSAGE, "message": _MESSAGE, "name": (type(None), _MESSAGE)}
_RESULT = {"result": lambda _: True}


class Nothing(Exception):
    """There is no reply yet."""


class Malformed(Exception):
    """What came as the reply is none."""


class Replies:
    """Reads the replies of one program in a thread, from its standard output."""

    def __init__(self, pipe: IO[str] | None = None) -> None:
        self._call, self._asks = "", False
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        # It holds no `self`, which holds it: a thread that never starts keeps its target.
        self._reader = threading.Thread(target=_read, args=(pipe, self._lines), daemon=True)
        if pipe is not None:
            self._reader.start()

    def next_call(self, *, asks: bool) -> str:
        """Return the name of the next call, whose reply alone is returned from now on.

        A call that asks gets a `result`, or the `problem` that there was; any other what was printed.
        """
        self._call, self._asks = secrets.token_hex(16), asks
        return self._call

    def get(self, seconds: float) -> JsonObject | None:
        """Return the reply, or None when there will be none; raises Nothing where none came within `seconds`.

        Raises Malformed where one came that no program of ours writes.
        """
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise Nothing from None
        if line is None:
            return None
        if not line.startswith(f'{{"call": "{self._call}"'):
            raise Nothing
        return _parsed(line, asks=self._asks)

    def drop(self) -> None:
        """Read what is left when the program has ended, so that the thread ends, too."""
        for _ in range(_LOOKS):
            while not self._lines.empty():
                self._lines.get_nowait()
            if not self._reader.is_alive():
                return
            self._reader.join(_LOOK)


def _read(pipe: IO[str], lines: queue.Queue[str | None]) -> None:
    try:
        while (line := pipe.readline(LONGEST)).endswith("\n"):
            lines.put(line)
    except ValueError:  # closed, or no UTF-8
        pass
    lines.put(None)


def _parsed(line: str, *, asks: bool) -> JsonObject:
    """Return the reply in a line; tables have numbers that are none, printed output has not."""
    if len(line) > (LONGEST if asks else LONGEST_OUTPUT) or line.count("{") + line.count("[") > MOST_OBJECTS:
        raise Malformed
    try:
        reply = read_json(line, finite=not asks)
    except ValueError:
        raise Malformed from None
    reply.pop("call")
    if not any(fits(reply, shape) for shape in ((_PROBLEM, _RESULT) if asks else (_OUTPUT,))):
        raise Malformed
    found: JsonObject = reply
    return found
