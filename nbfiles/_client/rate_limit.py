"""How fast requests may go: a token bucket for files, and a wait that all questions share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

FILES_A_MINUTE = 500.0  # for all calls of the Files API (documentation of September 2026)
BURST_S = 5.0  # of the rate may go at once after a rest; more could run into a limit that others use too
SHARE = 0.98  # of the named limit is used, as no two clocks run alike


class RateLimit:
    """Gives every request its moment; many threads may ask.

    `a_minute` is the rate until the server names one, None for a server without a limit.
    """

    def __init__(
        self,
        a_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._rate = a_minute / 60 if a_minute else None
        self._tokens = (self._rate or 0.0) * BURST_S
        self._last = clock()
        self._known = False  # whether the server named its limit
        self._out = 0  # requests under way, which what the server says is left does not count

    def take(self) -> None:
        """Wait until one more request may go."""
        with self._lock:
            self._refill()
            self._tokens -= 1
            self._out += 1
            wait = -self._tokens / self._rate if self._rate and self._tokens < 0 else 0.0
        if wait > 0:
            self._sleep(wait)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over the limit a minute, and what is left of it, where a reply names them."""
        limit = _number(headers.get("anthropic-ratelimit-requests-limit"))
        left = _number(headers.get("anthropic-ratelimit-requests-remaining"))
        with self._lock:
            if limit:
                self._refill()
                first, self._rate, self._known = not self._known, SHARE * limit / 60, True
                self._tokens = self._rate * BURST_S if first else self._tokens
            if left is not None:
                self._tokens = min(self._tokens, left - self._out)

    def done(self) -> None:
        """Count a request as no longer under way."""
        with self._lock:
            self._out -= 1

    def refused(self) -> None:
        """Begin anew with nothing: the server had less left than was thought."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, -float(self._out))

    def _refill(self) -> None:
        now = self._clock()
        if self._rate:
            self._tokens = min(self._tokens + (now - self._last) * self._rate, self._rate * BURST_S)
        self._last = now


class SharedWait:
    """Closed for a while when the server wants fewer requests; whoever asks then waits as well."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._opens, self._why = 0.0, ""

    def close(self, seconds: float, why: str) -> None:
        """Close it for so many seconds, or longer where it is closed for longer already."""
        opens = self._clock() + seconds
        if opens > self._opens:
            self._opens, self._why = opens, why

    def left(self) -> tuple[float, str]:
        """Return for how many seconds it is closed, 0 where it is open, and why."""
        return max(self._opens - self._clock(), 0.0), self._why


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() else None
