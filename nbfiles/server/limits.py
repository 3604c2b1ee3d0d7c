"""Rate-limit headers: the documented limits of the Start tier, counted over a minute, never enforced here."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from nbfiles.server.usage import Prompt

MINUTE = 60  # seconds
LIMITS = {"requests": 1_000, "input-tokens": 2_000_000, "output-tokens": 400_000}  # a minute [docs]


class RateLimits:
    """What an organization used in the current minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._used = dict.fromkeys(LIMITS, 0)

    def headers(self, prompt: Prompt, max_tokens: int) -> dict[str, str]:
        """Count one request and return its headers; cached reads are free, output counts as allowed."""
        minute = int(time.time() // MINUTE)
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
    found = {}
    for name, (limit, remaining) in left.items():
        found[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        found[f"anthropic-ratelimit-{name}-remaining"] = str(remaining)
        found[f"anthropic-ratelimit-{name}-reset"] = moment
    return found
