"""What the program in a container replies: bounded, as the code beside it can write into the same pipe.

A reply is a line of JSON that begins with the number of its command. A line that does not is the code's own, or of a
process that it forked, and is left out: no command gets the reply to another one. Not more than a few lines wait to
be read; whoever writes faster waits, as at a pipe.
"""

from __future__ import annotations

import json
import queue
import threading
from typing import IO

from nbfiles.server.json_types import JsonObject

LONGEST = 16_000_000  # letters; what is printed is 200,000 bytes at most, and six times that where it is escaped
WAITING = 4  # lines
_LOOKS, _LOOK = 50, 0.1  # at a thread that ends when its pipe does, in seconds


class Nothing(Exception):
    """There is no reply yet."""


class Replies:
    """Reads the replies of one program in a thread, from its standard output."""

    def __init__(self, pipe: IO[str] | None = None) -> None:
        self._number = 0
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        # It holds no `self`, which holds it: a thread that never starts keeps its target.
        self._reader = threading.Thread(target=_read, args=(pipe, self._lines), daemon=True)
        if pipe is not None:
            self._reader.start()

    def next_number(self) -> int:
        """Return the number of the next command, whose reply alone is returned from now on."""
        self._number += 1
        return self._number

    def get(self, seconds: float) -> JsonObject | None:
        """Return the reply, or None when there will be none; raises Nothing where none came within `seconds`."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise Nothing from None
        if line is None:
            return None
        reply = _parsed(line, self._number)
        if reply is None:
            raise Nothing
        return reply

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


def _parsed(line: str, number: int) -> JsonObject | None:
    """Return the reply to the command of this number, or None where a line is something else."""
    if not line.startswith(f'{{"number": {number}, '):
        return None
    try:
        reply: JsonObject = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return reply
