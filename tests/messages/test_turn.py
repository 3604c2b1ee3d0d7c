"""A turn that pauses goes on by itself, and not for ever."""

from datetime import UTC, datetime

import pytest

from nbfiles._messages.answer import Answer
from nbfiles._messages.turn import MAX_ROUNDS, run, snapshots
from nbfiles.errors import CutOff, NoConnection, Stopped
from nbfiles.records import FileRecord, Kind


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
    assert "took 2 requests" in last.notes[0]
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


class House:
    """A place whose stream ends as it is told to, and that has every file."""

    def __init__(self, end, fetch=None):
        self._end = end
        self._fetch = fetch

    def stream(self, _request, **_options):
        yield from step("file_1")
        raise self._end

    def fetch(self, answer, tell):
        for file_id in answer.origins():
            if self._fetch:
                raise self._fetch
            tell(FileRecord("a.csv", file_id, Kind.DATA, "text/plain", 1, datetime.now(UTC)))
        return []


def step(file_id):
    call = {"type": "server_tool_use", "id": "t1", "name": "code_execution", "input": {"code": "1"}}
    content = {"type": "code_execution_result", "content": [{"file_id": file_id}]}
    result = {"type": "code_execution_tool_result", "tool_use_id": "t1", "content": content}
    for index, block in enumerate((call, result)):
        yield {"type": "content_block_start", "index": index, "content_block": block}


@pytest.mark.parametrize("end", [KeyboardInterrupt(), CutOff("It broke off.")])
def test_steps_that_ended_keep_their_files_when_the_rest_is_stopped(asked, end):
    shown = []
    answer = run(asked, House(end), shown.append)
    assert [record.name for record in answer.files] == ["a.csv"]
    assert answer.problem
    assert shown[-1].files == answer.files


def test_a_second_stop_leaves_the_files(asked):
    answer = run(asked, House(CutOff("It broke off."), KeyboardInterrupt()), lambda _answer: None)
    assert answer.files == ()
    assert isinstance(answer.error, Stopped)


def test_who_cannot_be_reached_is_not_asked_for_files(asked):
    answer = run(asked, House(NoConnection("Nobody is there."), AssertionError()), lambda _answer: None)
    assert answer.problem == "Nobody is there."
