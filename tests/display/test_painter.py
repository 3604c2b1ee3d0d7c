"""What grows is painted often while it is short, and never sends more than its share."""

import itertools
import threading
from types import SimpleNamespace

import pytest

from nbfiles._display import throttle
from nbfiles._display.output import MESSAGE_CHARS
from nbfiles._display.throttle import Throttle


class Timer:
    """A timer that never comes: in these tests, the next offer does."""

    def __init__(self, *_args):
        self.daemon = False

    def start(self):
        """Begin nothing."""

    cancel = start


@pytest.fixture
def world(monkeypatch):
    """A clock to set, and the bundles that were painted with their times."""
    clock = SimpleNamespace(now=0.0, painted=[])

    def paint(bundle):
        clock.painted.append((clock.now, len(bundle["text/html"])))
        return len(bundle["text/html"]) + MESSAGE_CHARS

    output = SimpleNamespace(paint=paint, close=lambda: None)
    # The painter's alone: a server in this process would sleep for as long as its clock was set back.
    monkeypatch.setattr(throttle, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(throttle, "threading", SimpleNamespace(RLock=threading.RLock, Timer=Timer))
    monkeypatch.setattr(throttle.front, "Output", lambda: output)
    return clock


def stream(world, tokens, per_second=100):
    """Offer an answer that grows by tokens of 5 characters of HTML, as long as it would take."""
    paints = Throttle()
    for number in range(tokens):
        world.now = number / per_second
        paints.offer(lambda size=5 * number: {"text/html": "x" * size, "text/plain": ""})
        paints._timer = None
    paints.finish()
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
