"""Our client, the embedded server, and between the two what goes wrong on real networks."""

import io

import faulty
import pytest
import spoiled

from nbfiles import _client as client_module
from nbfiles import errors
from nbfiles._client import Client
from nbfiles.destinations import Destination
from nbfiles.server.embedded import start
from tests.answers import built
from tests.scripted import error

QUESTION = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "```python\nprint('hello')\n```"}],
    "tools": [{"type": "code_execution_20260521", "name": "code_execution"}],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("data"), tcp=True)
    yield running
    running.stop()


@pytest.fixture
def front(server):
    with faulty.faulty(server.base_url) as standing:
        yield standing


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_BACKOFF_S", 0.01)


@pytest.fixture
def client(server, front):
    connected = Client(Destination("here", "free", base_url=front.url, api_key=server.key))
    yield connected
    connected.close()


@pytest.fixture
def sent(client):
    return client.upload(io.BytesIO(b"A boat came back."), "a.txt", "text/plain").file_id


def upload(client):
    return client.upload(io.BytesIO(b"twice?"), "twice.txt", "text/plain")


def test_a_busy_moment_is_waited_out(client, front, sent):
    front.faults = [faulty.busy, faulty.busy]
    assert client.metadata(sent).filename == "a.txt"


@pytest.mark.parametrize("fault", [faulty.login_page, faulty.moved, faulty.broken], ids=lambda f: f.__name__)
def test_what_is_not_the_api_is_said_in_one_line(client, front, sent, fault, monkeypatch):
    monkeypatch.setattr(client_module, "WAIT_BUDGET_S", 0)
    front.faults = [fault]
    with pytest.raises(errors.NbfilesError) as problem:
        client.metadata(sent)
    assert str(problem.value).count("\n") == 0
    assert len([line for line in front.passed if line.startswith("GET")]) == 1


@pytest.mark.parametrize(
    "fault",
    [faulty.halved, faulty.short, faulty.unmeasured, faulty.inflated],
    ids=lambda f: f.__name__,
)
def test_a_stream_that_ends_early_is_cut_off_and_not_asked_again(client, front, fault):
    front.faults = [fault]
    with pytest.raises(errors.CutOff):
        list(client.stream(QUESTION))
    assert front.passed == ["POST /v1/messages"]


@pytest.fixture
def hasty(client, monkeypatch):
    monkeypatch.setattr(client_module, "READ_TIMEOUT_S", 0.3)
    connected = Client(client._endpoint)
    yield connected
    connected.close()


def test_a_stream_that_stalls_is_given_up_and_not_asked_again(hasty, front):
    front.faults = [faulty.stalled]
    with pytest.raises(errors.NoConnection, match="No answer"):
        list(hasty.stream(QUESTION))
    assert front.passed == ["POST /v1/messages"]


def test_a_stream_of_which_no_byte_comes_is_asked_for_once_more(hasty, front):
    front.faults = [faulty.silent, faulty.silent]
    with pytest.raises(errors.NoConnection, match=r"No answer.*charged both times"):
        list(hasty.stream(QUESTION))
    assert front.passed == ["POST /v1/messages"] * 2


@pytest.mark.parametrize("fault", [faulty.stalled, faulty.silent, faulty.trickling], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("ask", "tries"), [(upload, 2), (lambda client: client.newest(), 1)])
def test_a_reply_that_never_ends_is_given_up(hasty, front, fault, ask, tries, monkeypatch):
    monkeypatch.setattr(client_module, "WAIT_BUDGET_S", 0.01)
    front.faults = [fault] * tries
    with pytest.raises(errors.NoConnection, match="No answer"):
        ask(hasty)
    assert len(front.passed) == tries


@pytest.mark.parametrize("ask", [lambda client: list(client.stream(QUESTION)), upload])
@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        (spoiled.Unread(error(413, "request_too_large", "Too large")), errors.ApiError, "32 MB"),
        (spoiled.spend_limit, errors.RateLimited, "Waiting does not help"),
        (spoiled.refused(402, "billing_error"), errors.ApiError, "Waiting does not help"),
        (spoiled.refused(403, "permission_error"), errors.BadCredentials, "owner"),
        (spoiled.refused(422, "invalid_request_error"), errors.ApiError, "refused"),
    ],
    ids=["413 early", "429 spent", "402", "403", "422"],
)
def test_what_cannot_be_mended_is_asked_once(client, front, fault, expected, words, ask):
    front.faults = [fault]
    with pytest.raises(expected, match=words) as problem:
        ask(client)
    assert str(problem.value).count("\n") == 0
    assert len(front.passed) == (not isinstance(fault, spoiled.Unread))


@pytest.mark.parametrize("ask", [lambda client: list(client.stream(QUESTION)), upload])
def test_a_reset_before_the_first_byte_is_tried_once_more(client, front, ask):
    front.faults = [spoiled.Unread(), spoiled.Unread(), None]
    with pytest.raises(errors.CutOff, match="broke off"):
        ask(client)
    assert front.faults == [None]


@pytest.mark.parametrize(("ask", "tries"), [(lambda client: client.newest(), 1), (upload, 2)])
@pytest.mark.parametrize(
    "fault",
    [faulty.inflated, faulty.unmeasured, faulty.short, faulty.empty, faulty.other_json],
    ids=lambda f: f.__name__,
)
def test_a_spoiled_reply_is_not_taken_for_one(client, front, fault, ask, tries, monkeypatch):
    monkeypatch.setattr(client_module, "WAIT_BUDGET_S", 0.01)
    front.faults = [fault] * tries
    with pytest.raises(errors.NotTheApi):
        ask(client)
    assert len(front.passed) == tries


@pytest.mark.parametrize(
    "fault",
    [
        spoiled.torn,
        spoiled.garbled,
        spoiled.error_event,
    ],
    ids=lambda fault: fault.__name__,
)
def test_a_spoiled_stream_is_one_line_and_not_asked_again(client, front, fault):
    front.faults = [fault]
    with pytest.raises(errors.NbfilesError) as problem:
        list(client.stream(QUESTION))
    assert str(problem.value).count("\n") == 0
    assert front.passed == ["POST /v1/messages"]


@pytest.mark.parametrize("fault", [spoiled.bad_index, spoiled.without_start], ids=lambda f: f.__name__)
def test_a_stream_with_a_gap_is_read_to_its_end_and_not_called_whole(client, front, fault):
    front.faults, got = [fault], []
    with pytest.raises(errors.CutOff, match="gap"):
        got.extend(client.stream(QUESTION))
    answer = built(got).snapshot()
    assert answer.stop_reason == "end_turn"
    assert any(step.stdout == "hello\n" for step in answer.code)
    assert front.passed == ["POST /v1/messages"]


def test_a_stream_that_begins_twice_is_paid_once(client, front):
    front.faults = [None, spoiled.twice_started]
    plain, twice = (built(client.stream(QUESTION)).snapshot() for _ in range(2))
    assert twice.usage.input_tokens == plain.usage.input_tokens > 0


@pytest.mark.parametrize("fault", [spoiled.pinging, spoiled.trickling], ids=lambda fault: fault.__name__)
def test_a_stream_that_says_nothing_new_is_given_up(client, front, fault, monkeypatch):
    monkeypatch.setattr("nbfiles._client.sse.SILENCE_S", 0.5)
    front.faults = [fault]
    with pytest.raises(errors.CutOff, match="said nothing"):
        list(client.stream(QUESTION))
    assert front.passed == ["POST /v1/messages"]


@pytest.mark.parametrize(
    "fault",
    [
        spoiled.unknown_event,
        spoiled.unknown_delta,
        spoiled.twice_started,
        spoiled.littered,
        spoiled.without_last_blank,
        spoiled.mid_event,  # in the very last one, behind the stop_reason
    ],
    ids=lambda fault: fault.__name__,
)
def test_an_odd_stream_is_read_to_its_end(client, front, fault):
    front.faults = [fault]
    answer = built(client.stream(QUESTION)).snapshot()
    assert answer.complete
    assert any(step.stdout == "hello\n" for step in answer.code)


def test_without_a_fault_everything_passes(client, sent):
    assert client.alive([sent])[sent].size_bytes == 17
    assert list(client.stream(QUESTION))[-1]["type"] == "message_stop"
    client.delete(sent)
    assert client.alive([sent]) == {}
