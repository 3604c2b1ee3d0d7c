"""Our client, the embedded server, and between the two what goes wrong on real networks."""

import io

import faulty
import pytest

from nbfiles import client as client_module
from nbfiles import errors
from nbfiles.client import Client
from nbfiles.records import Endpoint
from nbfiles.server.embedded import start

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


@pytest.fixture
def client(server, front):
    connected = Client(Endpoint("here", "free", base_url=front.url, api_key=server.key))
    yield connected
    connected.close()


@pytest.fixture
def sent(client):
    return client.upload(io.BytesIO(b"A boat came back."), "a.txt", "text/plain").file_id


def upload(client):
    return client.upload(io.BytesIO(b"twice?"), "twice.txt", "text/plain")


def test_an_upload_whose_answer_is_lost_was_done_once(client, front, sent):
    front.faults = [faulty.lost]
    with pytest.raises(errors.NbfilesError):
        upload(client)
    assert front.passed.count("POST /v1/files") == 2  # the one of `sent`, and this one


def test_a_busy_moment_is_waited_out(client, front, sent, monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_BACKOFF_S", 0.01)
    front.faults = [faulty.busy, faulty.busy]
    assert client.metadata(sent).filename == "a.txt"


@pytest.mark.parametrize("fault", [faulty.login_page, faulty.moved, faulty.broken], ids=lambda f: f.__name__)
def test_what_is_not_the_api_is_said_in_one_line(client, front, sent, fault):
    front.faults = [fault]
    with pytest.raises(errors.NbfilesError) as problem:
        client.metadata(sent)
    assert str(problem.value).count("\n") == 0
    assert len([line for line in front.passed if line.startswith("GET")]) == 1


@pytest.mark.parametrize("fault", [faulty.halved, faulty.short], ids=lambda f: f.__name__)
def test_a_stream_that_ends_early_is_cut_off_and_not_asked_again(client, front, fault):
    front.faults = [fault]
    with pytest.raises(errors.CutOff):
        list(client.stream(QUESTION))
    assert front.passed == ["POST /v1/messages"]


def test_a_stream_that_stalls_is_given_up(client, front, monkeypatch):
    monkeypatch.setattr(client_module, "READ_TIMEOUT_S", 0.5)
    hasty = Client(client._endpoint)
    front.faults = [faulty.stalled]
    with pytest.raises(errors.NbfilesError):
        list(hasty.stream(QUESTION))
    hasty.close()


def test_without_a_fault_everything_passes(client, sent):
    assert client.alive([sent])[sent].size_bytes == 17
    assert list(client.stream(QUESTION))[-1]["type"] == "message_stop"
    client.delete(sent)
    assert client.alive([sent]) == {}
