"""What failed is sent again by the table of the issue, and nothing is stored, paid or deleted unasked."""

import io
import re
from pathlib import Path

import httpx2
import pytest

from nbfiles import errors
from nbfiles._client import Client
from nbfiles._client.error_mapping import translate_errors
from nbfiles._client.retry import TABLE, Failure, RequestKind, RetryRule, classify
from nbfiles.destinations import Destination
from nbfiles.server.embedded import start
from tests import faulty, spoiled
from tests.scripted import METADATA, Reply, as_json, error, events, scripted

ROOT = Path(__file__).parents[2]
QUESTION = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "What is this?"}],
}
BUDGET_S = 60

# The table of the issue, by hand.
KINDS = ("GET, list, count", "upload", "question", "delete", "create a batch or a skill")
ROWS = {
    "surely not done": ("until the time budget",) * 4 + ("never",),
    "perhaps done": (
        "until the time budget",
        "once more, after looking for the file by name, size and time",
        "once more, and the answer says that it may have been paid twice",
        "look whether it is gone",
        "never",
    ),
    "begun": ("again", "–", "never; what arrived is kept", "–", "–"),
}


@pytest.mark.parametrize("column", range(5), ids=KINDS.__getitem__)
@pytest.mark.parametrize("row", ROWS)
def test_the_code_has_the_table_of_the_issue(row, column):
    assert TABLE[Failure(row), RequestKind(KINDS[column])] == RetryRule(ROWS[row][column])


def test_the_table_has_no_other_cells():
    assert len(TABLE) == len(ROWS) * len(KINDS)
    with pytest.raises(TypeError):
        TABLE[Failure.STARTED, RequestKind.QUESTION] = RetryRule.AGAIN  # type: ignore[index]


def test_the_readme_has_the_table_of_the_code():
    section = (ROOT / "README.md").read_text().split("| what went wrong |")[1].split("\n\n")[0]
    head, _, *rows = [re.split(r" *\| *", line.strip("| ")) for line in section.splitlines()]
    assert head == [kind.value for kind in RequestKind]
    cells = {row[0].partition(":")[0]: row[1:] for row in rows}
    assert cells == {failure.value: [TABLE[failure, kind].value for kind in RequestKind] for failure in Failure}


def refusal(status, code=None, **headers):
    return error(status, "some_error", "No.", code, **headers)


NOT_DONE = {
    "409": refusal(409),
    "429": refusal(429),
    "429 that growth is too fast": refusal(429, "ramp_limit_exceeded"),
    "529": refusal(529),
    "503 with retry-after": refusal(503, retry_after="0"),
}
STATUSES = (408, 500, 502, 503, 504, 520, 599)
PERHAPS_DONE = {str(status): spoiled.refused(status, "some_error") for status in STATUSES} | {
    "lost": spoiled.lost,
    "a login page": spoiled.login_page,
    "other JSON": spoiled.other_json,
    "nothing": spoiled.empty,
}
FINAL = {
    "429 with a code": refusal(429, "enforced_spend_limit_reached", retry_after="0"),
    "429 with another code": refusal(429, "contract_spend_limit_reached"),
    "400": refusal(400),
    "402": refusal(402),
    "403": refusal(403),
    "422": refusal(422),
    "a redirect": Reply(b"", 307, {"location": "http://127.0.0.1:9/v1/files"}),
}


@pytest.mark.parametrize(
    ("raised", "row"),
    [
        (httpx2.ConnectError("refused"), "surely not done"),
        (httpx2.ConnectError("[Errno -2] Name or service not known"), "surely not done"),
        (httpx2.ConnectTimeout("slow"), "surely not done"),
        (httpx2.ReadTimeout("silent"), "perhaps done"),
        (httpx2.WriteTimeout("stuck"), "perhaps done"),
        (httpx2.ReadError("reset"), "perhaps done"),
        (httpx2.RemoteProtocolError("closed without a reply"), "perhaps done"),
    ],
    ids=str,
)
def test_each_failure_of_a_network_has_its_row(raised, row):
    with pytest.raises(errors.NbfilesError) as caught, translate_errors(Destination("test", "free")):
        raise raised
    assert classify(caught.value) == Failure(row)


def test_what_cannot_be_sent_has_no_row():
    with pytest.raises(errors.NbfilesError) as caught, translate_errors(Destination("test", "free")):
        "\ud800".encode()
    assert classify(caught.value) is None


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("data"), tcp=True)
    yield running
    running.stop()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def waits():
    return []


@pytest.fixture
def proxy(server):
    with faulty.faulty(server.base_url) as running:
        yield running


@pytest.fixture
def client(server, proxy, time, waits):
    """A client that is served through the proxy."""
    connected = Client(
        Destination("here", "free", base_url=proxy.url, api_key=server.key),
        lambda left, why: waits.append((left, why)),
        time.clock,
        time.sleep,
    )
    yield connected
    connected.close()


@pytest.fixture
def direct(server):
    """A client that asks the server itself what really happened."""
    connected = Client(Destination("here", "free", base_url=server.base_url, api_key=server.key))
    for file in connected.newest():
        connected.delete(file.file_id)
    yield connected
    connected.close()


@pytest.fixture
def there(direct):
    return direct.upload(io.BytesIO(b"A boat came back."), "a.txt", "text/plain")


def do(client, kind, file_id, reasons=None):
    """Do one thing of a kind; return what shows that it worked."""
    repeat = (lambda _why: None) if reasons is None else reasons.append
    match kind:
        case "list":
            return any(file.file_id == file_id for file in client.newest())
        case "metadata":
            return client.metadata(file_id).file_id == file_id
        case "alive":
            return file_id in client.alive([file_id])
        case "skills":
            return client.skills() != []
        case "upload":
            remote = client.upload(io.BytesIO(b"twice?"), "twice.txt", "text/plain", on_repeat=repeat)
            return remote.size_bytes == 6
        case "question":
            return list(client.stream(QUESTION, repeat))[-1]["type"] == "message_stop"
        case "delete":
            client.delete(file_id)
            return True


ALL = ("list", "upload", "question", "delete")


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("reply", NOT_DONE.values(), ids=NOT_DONE)
def test_what_was_surely_not_done_is_sent_again_and_the_wait_is_reported(client, proxy, waits, there, kind, reply):
    proxy.faults = [spoiled.Refused(reply)] * 4
    reasons = []
    assert do(client, kind, there.file_id, reasons)
    assert len(proxy.passed) == 1
    assert reasons == []
    assert len({why for _, why in waits}) == 1


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("reply", NOT_DONE.values(), ids=NOT_DONE)
def test_what_is_never_done_is_given_up_after_the_time_budget(client, proxy, time, there, kind, reply):
    proxy.faults = [spoiled.Refused(reply)] * 99
    with pytest.raises(errors.NbfilesError) as caught:
        do(client, kind, there.file_id)
    assert BUDGET_S - 8 <= time.now <= BUDGET_S
    assert not caught.value.perhaps_done
    assert "charged" not in str(caught.value)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("reply", FINAL.values(), ids=FINAL)
def test_what_asking_again_cannot_change_is_asked_once(client, proxy, time, there, kind, reply):
    proxy.faults = [spoiled.Refused(reply)] * 9
    with pytest.raises(errors.NbfilesError) as caught:
        do(client, kind, there.file_id)
    assert len(proxy.faults) == 8
    assert time.now == 0
    assert not caught.value.perhaps_done


@pytest.mark.parametrize("kind", ["list", "metadata", "alive", "skills"])
def test_every_read_is_one(client, proxy, there, kind):
    proxy.faults = [PERHAPS_DONE["502"], spoiled.Refused(refusal(529)), spoiled.login_page]
    assert do(client, kind, there.file_id)
    assert len(proxy.passed) == 3


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_reading_goes_on_until_the_time_budget(client, proxy, time, there, fault):
    proxy.faults = [fault] * 4
    assert do(client, "list", there.file_id)
    assert len(proxy.passed) == 5
    began, proxy.faults = time.now, [fault] * 99
    with pytest.raises(errors.NbfilesError):
        do(client, "list", there.file_id)
    assert BUDGET_S - 8 <= time.now - began <= BUDGET_S


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_a_question_is_carried_out_twice_at_most(client, proxy, fault):
    reasons = []
    proxy.faults = [fault]
    assert do(client, "question", "", reasons)
    assert proxy.passed == ["POST /v1/messages"] * 2
    assert len(reasons) == 1
    proxy.faults = [fault] * 9
    with pytest.raises(errors.NbfilesError, match="sent twice: it may have been carried out and charged") as e:
        do(client, "question", "")
    assert proxy.passed == ["POST /v1/messages"] * 4
    assert e.value.perhaps_done
    assert str(e.value).count("\n") == 0


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_an_upload_is_stored_twice_at_most(client, direct, proxy, fault):
    reasons = []
    proxy.faults = [fault]
    assert do(client, "upload", "", reasons)
    assert len(reasons) == 1
    assert len(direct.newest()) == 2
    proxy.faults = [fault] * 9
    with pytest.raises(errors.NbfilesError) as caught:
        do(client, "upload", "")
    assert caught.value.perhaps_done
    assert len(direct.newest()) == 4


def test_an_upload_is_not_sent_again_where_looking_first_fails(client, direct, proxy):
    def look(_why):
        raise errors.ServerError("No list today.")

    proxy.faults = [PERHAPS_DONE["502"]]
    with pytest.raises(errors.ServerError, match="No list today"):
        client.upload(io.BytesIO(b"once"), "once.txt", "text/plain", on_repeat=look)
    assert len(direct.newest()) == 1


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_a_delete_that_was_done_is_reported_as_done(client, direct, proxy, there, fault):
    proxy.faults = [fault]
    client.delete(there.file_id)
    assert [line.split()[0] for line in proxy.passed] == ["DELETE", "GET"]
    assert direct.newest() == []


def test_a_delete_that_was_not_done_is_done_again(client, direct, proxy, there):
    proxy.faults = [spoiled.Refused(refusal(502))]
    client.delete(there.file_id)
    assert [line.split()[0] for line in proxy.passed] == ["GET", "DELETE"]
    assert direct.newest() == []


def test_a_delete_of_what_was_gone_before_is_an_error(client, direct, proxy, there):
    direct.delete(there.file_id)
    with pytest.raises(errors.FileGone):
        client.delete(there.file_id)


def test_a_delete_of_which_nothing_is_learned_says_so(client, proxy, time, there):
    proxy.faults = [PERHAPS_DONE["502"]] * 99
    with pytest.raises(errors.ServerError, match="may be deleted all the same"):
        client.delete(there.file_id)
    assert proxy.passed.count(f"DELETE /v1/files/{there.file_id}") == 1
    assert time.now <= BUDGET_S


@pytest.mark.parametrize("kind", ["upload", "question"])
def test_busy_replies_and_one_doubt_share_the_budget_and_the_only_repetition(client, proxy, time, kind):
    busy, doubt = spoiled.Refused(refusal(529)), PERHAPS_DONE["502"]
    proxy.faults = [busy, doubt, busy, busy, doubt, None]
    with pytest.raises(errors.ServerError):
        do(client, kind, "")
    assert proxy.faults == [None]
    assert len(proxy.passed) == 2
    began, proxy.faults = time.now, [doubt, *[busy] * 99]
    with pytest.raises(errors.ServerError):
        do(client, kind, "")
    assert time.now - began <= BUDGET_S
    assert len(proxy.passed) == 3


def test_a_question_that_may_have_been_paid_says_so_whatever_ends_it(client, proxy):
    proxy.faults = [PERHAPS_DONE["502"], spoiled.Refused(refusal(400))]
    with pytest.raises(errors.ApiError, match=r"sent \(502\): it may have been carried out and charged"):
        do(client, "question", "")


def test_a_wait_that_is_too_long_is_not_begun(client, proxy, time):
    proxy.faults = [spoiled.Refused(refusal(500, retry_after="4000000"))] * 9
    with pytest.raises(errors.ServerError, match="may have been carried out and charged"):
        do(client, "question", "")
    assert time.now == 0
    assert len(proxy.faults) == 8


@pytest.mark.parametrize(
    "fault",
    [
        spoiled.halved,
        spoiled.torn,
        spoiled.short,
        spoiled.garbled,
        spoiled.error_event,
        spoiled.without_start,
    ],
    ids=lambda fault: fault.__name__,
)
def test_an_answer_that_has_begun_is_not_asked_for_again(client, proxy, time, fault):
    proxy.faults, got = [fault], []
    with pytest.raises(errors.NbfilesError):
        got.extend(client.stream(QUESTION))
    assert proxy.passed == ["POST /v1/messages"]
    assert got
    assert time.now == 0


def test_one_ping_is_a_beginning():
    ping = Reply(b'event: ping\ndata: {"type": "ping"}\n\n', headers={"content-type": "text/event-stream"})
    with scripted(ping) as server:
        asked = Client(Destination("test", "free", base_url=server.url, api_key="k"))
        with pytest.raises(errors.CutOff):
            list(asked.stream(QUESTION))
        asked.close()
    assert len(server.seen) == 1


OCTETS = {"content-type": "application/octet-stream"}


@pytest.fixture
def downloaded(time):
    """Download what a script serves."""

    def download(*replies):
        with scripted(*replies) as server:
            client = Client(
                Destination("test", "free", base_url=server.url, api_key="k"), clock=time.clock, sleep=time.sleep
            )
            try:
                return b"".join(client.download("file_x")), server
            finally:
                client.close()

    return download


def test_a_download_that_breaks_off_goes_on_behind_what_came(downloaded):
    body = bytes(range(256)) * 1000
    cut = [Reply(body, headers=OCTETS, cut=count) for count in (0, 1, 100_000, 100_000, 200_000)]
    content, server = downloaded(*cut, Reply(body, headers=OCTETS))
    assert content == body
    assert len(server.seen) == 6


@pytest.mark.parametrize("other", [b"y" * 1000, b"x" * 400])
def test_a_download_whose_file_is_another_one_now_is_given_up(downloaded, other):
    with pytest.raises(errors.ApiError, match="broke off"):
        downloaded(Reply(b"x" * 1000, headers=OCTETS, cut=500), Reply(other, headers=OCTETS))


def test_a_download_that_breaks_off_for_ever_is_given_up(downloaded, time):
    with pytest.raises(errors.CutOff):
        downloaded(*[Reply(b"x" * 1000, headers=OCTETS, cut=500)] * 99)
    assert BUDGET_S - 8 <= time.now <= BUDGET_S


def test_a_list_whose_reply_breaks_off_is_asked_for_again(client, proxy, there):
    proxy.faults = [spoiled.halved, spoiled.torn, spoiled.inflated]
    assert do(client, "list", there.file_id)


def test_an_upload_with_half_a_reply_may_have_been_done(client, direct, proxy):
    proxy.faults = [spoiled.halved]
    reasons = []
    assert do(client, "upload", "", reasons)
    assert len(reasons) == 1


def test_a_reply_of_the_api_is_nothing_to_tell(time):
    reasons = []
    start_, end = {"type": "message_start", "message": {}}, {"type": "message_stop"}
    with scripted(as_json(METADATA), events(start_, end)) as server:
        client = Client(Destination("test", "free", base_url=server.url, api_key="k"))
        client.upload(io.BytesIO(b"hello"), "a.txt", "text/plain", on_repeat=reasons.append)
        list(client.stream(QUESTION, reasons.append))
        client.close()
    assert reasons == []
