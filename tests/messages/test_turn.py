"""A turn that pauses goes on by itself, and not for ever."""

from datetime import UTC, datetime

import pytest

from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.observer import NOBODY, Observer
from nbfiles._messages.prepared import PreparedRequest
from nbfiles._messages.turn import MAX_ROUNDS, fetch_files, receive, recorded
from nbfiles.errors import CutOff, NoConnection, Stopped
from nbfiles.records import FileRecord, Kind


def message(text, reason, container="container_1"):
    yield {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 1}}}
    yield {"type": "content_block_start", "content_block": {"type": "text", "text": text}}
    end = {"stop_reason": reason, "container": {"id": container, "expires_at": "2026-12-01T00:00:00Z"}}
    yield {"type": "message_delta", "delta": end, "usage": {}}


class Connection:
    """A connection whose answers are `rounds`, whose stream then fails with `end`, and that has every file."""

    def __init__(self, *rounds, end=None, fetch=None):
        self.requests = []
        self.open = 0
        self._rounds = list(rounds)
        self._end = end
        self._fetch = fetch

    @property
    def client(self):
        return self

    @property
    def files(self):
        return self

    def stream(self, request, **_options):
        self.requests.append(request)
        self.open += 1
        try:
            yield from self._rounds.pop(0)
            if self._end:
                raise self._end
        finally:
            self.open -= 1

    def download_generated(self, origins, _asked, tell):
        for file_id in origins:
            if self._fetch:
                raise self._fetch
            tell(FileRecord("a.csv", file_id, Kind.DATA, "text/plain", 1, datetime.now(UTC)))

    def expect_generated(self, origins, tell):
        for file_id in origins:
            tell(FileRecord("step-1-file", file_id, Kind.DATA, "", -1, datetime.now(UTC)))


@pytest.fixture
def answer():
    request = {"model": "m", "messages": [{"role": "user", "content": "why?"}], "tools": ["t"]}
    return AnswerBuilder(PreparedRequest(request=request))


def test_a_paused_turn_is_sent_back_as_it_is(answer):
    connection = Connection(message("first ", "pause_turn"), message("second", "end_turn"))
    receive(answer, connection, Observer())
    last, again = answer.snapshot(), connection.requests[1]
    assert last.text == "first second"
    assert last.complete
    assert "took 2 requests" in last.notes[0]
    assert again["messages"][1:] == [{"role": "assistant", "content": [{"type": "text", "text": "first "}]}]
    assert (again["container"], again["tools"]) == ("container_1", ["t"])


def test_a_turn_that_never_ends_is_given_up_and_says_so(answer):
    connection = Connection(*(message("x", "pause_turn") for _ in range(MAX_ROUNDS + 1)))
    receive(answer, connection, Observer())
    assert len(connection.requests) == MAX_ROUNDS
    assert len(answer.snapshot().notes) == 1
    assert "go on" in answer.outcome.problem


def test_a_stream_that_is_left_is_closed(answer):
    class Stopping(Observer):
        def answer(self, _answer):
            raise KeyboardInterrupt

    connection = Connection(message("x", "end_turn"))
    with recorded(answer):
        receive(answer, connection, Stopping())
    assert connection.open == 0
    assert isinstance(answer.outcome.error, Stopped)


def step(file_id):
    call = {"type": "server_tool_use", "id": "t1", "name": "code_execution", "input": {"code": "1"}}
    content = {"type": "code_execution_result", "content": [{"file_id": file_id}]}
    result = {"type": "code_execution_tool_result", "tool_use_id": "t1", "content": content}
    for index, block in enumerate((call, result)):
        yield {"type": "content_block_start", "index": index, "content_block": block}


def cut(answer, connection, observer=NOBODY):
    with recorded(answer):
        receive(answer, connection, observer)
    fetch_files(answer, connection, observer)
    return answer.snapshot()


@pytest.mark.parametrize("end", [KeyboardInterrupt(), CutOff("It broke off.")])
def test_steps_that_ended_keep_their_files_when_the_rest_is_stopped(answer, end):
    class Keeping(Observer):
        def answer(self, growing):
            shown.append(growing.snapshot())

    shown = []
    whole = cut(answer, Connection(step("file_1"), end=end), Keeping())
    assert [record.name for record in whole.files] == ["a.csv"]
    assert whole.problem
    assert shown[-1].files == whole.files


def test_a_second_stop_leaves_the_files(answer):
    whole = cut(answer, Connection(step("file_1"), end=CutOff("It broke off."), fetch=KeyboardInterrupt()))
    assert whole.files == ()
    assert isinstance(whole.error, Stopped)


def test_who_cannot_be_reached_is_not_asked_for_files(answer):
    whole = cut(answer, Connection(step("file_1"), end=NoConnection("Nobody is there."), fetch=AssertionError()))
    assert whole.problem == "Nobody is there."
    assert [record.name for record in whole.files] == ["step-1-file"]
