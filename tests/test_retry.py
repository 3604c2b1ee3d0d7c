"""What failed is sent again by the table of the issue, and nothing is stored, paid or deleted unasked."""

import io
import re
from pathlib import Path

import faulty
import httpx2
import pytest
import spoiled

from nbfiles import errors
from nbfiles._client import Client
from nbfiles._client.error_translation import translated
from nbfiles._client.retry import TABLE, Kind, Then, Trouble, what_went_wrong
from nbfiles.destinations import Destination
from nbfiles.server.embedded import start
from tests.scripted import METADATA, Reply, as_json, error, events, scripted

ROOT = Path(__file__).parent.parent
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
    assert TABLE[Trouble(row), Kind(KINDS[column])] == Then(ROWS[row][column])


def test_the_table_has_no_other_cells():
    assert len(TABLE) == len(ROWS) * len(KINDS)
    with pytest.raises(TypeError):
        TABLE[Trouble.BEGUN, Kind.QUESTION] = Then.AGAIN  # type: ignore[index]


def test_the_readme_has_the_table_of_the_code():
    section = (ROOT / "README.md").read_text().split("| what went wrong |")[1].split("\n\n")[0]
    head, _, *rows = [re.split(r" *\| *", line.strip("| ")) for line in section.splitlines()]
    assert head == [kind.value for kind in Kind]
    cells = {row[0].partition(":")[0]: row[1:] for row in rows}
    assert cells == {trouble.value: [TABLE[trouble, kind].value for kind in Kind] for trouble in Trouble}


def refusal(status, code=None, **headers):
    return error(status, "some_error", "No.", code, **headers)


NOT_DONE = {
    "409": refusal(409),
    "429": refusal(429),
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
def test_each_trouble_of_a_network_has_its_row(raised, row):
    with pytest.raises(errors.NbfilesError) as caught, translated(Destination("test", "free")):
        raise raised
    assert what_went_wrong(caught.value) == Trouble(row)


def test_what_cannot_be_sent_has_no_row():
    with pytest.raises(errors.NbfilesError) as caught, translated(Destination("test", "free")):
        "\ud800".encode()
    assert what_went_wrong(caught.value) is None


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
def front(server):
    with faulty.faulty(server.base_url) as standing:
        yield standing


@pytest.fixture
def client(server, front, time, waits):
    """A client that is served through the front."""
    connected = Client(
        Destination("here", "free", base_url=front.url, api_key=server.key),
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


def do(client, kind, file_id, told=None):
    """Do one thing of a kind; return what shows that it worked."""
    repeat = (lambda _why: None) if told is None else told.append
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
def test_what_was_surely_not_done_is_sent_again_and_the_wait_is_told(client, front, waits, there, kind, reply):
    front.faults = [spoiled.Refused(reply)] * 4
    told = []
    assert do(client, kind, there.file_id, told)
    assert len(front.passed) == 1
    assert told == []
    assert len({why for _, why in waits}) == 1


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("reply", NOT_DONE.values(), ids=NOT_DONE)
def test_what_is_never_done_is_given_up_after_the_time_budget(client, front, time, there, kind, reply):
    front.faults = [spoiled.Refused(reply)] * 99
    with pytest.raises(errors.NbfilesError) as caught:
        do(client, kind, there.file_id)
    assert BUDGET_S - 8 <= time.now <= BUDGET_S
    assert not caught.value.perhaps_done
    assert "charged" not in str(caught.value)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("reply", FINAL.values(), ids=FINAL)
def test_what_asking_again_cannot_change_is_asked_once(client, front, time, there, kind, reply):
    front.faults = [spoiled.Refused(reply)] * 9
    with pytest.raises(errors.NbfilesError) as caught:
        do(client, kind, there.file_id)
    assert len(front.faults) == 8
    assert time.now == 0
    assert not caught.value.perhaps_done


@pytest.mark.parametrize("kind", ["list", "metadata", "alive", "skills"])
def test_every_read_is_one(client, front, there, kind):
    front.faults = [PERHAPS_DONE["502"], spoiled.Refused(refusal(529)), spoiled.login_page]
    assert do(client, kind, there.file_id)
    assert len(front.passed) == 3


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_reading_goes_on_until_the_time_budget(client, front, time, there, fault):
    front.faults = [fault] * 4
    assert do(client, "list", there.file_id)
    assert len(front.passed) == 5
    began, front.faults = time.now, [fault] * 99
    with pytest.raises(errors.NbfilesError):
        do(client, "list", there.file_id)
    assert BUDGET_S - 8 <= time.now - began <= BUDGET_S


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_a_question_is_carried_out_twice_at_most(client, front, fault):
    told = []
    front.faults = [fault]
    assert do(client, "question", "", told)
    assert front.passed == ["POST /v1/messages"] * 2
    assert len(told) == 1
    front.faults = [fault] * 9
    with pytest.raises(errors.NbfilesError, match="sent twice: it may have been carried out and charged") as e:
        do(client, "question", "")
    assert front.passed == ["POST /v1/messages"] * 4
    assert e.value.perhaps_done
    assert str(e.value).count("\n") == 0


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_an_upload_is_stored_twice_at_most(client, direct, front, fault):
    told = []
    front.faults = [fault]
    assert do(client, "upload", "", told)
    assert len(told) == 1
    assert len(direct.newest()) == 2
    front.faults = [fault] * 9
    with pytest.raises(errors.NbfilesError) as caught:
        do(client, "upload", "")
    assert caught.value.perhaps_done
    assert len(direct.newest()) == 4


def test_an_upload_is_not_sent_again_where_looking_first_fails(client, direct, front):
    def look(_why):
        raise errors.ServerTrouble("No list today.")

    front.faults = [PERHAPS_DONE["502"]]
    with pytest.raises(errors.ServerTrouble, match="No list today"):
        client.upload(io.BytesIO(b"once"), "once.txt", "text/plain", on_repeat=look)
    assert len(direct.newest()) == 1


@pytest.mark.parametrize("fault", PERHAPS_DONE.values(), ids=PERHAPS_DONE)
def test_a_delete_that_was_done_is_told_as_done(client, direct, front, there, fault):
    front.faults = [fault]
    client.delete(there.file_id)
    assert [line.split()[0] for line in front.passed] == ["DELETE", "GET"]
    assert direct.newest() == []


def test_a_delete_that_was_not_done_is_done_again(client, direct, front, there):
    front.faults = [spoiled.Refused(refusal(502))]
    client.delete(there.file_id)
    assert [line.split()[0] for line in front.passed] == ["GET", "DELETE"]
    assert direct.newest() == []


def test_a_delete_of_what_was_gone_before_is_an_error(client, direct, front, there):
    direct.delete(there.file_id)
    with pytest.raises(errors.FileGone):
        client.delete(there.file_id)


def test_a_delete_of_which_nothing_is_learned_says_so(client, front, time, there):
    front.faults = [PERHAPS_DONE["502"]] * 99
    with pytest.raises(errors.ServerTrouble, match="may be deleted all the same"):
        client.delete(there.file_id)
    assert front.passed.count(f"DELETE /v1/files/{there.file_id}") == 1
    assert time.now <= BUDGET_S


@pytest.mark.parametrize("kind", ["upload", "question"])
def test_busy_replies_and_one_doubt_share_the_budget_and_the_only_repetition(client, front, time, kind):
    busy, doubt = spoiled.Refused(refusal(529)), PERHAPS_DONE["502"]
    front.faults = [busy, doubt, busy, busy, doubt, None]
    with pytest.raises(errors.ServerTrouble):
        do(client, kind, "")
    assert front.faults == [None]
    assert len(front.passed) == 2
    began, front.faults = time.now, [doubt, *[busy] * 99]
    with pytest.raises(errors.ServerTrouble):
        do(client, kind, "")
    assert time.now - began <= BUDGET_S
    assert len(front.passed) == 3


def test_a_question_that_may_have_been_paid_says_so_whatever_ends_it(client, front):
    front.faults = [PERHAPS_DONE["502"], spoiled.Refused(refusal(400))]
    with pytest.raises(errors.ApiError, match=r"sent \(502\): it may have been carried out and charged"):
        do(client, "question", "")


def test_a_wait_that_is_too_long_is_not_begun(client, front, time):
    front.faults = [spoiled.Refused(refusal(500, retry_after="4000000"))] * 9
    with pytest.raises(errors.ServerTrouble, match="may have been carried out and charged"):
        do(client, "question", "")
    assert time.now == 0
    assert len(front.faults) == 8


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
def test_an_answer_that_has_begun_is_not_asked_for_again(client, front, time, fault):
    front.faults, got = [fault], []
    with pytest.raises(errors.NbfilesError):
        got.extend(client.stream(QUESTION))
    assert front.passed == ["POST /v1/messages"]
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


def test_a_list_whose_reply_breaks_off_is_asked_for_again(client, front, there):
    front.faults = [spoiled.halved, spoiled.torn, spoiled.inflated]
    assert do(client, "list", there.file_id)


def test_an_upload_with_half_a_reply_may_have_been_done(client, direct, front):
    front.faults = [spoiled.halved]
    told = []
    assert do(client, "upload", "", told)
    assert len(told) == 1


def test_a_reply_of_the_api_is_nothing_to_tell(time):
    told = []
    start_, end = {"type": "message_start", "message": {}}, {"type": "message_stop"}
    with scripted(as_json(METADATA), events(start_, end)) as server:
        client = Client(Destination("test", "free", base_url=server.url, api_key="k"))
        client.upload(io.BytesIO(b"hello"), "a.txt", "text/plain", on_repeat=told.append)
        list(client.stream(QUESTION, told.append))
        client.close()
    assert told == []
