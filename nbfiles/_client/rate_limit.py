"""How fast requests may go: a token bucket for files, and a wait that all questions share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from nbfiles import stop

FILES_A_MINUTE = 500.0  # for all calls of the Files API (documentation of September 2026)
BURST_S = 5.0  # of the rate may go at once after a rest; more could run into a limit that others use too
SHARE = 0.98  # of the named limit is used, as no two clocks run alike


class RateLimit:
    """A token bucket that many threads share.

    `a_minute` is the rate until the server names one, None for a server without a limit.
    """

    def __init__(
        self,
        a_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = stop.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._rate = a_minute / 60 if a_minute else None
        self._tokens = (self._rate or 0.0) * BURST_S
        self._last = clock()
        self._named = False  # whether the server named its limit
        self._out = 0  # requests under way, which what the server says is left does not count

    def acquire(self) -> None:
        """Wait until one more request may go."""
        with self._lock:
            self._refill()
            self._tokens -= 1
            self._out += 1
            wait = -self._tokens / self._rate if self._rate and self._tokens < 0 else 0.0
        if wait > 0:
            self._sleep(wait)

    def update(self, headers: Mapping[str, str]) -> None:
        """Adopt the limit a minute, and what is left of it, where a reply names them."""
        limit = _number(headers.get("anthropic-ratelimit-requests-limit"))
        left = _number(headers.get("anthropic-ratelimit-requests-remaining"))
        with self._lock:
            if limit:
                self._refill()
                first, self._rate, self._named = not self._named, SHARE * limit / 60, True
                self._tokens = self._rate * BURST_S if first else self._tokens
            if left is not None:
                self._tokens = min(self._tokens, left - self._out)

    def release(self) -> None:
        """Count a request as no longer under way."""
        with self._lock:
            self._out -= 1

    def drain(self) -> None:
        """Begin anew with nothing: the server refused a request that was thought to be within its limit."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, -float(self._out))

    def _refill(self) -> None:
        now = self._clock()
        if self._rate:
            self._tokens = min(self._tokens + (now - self._last) * self._rate, self._rate * BURST_S)
        self._last = now


class SharedWait:
    """A wait that all who ask the same server share, because it wants fewer requests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end, self._why = 0.0, ""

    def extend(self, seconds: float, why: str) -> None:
        """Let everybody wait so many seconds from now, or longer where that was wanted before."""
        end = self._clock() + seconds
        if end > self._end:
            self._end, self._why = end, why

    def remaining(self) -> tuple[float, str]:
        """Return for how many seconds still to wait, 0 for not at all, and why."""
        return max(self._end - self._clock(), 0.0), self._why


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() else None
