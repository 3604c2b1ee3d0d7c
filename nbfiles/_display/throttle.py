"""Repaint one output seldom enough for eyes and kernel, and always show the last state."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Generic, Protocol, TypeVar

PAINTS_A_SECOND = 6  # smooth enough; each costs 1.2 ms of CPU, and receiving the answer 0.2 ms a token
STALL_S = 0.25  # after which a thread paints what no further offer did; a thread for every paint costs more
PAINT_SHARE = 0.2  # of the time; what takes long to paint is repainted less often
# Characters that one output may send: an answer of 10,000 tokens, 100 of them a second, stays within 2 MB
# (docs/performance.md), also where it is painted as a whole each time.
FREE_CHARS, CHARS_A_SECOND = 300_000, 14_000


State = TypeVar("State")
State_contra = TypeVar("State_contra", contravariant=True)


class Surface(Protocol[State_contra]):
    """What is painted: one output of the cell, or a page of them."""

    def paint(self, state: State_contra, /) -> int:
        """Show the newest state; return the characters that this sent."""

    def close(self, newest: State_contra | None = None, /) -> None:
        """Show the newest state for good; without one, the last that was painted."""


Cancel = Callable[[], None]
StartTimer = Callable[[float, Callable[[], None]], Cancel]


def start_timer(seconds: float, call: Callable[[], None]) -> Cancel:
    """Call a function once, in a thread, after some seconds; return what cancels it."""
    # The context holds which cell the output belongs to.
    timer = threading.Timer(seconds, copy_context().run, (call,))
    timer.daemon = True
    timer.start()
    return timer.cancel


class Throttle(Generic[State]):
    """A surface, and the newest state offered for it; `now` is a clock that counts seconds.

    1. `offer` paints at once when the last paint was long enough ago.
    2. Otherwise a timer paints the newest offer later, also when no other offer comes: a stream may stall.
    3. `finish` closes the surface with the newest offer; `flush` only paints it.

    `problem` is why the last paint failed, which is raised nowhere: what is painted was paid for.
    """

    def __init__(
        self,
        surface: Surface[State],
        *,
        now: Callable[[], float] = time.monotonic,
        start_timer: StartTimer = start_timer,
    ) -> None:
        self._surface, self._now, self._start_timer = surface, now, start_timer
        self._lock = threading.RLock()
        self.problem: Exception | None = None
        self._newest: Callable[[], State] | None = None
        self._cancel_timer: Cancel | None = None
        self._next = 0.0
        self._allowed, self._since = float(FREE_CHARS), now()

    def offer(self, make: Callable[[], State], *, at_once: bool = False) -> None:
        """Show what `make` returns, now or within a moment."""
        with self._lock:
            self._newest = make
            if at_once or self._now() >= self._next:
                self._paint()
            elif self._cancel_timer is None:
                self._paint_later()

    def flush(self) -> None:
        """Paint the newest state now, if it is not painted yet."""
        with self._lock:
            self._stop_timer()
            self._paint()

    def finish(self) -> None:
        """Show the newest state for good; where there is no notebook, this is what gets printed."""
        with self._lock:
            self._stop_timer()
            state = self._make_newest()
            try:
                self._surface.close(state)
            except Exception as problem:  # noqa: BLE001 - as in `_paint`
                self.problem = problem

    def _make_newest(self) -> State | None:
        make, self._newest = self._newest, None
        if make is None:
            return None
        try:
            state, self.problem = make(), None
        except Exception as problem:  # noqa: BLE001 - as in `_paint`
            self.problem = problem
            return None
        return state

    def _stop_timer(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    def _paint_later(self) -> None:
        self._cancel_timer = self._start_timer(max(self._next - self._now(), STALL_S), self._on_timer)

    def _on_timer(self) -> None:
        with self._lock:
            if self._cancel_timer is None:
                return
            self._cancel_timer = None
            if self._newest and self._now() < self._next:
                self._paint_later()
            else:
                self._paint()

    def _paint(self) -> None:
        make, self._newest = self._newest, None
        if make is None:
            return
        started, chars = self._now(), 0
        try:
            chars, self.problem = self._surface.paint(make()), None
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with a view, its cell goes on
            self.problem = problem
        cost = self._now() - started
        self._allowed += (started - self._since) * CHARS_A_SECOND - chars
        self._since = started
        debt = max(-self._allowed / CHARS_A_SECOND, 0.0)
        self._next = started + max(1 / PAINTS_A_SECOND, cost / PAINT_SHARE, debt)
