"""Repaints one output seldom enough for eyes and kernel, and never keeps the last state to itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Protocol

from nbfiles._display import output

PAINTS_A_SECOND = 6  # smooth enough; each costs 1.2 ms of CPU, and receiving the answer 0.2 ms a token
STALL_S = 0.25  # after which a thread paints what no further offer did; a thread for every paint costs more
PAINT_SHARE = 0.2  # of the time; what takes long to paint is repainted less often
# Characters that one output may send: an answer of 10,000 tokens, 100 of them a second, stays within 2 MB
# (PERFORMANCE.md), also where it is painted as a whole each time.
FREE_CHARS, CHARS_A_SECOND = 300_000, 14_000


class Surface(Protocol):
    """What is painted: one output of the cell, or a page of them."""

    def paint(self, bundle: Any) -> int:
        """Show the newest state; return the characters that this sent."""

    def close(self) -> None:
        """Print the last state where nothing can be painted."""


Make = Callable[[], Any]


class Throttle:
    """A surface, by default one output, and the newest state offered for it.

    1. `offer` paints at once when the last paint was long enough ago.
    2. Otherwise a timer paints the newest offer later, also when no other offer comes: a stream may stall.
    3. `finish` paints the newest offer and ends.

    `problem` is why the last paint failed, which is raised nowhere: what is painted was paid for.
    """

    def __init__(self, surface: Surface | None = None) -> None:
        self._output = surface or output.Output()
        self._lock = threading.RLock()
        self.problem: Exception | None = None
        self._newest: Make | None = None
        self._timer: threading.Timer | None = None
        self._next = 0.0
        self._allowed, self._since = float(FREE_CHARS), time.monotonic()

    def offer(self, make: Make, *, at_once: bool = False) -> None:
        """Show what `make` returns, now or within a moment."""
        with self._lock:
            self._newest = make
            if at_once or time.monotonic() >= self._next:
                self._paint()
            elif self._timer is None:
                self._wait()

    def finish(self) -> None:
        """Show the newest state for good; where there is no notebook, this is what gets printed."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            self._paint()
            try:
                self._output.close()
            except Exception as problem:  # noqa: BLE001 - as in `_sent`
                self.problem = problem

    def _wait(self) -> None:
        delay = max(self._next - time.monotonic(), STALL_S)
        # The context holds which cell the output belongs to.
        self._timer = threading.Timer(delay, copy_context().run, (self._late,))
        self._timer.daemon = True
        self._timer.start()

    def _late(self) -> None:
        with self._lock:
            if self._timer is None:
                return
            self._timer = None
            if self._newest and time.monotonic() < self._next:
                self._wait()
            else:
                self._paint()

    def _paint(self) -> None:
        make, self._newest = self._newest, None
        if make is None:
            return
        started = time.monotonic()
        sent = self._sent(make)
        cost = time.monotonic() - started
        self._allowed += (started - self._since) * CHARS_A_SECOND - sent
        self._since = started
        debt = max(-self._allowed / CHARS_A_SECOND, 0.0)
        self._next = started + max(1 / PAINTS_A_SECOND, cost / PAINT_SHARE, debt)

    def _sent(self, make: Make) -> int:
        try:
            sent, self.problem = self._output.paint(make()), None
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with a view, its cell goes on
            sent, self.problem = 0, problem
        return sent
