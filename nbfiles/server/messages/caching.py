"""The prompt cache, as its bookkeeping shows it: what a request writes, and what a later one reads.

Nothing is computed faster for it here; clients see the numbers that the real API would bill.
[docs] Prompt caching guide: the longest cached prefix that ends at a breakpoint or up to 20 blocks before it
is read, and every read renews its life.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from itertools import accumulate

from nbfiles.server.messages.usage import PromptTokens, Segment

LIVES = {"5m": 300, "1h": 3600}  # seconds
LOOKBACK = 20  # blocks before a breakpoint in which an earlier entry is found
MOST_ENTRIES = 10_000  # prefixes kept; an entry is 64 bytes


class PromptCache:
    """Which prefixes of which model are cached, in memory, as the real entries live minutes, too."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[float, int]] = {}  # prefix → when it expires, its life in seconds
        self._lock = threading.Lock()

    def take(self, scope: str, segments: Sequence[Segment], shortest: int) -> PromptTokens:
        """Return how a prompt falls to the cache, and remember what it wrote.

        `scope` keeps models and workspaces apart; prefixes below `shortest` tokens are not cached.
        """
        sums = list(accumulate(segment.tokens for segment in segments))
        total = sums[-1] if sums else 0
        marks = [n for n, segment in enumerate(segments) if segment.ttl and sums[n] >= shortest]
        if not marks:
            return PromptTokens(total)
        prefixes = _prefixes(scope, segments[: marks[-1] + 1])
        with self._lock:
            hit = self._longest(prefixes, marks)
            read = sums[hit] if hit is not None else 0
            written = {"5m": 0, "1h": 0}
            before = read
            for mark in marks:
                ttl = segments[mark].ttl or "5m"
                self._remember(prefixes[mark], LIVES[ttl])
                written[ttl] += max(0, sums[mark] - before)
                before = max(before, sums[mark])
        return PromptTokens(total, read, written["5m"], written["1h"])

    def _longest(self, prefixes: Sequence[str], marks: Sequence[int]) -> int | None:
        """Return the end of the longest living prefix, and renew it."""
        now = self._clock()
        for mark in reversed(marks):
            for end in range(mark, max(-1, mark - LOOKBACK), -1):
                expires_at, life = self._entries.get(prefixes[end], (0.0, 0))
                if expires_at > now:
                    self._entries[prefixes[end]] = (now + life, life)
                    return end
        return None

    def _remember(self, prefix: str, life: int) -> None:
        _, previous = self._entries.pop(prefix, (0.0, 0))
        life = max(life, previous)
        self._entries[prefix] = (self._clock() + life, life)
        while len(self._entries) > MOST_ENTRIES:
            del self._entries[next(iter(self._entries))]


def _prefixes(scope: str, segments: Sequence[Segment]) -> list[str]:
    """Return one digest for each segment: of it and of all before it."""
    running = hashlib.sha256(scope.encode())
    digests = []
    for segment in segments:
        running.update(json.dumps(segment.content, sort_keys=True).encode())
        digests.append(running.hexdigest())
    return digests
