"""A turn that pauses goes on by itself, and not for ever."""

import pytest

from nbfiles.asking.answer import Answer
from nbfiles.asking.turn import MAX_ROUNDS, snapshots


def message(text, reason, container="container_1"):
    yield {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 1}}}
    yield {"type": "content_block_start", "content_block": {"type": "text", "text": text}}
    end = {"stop_reason": reason, "container": {"id": container, "expires_at": "2026-12-01T00:00:00Z"}}
    yield {"type": "message_delta", "delta": end, "usage": {}}


@pytest.fixture
def asked():
    return Answer(request={"model": "m", "messages": [{"role": "user", "content": "why?"}], "tools": ["t"]})


def test_a_paused_turn_is_sent_back_as_it_is(asked):
    rounds = [message("first ", "pause_turn"), message("second", "end_turn")]
    seen = []

    def stream(request):
        seen.append(request)
        yield from rounds.pop(0)

    *_, last = snapshots(asked, stream)
    assert last.text == "first second"
    assert last.complete
    assert seen[1]["messages"][1:] == [{"role": "assistant", "content": [{"type": "text", "text": "first "}]}]
    assert (seen[1]["container"], seen[1]["tools"]) == ("container_1", ["t"])


def test_a_turn_that_never_ends_is_given_up_and_says_so(asked):
    requests = []

    def stream(request):
        requests.append(request)
        yield from message("x", "pause_turn")

    *_, last = snapshots(asked, stream)
    assert len(requests) == MAX_ROUNDS
    assert "go on" in last.problem


def test_a_stream_that_is_left_is_closed(asked):
    closed = []

    def stream(_request):
        try:
            yield from message("x", "end_turn")
        finally:
            closed.append(True)

    steps = snapshots(asked, stream)
    next(steps)
    steps.close()
    assert closed == [True]
