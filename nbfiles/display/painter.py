"""Repaints one output seldom enough for eyes and kernel, and never keeps the last state to itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import copy_context

from nbfiles.display import front

PAINTS_A_SECOND = (
    5  # each costs 2 ms; more often would cost more than receiving the answer (benchmarks/stream.py)
)
PAINT_SHARE = 0.2  # of the time; what takes long to paint is repainted less often
# Characters that one output may send: at first any short answer grows smoothly, and one of 10,000 tokens,
# 100 of them a second, stays within 2 MB (PERFORMANCE.md).
FREE_CHARS, CHARS_A_SECOND, MESSAGE_CHARS = 400_000, 12_000, 1_000

Make = Callable[[], front.Bundle]


class Painter:
    """One output and the newest state offered for it.

    1. `offer` paints at once when the last paint was long enough ago.
    2. Otherwise a timer paints the newest offer later, also when no other offer comes: a stream may stall.
    3. `finish` paints the newest offer and ends.
    """

    def __init__(self) -> None:
        self._output = front.Output()
        self._lock = threading.RLock()
        self._newest: Make | None = None
        self._timer: threading.Timer | None = None
        self._next = 0.0
        self._allowed, self._since = float(FREE_CHARS), time.monotonic()

    def offer(self, make: Make, *, at_once: bool = False) -> None:
        """Show what `make` returns, now or within a moment."""
        with self._lock:
            self._newest = make
            delay = self._next - time.monotonic()
            if delay <= 0 or at_once:
                self._paint()
            elif self._timer is None:
                # The context holds which cell the output belongs to.
                self._timer = threading.Timer(delay, copy_context().run, (self._late,))
                self._timer.daemon = True
                self._timer.start()

    def finish(self) -> None:
        """Show the newest state for good; where there is no notebook, this is what gets printed."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            self._paint()
            self._output.close()

    def _late(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer = None
                self._paint()

    def _paint(self) -> None:
        make, self._newest = self._newest, None
        if make is None:
            return
        started = time.monotonic()
        bundle = make()
        self._output.paint(bundle)
        cost = time.monotonic() - started
        self._allowed += (
            (started - self._since) * CHARS_A_SECOND - sum(map(len, bundle.values())) - MESSAGE_CHARS
        )
        self._since = started
        debt = max(-self._allowed / CHARS_A_SECOND, 0.0)
        self._next = started + max(1 / PAINTS_A_SECOND, cost / PAINT_SHARE, debt)
