"""Requests for files keep to the limit, and learn it."""

import pytest

from nbfiles.pace import BURST_S, SHARE, Pace


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Time()


def test_a_burst_is_free_and_the_rest_keeps_the_rate(clock):
    pace = Pace(600, clock.clock, clock.sleep)
    for _ in range(int(10 * BURST_S)):
        pace.take()
    assert clock.now == 0
    for _ in range(100):
        pace.take()
    assert clock.now == pytest.approx(10)


def test_a_server_without_a_limit_is_not_waited_for(clock):
    pace = Pace(None, clock.clock, clock.sleep)
    for _ in range(10_000):
        pace.take()
    assert clock.now == 0


def test_the_rate_is_what_the_server_says(clock):
    pace = Pace(None, clock.clock, clock.sleep)
    pace.learn({"anthropic-ratelimit-requests-limit": "6000", "anthropic-ratelimit-requests-remaining": "0"})
    for _ in range(1000):
        pace.take()
        pace.done()
    assert clock.now == pytest.approx(10 / SHARE)


def test_what_is_under_way_is_not_spent_twice(clock):
    pace = Pace(None, clock.clock, clock.sleep)
    for _ in range(3):
        pace.take()
    pace.done()
    pace.learn({"anthropic-ratelimit-requests-limit": "60", "anthropic-ratelimit-requests-remaining": "2"})
    pace.take()
    assert clock.now == pytest.approx(1 / SHARE)


def test_after_a_refusal_nothing_is_left_over(clock):
    pace = Pace(600, clock.clock, clock.sleep)
    pace.refused()
    pace.take()
    assert clock.now == pytest.approx(0.1)


@pytest.mark.parametrize("odd", ["", "many", "-1", "1e9", "²", "nan"])
def test_odd_headers_change_nothing(clock, odd):
    pace = Pace(None, clock.clock, clock.sleep)
    pace.learn({"anthropic-ratelimit-requests-limit": odd, "anthropic-ratelimit-requests-remaining": odd})
    pace.take()
    assert clock.now == 0
