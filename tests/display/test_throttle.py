"""What grows is painted often while it is short, and never sends more than its share."""

import heapq
import itertools

import pytest

from nbfiles._display.output import MESSAGE_CHARS
from nbfiles._display.throttle import STALL_S, Throttle


class World:
    """A clock that moves when it is told to, the timers set by it, and what was painted on a surface."""

    def __init__(self):
        self.now = 0.0
        self.painted = []  # time and size
        self._timers, self._number = [], itertools.count()

    def paint(self, html):
        self.painted.append((self.now, len(html)))
        return len(html) + MESSAGE_CHARS

    def close(self, newest=None):
        if newest is not None:
            self.paint(newest)

    def start_timer(self, seconds, call):
        entry = (self.now + seconds, next(self._number), call)
        heapq.heappush(self._timers, entry)
        return lambda: self._timers.remove(entry)

    def advance(self, moment):
        """Move the clock, and let the timers that are due call back on the way."""
        while self._timers and self._timers[0][0] <= moment:
            self.now, _, call = heapq.heappop(self._timers)
            call()
        self.now = moment

    def throttle(self):
        return Throttle(self, now=lambda: self.now, start_timer=self.start_timer)


@pytest.fixture
def world():
    return World()


def stream(world, tokens, per_second=100):
    """Offer an answer that grows by tokens of 5 characters of HTML, as long as it would take."""
    throttle = world.throttle()
    for number in range(tokens):
        world.advance(number / per_second)
        throttle.offer(lambda size=5 * number: "x" * size)
    throttle.finish()
    return world.painted


def test_ten_thousand_tokens_repainted_whole_stay_within_two_megabytes(world):
    painted = stream(world, 10_000)
    assert sum(size + MESSAGE_CHARS for _, size in painted) < 2_000_000
    assert painted[-1][1] == 5 * 9_999


def test_a_short_answer_grows_six_times_a_second(world):
    painted = stream(world, 1_000)
    assert 50 <= len(painted) <= 62


def test_a_long_answer_repainted_whole_still_moves_every_few_seconds(world):
    times = [moment for moment, _ in stream(world, 10_000)]
    assert max(b - a for a, b in itertools.pairwise(times)) < 6


def test_what_was_offered_last_is_painted_although_nothing_follows(world):
    throttle = world.throttle()
    throttle.offer(lambda: "a")
    throttle.offer(lambda: "ab")
    assert world.painted == [(0.0, 1)]
    world.advance(60.0)
    assert world.painted == [(0.0, 1), (STALL_S, 2)]


def test_after_the_end_no_timer_paints(world):
    throttle = world.throttle()
    throttle.offer(lambda: "a")
    throttle.offer(lambda: "ab")
    throttle.finish()
    world.advance(60.0)
    assert world.painted == [(0.0, 1), (0.0, 2)]


def test_a_view_that_fails_is_remembered_and_raised_nowhere(world):
    throttle = world.throttle()
    throttle.offer(lambda: 1 // 0)
    assert isinstance(throttle.problem, ZeroDivisionError)
    throttle.offer(lambda: "better", at_once=True)
    assert throttle.problem is None
