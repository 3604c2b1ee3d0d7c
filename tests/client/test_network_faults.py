"""Our client, the embedded server, and between the two what goes wrong on real networks."""

import contextlib
import io

import pytest

from nbfiles import errors
from nbfiles._client import Client
from nbfiles._client.timeouts import Timeouts
from nbfiles.destinations import Destination
from nbfiles.server.embedded import start
from tests import faulty, spoiled
from tests.answers import built
from tests.scripted import Reply, error
from tests.waiting import until

QUESTION = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "```python\nprint('hello')\n```"}],
    "tools": [{"type": "code_execution_20260521", "name": "code_execution"}],
}
# Is answered without a run of code, which may take longer than a short timeout.
SHORT_QUESTION = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "What is this?"}],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("data"), tcp=True)
    yield running
    running.stop()


@pytest.fixture
def proxy(server):
    with faulty.faulty(server.base_url) as running:
        yield running


@pytest.fixture
def connect(server, proxy):
    """Make clients that are served through the proxy, with waits of their own, and close them afterwards."""
    with contextlib.ExitStack() as stack:

        def make(**waits):
            timeouts = Timeouts(**{"first_backoff_s": 0.01} | waits)
            client = Client(Destination("here", "free", base_url=proxy.url, api_key=server.key), timeouts=timeouts)
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def uploaded(client):
    return client.upload(io.BytesIO(b"A boat came back."), "a.txt", "text/plain").file_id


def upload(client):
    return client.upload(io.BytesIO(b"twice?"), "twice.txt", "text/plain")


def test_a_busy_moment_is_waited_out(client, proxy, uploaded):
    proxy.faults = [faulty.busy, faulty.busy]
    assert client.metadata(uploaded).filename == "a.txt"


@pytest.mark.parametrize("fault", [faulty.login_page, faulty.moved, faulty.broken], ids=lambda f: f.__name__)
def test_what_is_not_the_api_is_reported_in_one_line(connect, proxy, uploaded, fault):
    proxy.faults = [fault]
    with pytest.raises(errors.NbfilesError) as problem:
        connect(retry_s=0).metadata(uploaded)
    assert str(problem.value).count("\n") == 0
    assert len([line for line in proxy.passed if line.startswith("GET")]) == 1


@pytest.mark.parametrize(
    "fault",
    [faulty.halved, faulty.short, faulty.unmeasured, faulty.inflated],
    ids=lambda f: f.__name__,
)
def test_a_stream_that_ends_early_is_cut_off_and_not_asked_again(client, proxy, fault):
    proxy.faults = [fault]
    with pytest.raises(errors.CutOff):
        list(client.stream(QUESTION))
    assert proxy.passed == ["POST /v1/messages"]


def test_a_stream_that_stalls_is_given_up_and_not_asked_again(connect, proxy):
    proxy.faults = [faulty.stalled]
    with pytest.raises(errors.NoConnection, match="No answer"):
        list(connect(read_s=5).stream(SHORT_QUESTION))  # long enough for the first bytes on a busy machine
    assert proxy.passed == ["POST /v1/messages"]


def test_a_stream_of_which_no_byte_comes_is_asked_for_once_more(connect, proxy):
    proxy.faults = [faulty.silent, faulty.silent]
    with pytest.raises(errors.NoConnection, match=r"No answer.*charged both times"):
        list(connect(read_s=0.3).stream(SHORT_QUESTION))
    until(lambda: len(proxy.passed) >= 2)
    assert proxy.passed == ["POST /v1/messages"] * 2


@pytest.mark.parametrize("fault", [faulty.stalled, faulty.silent, faulty.trickling], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("ask", "tries"), [(upload, 2), (lambda client: client.newest(), 1)])
def test_a_reply_that_never_ends_is_given_up(connect, proxy, fault, ask, tries):
    proxy.faults = [fault] * tries
    with pytest.raises(errors.NoConnection, match="No answer"):
        ask(connect(read_s=0.3, retry_s=0.01))
    until(lambda: len(proxy.passed) >= tries)  # on a busy machine, the last one passes after it was given up
    assert len(proxy.passed) == tries


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
def test_what_cannot_be_mended_is_asked_once(client, proxy, fault, expected, words, ask):
    proxy.faults = [fault]
    with pytest.raises(expected, match=words) as problem:
        ask(client)
    assert str(problem.value).count("\n") == 0
    assert len(proxy.passed) == (not isinstance(fault, spoiled.Unread))


@pytest.mark.parametrize("ask", [lambda client: list(client.stream(QUESTION)), upload])
def test_a_reset_before_the_first_byte_is_tried_once_more(client, proxy, ask):
    proxy.faults = [spoiled.Unread(), spoiled.Unread(), None]
    with pytest.raises(errors.CutOff, match="broke off"):
        ask(client)
    assert proxy.faults == [None]


@pytest.mark.parametrize(("ask", "tries"), [(lambda client: client.newest(), 1), (upload, 2)])
@pytest.mark.parametrize(
    "fault",
    [faulty.inflated, faulty.unmeasured, faulty.short, faulty.empty, faulty.other_json],
    ids=lambda f: f.__name__,
)
def test_a_spoiled_reply_is_not_taken_for_one(connect, proxy, fault, ask, tries):
    proxy.faults = [fault] * tries
    with pytest.raises(errors.NotTheApi):
        ask(connect(retry_s=0.01))
    assert len(proxy.passed) == tries


@pytest.mark.parametrize(
    "fault",
    [
        spoiled.torn,
        spoiled.garbled,
        spoiled.error_event,
    ],
    ids=lambda fault: fault.__name__,
)
def test_a_spoiled_stream_is_one_line_and_not_asked_again(client, proxy, fault):
    proxy.faults = [fault]
    with pytest.raises(errors.NbfilesError) as problem:
        list(client.stream(QUESTION))
    assert str(problem.value).count("\n") == 0
    assert proxy.passed == ["POST /v1/messages"]


@pytest.mark.parametrize("fault", [spoiled.bad_index, spoiled.without_start], ids=lambda f: f.__name__)
def test_a_stream_with_a_gap_is_read_to_its_end_and_not_called_whole(client, proxy, fault):
    proxy.faults, got = [fault], []
    with pytest.raises(errors.CutOff, match="gap"):
        got.extend(client.stream(QUESTION))
    answer = built(got).snapshot()
    assert answer.stop_reason == "end_turn"
    assert any(step.stdout == "hello\n" for step in answer.code)
    assert proxy.passed == ["POST /v1/messages"]


def test_a_stream_that_begins_twice_is_paid_once(client, proxy):
    proxy.faults = [None, spoiled.twice_started]
    plain, twice = (built(client.stream(QUESTION)).snapshot() for _ in range(2))
    assert twice.usage.input_tokens == plain.usage.input_tokens > 0


@pytest.mark.parametrize("fault", [spoiled.pinging, spoiled.trickling], ids=lambda fault: fault.__name__)
def test_a_stream_that_says_nothing_new_is_given_up(connect, proxy, fault):
    proxy.faults = [fault]
    with pytest.raises(errors.CutOff, match="said nothing"):
        list(connect(silence_s=0.5).stream(QUESTION))
    assert proxy.passed == ["POST /v1/messages"]


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
def test_an_odd_stream_is_read_to_its_end(client, proxy, fault):
    proxy.faults = [fault]
    answer = built(client.stream(QUESTION)).snapshot()
    assert answer.complete
    assert any(step.stdout == "hello\n" for step in answer.code)


def test_without_a_fault_everything_passes(client, uploaded):
    assert client.alive([uploaded])[uploaded].size_bytes == 17
    assert list(client.stream(QUESTION))[-1]["type"] == "message_stop"
    client.delete(uploaded)
    assert client.alive([uploaded]) == {}


def test_a_download_that_drips_is_given_up_and_not_begun_anew(connect, proxy):
    head = {"content-type": "application/octet-stream", "content-length": "1000000"}
    proxy.faults = [spoiled.Refused(Reply(b"x", headers=head, drip=b"x"))]
    impatient = connect(slow_s=0.2, retry_s=0.2)
    with pytest.raises(errors.CutOff, match="It came too slowly"):
        list(impatient.download("file_x"))
