import threading

import anthropic
import pytest

from nbfiles.server.embedded import Embedded, start
from nbfiles.server.messages.batches import LIFE, Batches
from nbfiles.server.messages.parts import TextPart
from nbfiles.server.workspaces import ServerSettings, Workspaces
from tests.server.official import MODEL, connect, document, text
from tests.waiting import HANG_S, until


def asking(custom_id, *content, **more):
    messages = [{"role": "user", "content": list(content)}]
    return {
        "custom_id": custom_id,
        "params": {"model": MODEL, "max_tokens": 500, "messages": messages} | more,
    }


def ended(client, batch_id):
    until(lambda: client.messages.batches.retrieve(batch_id).processing_status == "ended")
    return client.messages.batches.retrieve(batch_id)


def test_a_batch_is_answered_in_the_background(client, manual):
    question = (document(manual), text("Can bzip2recover repair damaged files?"))
    created = client.messages.batches.create(
        requests=[
            asking("good", *question),
            asking("bad", text("?"), model="claude-9"),
            asking("b-2", text("?")),
        ]
    )
    batch = ended(client, created.id)
    counts = batch.request_counts
    assert (counts.succeeded, counts.errored, counts.processing) == (2, 1, 0)
    results = {line.custom_id: line.result for line in client.messages.batches.results(created.id)}
    assert any(block.citations for block in results["good"].message.content)
    assert results["good"].message.usage.service_tier == "batch"
    assert results["bad"].error.error.type == "not_found_error"


def test_batches_are_listed_by_id(client):
    made = [client.messages.batches.create(requests=[asking("a", text("?"))]).id for _ in range(3)]
    page = client.messages.batches.list(limit=2)
    assert [batch.id for batch in page.data] == made[:0:-1]
    assert page.has_more
    assert page.get_next_page().data[0].id == made[0]
    assert [batch.id for batch in client.messages.batches.list(before_id=made[1]).data] == made[2:]


def test_a_batch_is_deleted_once_it_has_ended(client):
    batch = client.messages.batches.create(requests=[asking("a", text("?"))])
    ended(client, batch.id)
    assert client.messages.batches.delete(batch.id).type == "message_batch_deleted"
    with pytest.raises(anthropic.NotFoundError, match=batch.id):
        client.messages.batches.retrieve(batch.id)


def test_a_list_goes_on_behind_a_batch_that_is_deleted_meanwhile(client):
    made = [client.messages.batches.create(requests=[asking("a", text("?"))]).id for _ in range(3)]
    ended(client, made[1])
    client.messages.batches.delete(made[1])
    assert client.messages.batches.list(after_id=made[1], limit=1).data[0].id == made[0]
    assert [batch.id for batch in client.messages.batches.list(before_id=made[1]).data] == made[2:]


BAD = {
    "requests: Field required": None,
    "a batch has 1 to": [],
    "is used more than once": [asking("a", text("?")), asking("a", text("?"))],
    "String should match pattern": [asking("no blanks", text("?"))],
    "String should have at most 64 characters": [asking("a" * 65, text("?"))],
    "params: Field required": [{"custom_id": "a"}],
}


@pytest.mark.parametrize(("message", "requests"), BAD.items(), ids=BAD.keys())
def test_a_malformed_batch_is_refused(client, message, requests):
    with pytest.raises(anthropic.BadRequestError, match=message):
        client.post("/v1/messages/batches", cast_to=object, body={"requests": requests})


WRONG = {
    "stream": {"stream": True},
    "speed": {"speed": "fast"},
    "max_tokens": {"max_tokens": 0},
    "model": {"model": 5},
    "messages": {"messages": "?"},
    "not_a_parameter": {"not_a_parameter": 1},
}


def errors(client, requests, **headers):
    """Return what each request of a batch ended with, where all of them were accepted."""
    options = {"headers": headers}
    created = client.post("/v1/messages/batches", cast_to=object, body={"requests": requests}, options=options)
    assert created["processing_status"] == "in_progress"
    assert ended(client, created["id"]).request_counts.errored == len(requests)
    return {one.custom_id: one.result.error.error for one in client.messages.batches.results(created["id"])}


def test_what_is_wrong_in_one_request_is_said_when_the_batch_has_ended(client):
    found = errors(client, [asking(name, text("?"), **wrong) for name, wrong in WRONG.items()])
    assert {name: error.type for name, error in found.items()} == dict.fromkeys(WRONG, "invalid_request_error")
    assert all(name in error.message for name, error in found.items())


def test_so_is_what_only_an_older_client_may_send_and_has_sent_wrongly(client):
    old = {"anthropic-version": "2023-06-01"}
    assert "number from 0 to 1" in errors(client, [asking("a", text("?"), temperature=7)], **old)["a"].message


def test_an_error_in_a_batch_has_its_code(client, upload, expire):
    file_id = upload("gone.txt", "text/plain", b"Gone.").id
    expire("files", file_id)
    assert errors(client, [asking("a", document(file_id))])["a"].details["error_code"] == "file_expired"


def test_a_batch_goes_on_after_a_restart(tmp_path, open_store):
    blocked = threading.Event()

    def hang(params, stop):
        blocked.set()
        stop.wait()
        return {}

    first = Batches(open_store(tmp_path), hang)
    batch_id = first.create([asking("a", text("Hello?"))]).id
    assert blocked.wait(HANG_S)
    first.close()
    second = start(tmp_path)
    with connect(second) as client:
        assert ended(client, batch_id).request_counts.succeeded == 1
    second.stop()


@pytest.fixture
def slow(tmp_path, open_store):
    """Batches whose first answer waits until it is let go."""
    begun, go = threading.Event(), threading.Event()

    def answer(params, stop):
        begun.set()
        go.wait(HANG_S)
        return {"n": 1}

    moments = [1_800_000_000.0]
    batches = Batches(open_store(tmp_path), answer, lambda: moments[-1])
    batches.begun, batches.go, batches.moments = begun, go, moments
    yield batches
    go.set()
    batches.close()


def test_canceling_finishes_what_is_under_way_and_cancels_the_rest(slow):
    batch = slow.create([asking(name, text("?")) for name in "abc"])
    assert slow.begun.wait(HANG_S)
    slow.cancel(batch)
    assert slow.get(batch.id).cancel_initiated_at is not None
    slow.go.set()
    until(lambda: slow.get(batch.id).ended_at)
    counts = slow.counts(slow.get(batch.id))
    assert (counts["succeeded"], counts["canceled"]) == (1, 2)


def test_what_is_not_answered_within_a_day_expires(slow):
    batch = slow.create([asking(name, text("?")) for name in "ab"])
    assert slow.begun.wait(HANG_S)
    slow.moments.append(slow.moments[0] + LIFE)
    slow.go.set()
    until(lambda: slow.get(batch.id).ended_at)
    assert slow.counts(slow.get(batch.id))["expired"] == 1


def test_two_processes_do_not_do_the_same_work_twice(tmp_path, open_store):
    done = []
    go = threading.Event()

    def answer(params, stop):
        go.wait(HANG_S)
        done.append(params["max_tokens"])
        return {}

    one, two = (Batches(open_store(tmp_path), answer) for _ in "12")
    first, second = (side.create([asking("a", max_tokens=n) for n in (1, 2)]) for side in (one, two))
    go.set()
    until(lambda: one.get(first.id).ended_at and one.get(second.id).ended_at)
    one.close(), two.close()
    assert sorted(done) == [1, 1, 2, 2]


class Endless:
    """An engine that answers when the server ends."""

    note = ""

    def __init__(self, store):
        del store

    def can(self, query):
        return query is not None

    def answer(self, query, stop, before):
        del query, before
        stop.wait(HANG_S)
        yield TextPart("at last")

    def close(self):
        pass


def test_a_running_batch_has_no_results_and_cannot_be_deleted(tmp_path):
    server = Embedded(Workspaces(tmp_path, ServerSettings(engines=[Endless])), tcp=False)
    with connect(server) as client:
        batch = client.messages.batches.create(requests=[asking("a", text("?"))])
        assert (batch.processing_status, batch.request_counts.processing) == ("in_progress", 1)
        with pytest.raises(anthropic.BadRequestError, match="cancel it before"):
            client.messages.batches.delete(batch.id)
        with pytest.raises(anthropic.NotFoundError, match="no available results"):
            client.get(f"/v1/messages/batches/{batch.id}/results", cast_to=object)
        assert client.messages.batches.cancel(batch.id).processing_status == "canceling"
    server.stop()
