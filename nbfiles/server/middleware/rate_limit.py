"""Rate limits: headers as the documented Start tier has them, and calls that are refused where a rate is set.

The local server has nobody to protect, so nothing is enforced unless it is started with a rate; Files and
Messages are then counted apart, as the API does.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.types import ASGIApp, Receive, Scope, Send

from nbfiles.server.errors import ApiProblem
from nbfiles.server.messages.usage import PromptTokens
from nbfiles.server.middleware.guard import refuse

MINUTE = 60  # seconds
COUNTED = ("/v1/files", "/v1/messages")
LIMITS = {"requests": 1_000, "input-tokens": 2_000_000, "output-tokens": 400_000}  # a minute [docs]


class RateLimitExceeded:
    """Answer so many calls a minute, and refuse the rest with a 429 that says when to come back."""

    def __init__(self, app: ASGIApp, rate: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._app = app
        self._rate = rate
        self._minute = 0
        self._calls: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        kind = next((kind for kind in COUNTED if scope["path"].startswith(kind)), None)
        if kind is not None:
            left = self._left(kind)
            minute = datetime.fromtimestamp((self._minute + 1) * MINUTE, UTC)
            scope["state"]["headers"] |= _named({"requests": (self._rate, max(0, left))}, minute)
            if left < 0:
                scope["state"]["headers"]["retry-after"] = str(math.ceil(MINUTE - self._clock() % MINUTE))
                message = f"This server answers {self._rate} requests a minute; wait and try again."
                await refuse(send, ApiProblem(429, message), scope["state"]["request_id"])
                return
        await self._app(scope, receive, send)

    def _left(self, kind: str) -> int:
        """Count a call and return how many more may come in this minute; below 0 it is one too many."""
        minute = int(self._clock() // MINUTE)
        if minute != self._minute:
            self._minute, self._calls = minute, Counter()
        self._calls[kind] += 1
        return self._rate - self._calls[kind]


class RateLimits:
    """What an organization used in the current minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = 0
        self._used = dict.fromkeys(LIMITS, 0)

    def headers(self, prompt: PromptTokens, max_tokens: int) -> dict[str, str]:
        """Count one request and return its headers; cached reads are free, output counts as allowed."""
        minute = int(self._clock() // MINUTE)
        with self._lock:
            if minute != self._minute:
                self._minute, self._used = minute, dict.fromkeys(LIMITS, 0)
            cost = {
                "requests": 1,
                "input-tokens": prompt.tokens - prompt.read,
                "output-tokens": max_tokens,
            }
            left = {}
            for name, limit in LIMITS.items():
                self._used[name] += cost[name]
                left[name] = (limit, max(0, limit - self._used[name]))
        left["tokens"] = (
            left["input-tokens"][0] + left["output-tokens"][0],
            left["input-tokens"][1] + left["output-tokens"][1],
        )
        return _named(left, datetime.fromtimestamp((minute + 1) * MINUTE, UTC))


def _named(left: dict[str, tuple[int, int]], reset: datetime) -> dict[str, str]:
    moment = reset.isoformat().replace("+00:00", "Z")
    headers = {}
    for name, (limit, remaining) in left.items():
        headers[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        headers[f"anthropic-ratelimit-{name}-remaining"] = str(remaining)
        headers[f"anthropic-ratelimit-{name}-reset"] = moment
    return headers
