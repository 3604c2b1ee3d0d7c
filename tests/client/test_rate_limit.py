"""Requests for files keep to the limit, and learn it."""

import io

import pytest

from nbfiles._client import Client
from nbfiles._client.rate_limit import BURST_S, SHARE, RateLimit, SharedWait
from nbfiles.destinations import Destination
from tests.scripted import METADATA, as_json, scripted


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
    limit = RateLimit(600, clock.clock, clock.sleep)
    for _ in range(int(10 * BURST_S)):
        limit.acquire()
    assert clock.now == 0
    for _ in range(100):
        limit.acquire()
    assert clock.now == pytest.approx(10)


def test_a_server_without_a_limit_is_not_waited_for(clock):
    limit = RateLimit(None, clock.clock, clock.sleep)
    for _ in range(10_000):
        limit.acquire()
    assert clock.now == 0


def test_the_rate_is_what_the_server_says(clock):
    limit = RateLimit(None, clock.clock, clock.sleep)
    limit.update({"anthropic-ratelimit-requests-limit": "6000", "anthropic-ratelimit-requests-remaining": "0"})
    for _ in range(1000):
        limit.acquire()
        limit.release()
    assert clock.now == pytest.approx(10 / SHARE)


def test_what_is_under_way_is_not_spent_twice(clock):
    limit = RateLimit(None, clock.clock, clock.sleep)
    for _ in range(3):
        limit.acquire()
    limit.release()
    limit.update({"anthropic-ratelimit-requests-limit": "60", "anthropic-ratelimit-requests-remaining": "2"})
    limit.acquire()
    assert clock.now == pytest.approx(1 / SHARE)


def test_after_a_refusal_nothing_is_left_over(clock):
    limit = RateLimit(600, clock.clock, clock.sleep)
    limit.drain()
    limit.acquire()
    assert clock.now == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("call", "reply"),
    [
        (lambda client: client.upload(io.BytesIO(b"hello"), "a.txt", "text/plain"), METADATA),
        (lambda client: client.metadata("file_1"), METADATA),
        (lambda client: client.alive(["file_1"]), {"data": [], "next_page": None}),
        (lambda client: client.newest(), {"data": [], "next_page": None}),
        (lambda client: client.delete("file_1"), {"id": "file_1", "type": "file_deleted"}),
    ],
)
def test_every_request_for_files_waits_its_turn(clock, call, reply):
    full = {"anthropic_ratelimit_requests_limit": "60", "anthropic_ratelimit_requests_remaining": "0"}
    with scripted(*[as_json(reply, **full)] * 2) as server:
        endpoint = Destination("test", "unknown", base_url=server.url, api_key="k")
        client = Client(endpoint, clock=clock.clock, sleep=clock.sleep)
        call(client)
        assert clock.now == 0
        call(client)
        assert clock.now > 0.9
        client.close()


@pytest.mark.parametrize("odd", ["", "many", "-1", "1e9", "²", "nan"])
def test_odd_headers_change_nothing(clock, odd):
    limit = RateLimit(None, clock.clock, clock.sleep)
    limit.update({"anthropic-ratelimit-requests-limit": odd, "anthropic-ratelimit-requests-remaining": odd})
    limit.acquire()
    assert clock.now == 0


def test_a_shared_wait_lasts_for_the_longest_time_that_was_asked_for():
    time = Time()
    wait = SharedWait(time.clock)
    assert wait.remaining()[0] == 0
    wait.extend(5, "Busy.")
    wait.extend(2, "Less busy.")
    time.sleep(1)
    assert wait.remaining() == (4, "Busy.")
    time.sleep(9)
    assert wait.remaining()[0] == 0
