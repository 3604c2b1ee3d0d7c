"""The client against servers that behave and servers that do not."""

import codecs
import contextlib
import io
import json
import logging

import pytest

from nbfiles import errors
from nbfiles._client import Client, sse
from nbfiles._client.timeouts import Timeouts
from nbfiles.destinations import Destination
from tests.answers import built
from tests.scripted import BLOCK, METADATA, Reply, Scripted, as_json, error, events, reply, scripted

NO_RETRIES = Timeouts(retry_s=0)
KEY = "sk-ant-test-0123456789"
REQUEST = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "hello secret"}]}
START = {"type": "message_start", "message": {"id": "msg_1", "model": "m", "usage": {}}}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}}


@pytest.fixture
def client():
    """Make clients of a scripted server, and close them afterwards."""
    with contextlib.ExitStack() as stack:

        def make(server: Scripted, key: str = KEY, **options) -> Client:
            client = Client(Destination("test", "free", base_url=server.url, api_key=key), **options)
            stack.callback(client.close)
            return client

        yield make


def test_an_upload_sends_our_name_and_type_and_returns_checked_values(client):
    with scripted(as_json(METADATA)) as server:
        remote = client(server).upload(io.BytesIO(b"hello"), "näme.txt", "text/plain")
    body = server.seen[0][2]
    assert remote.size_bytes == 5
    assert 'filename="näme.txt"'.encode() in body
    assert b"text/plain" in body
    assert server.seen[0][1]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("message", ["File Not Found", "Not Found", "no route for POST /v1/files"])
def test_a_server_without_a_files_api_is_called_so(client, message):
    with (
        scripted(error(404, "not_found_error", message)) as server,
        pytest.raises(errors.ApiError, match=r"test takes no files: it answered the upload with 404") as caught,
    ):
        client(server).upload(io.BytesIO(b"hello"), "a.txt", "text/plain")
    assert not isinstance(caught.value, errors.FileGone)


def test_a_busy_server_is_asked_again_and_the_wait_is_reported(client):
    waits = []
    busy = error(429, "rate_limit_error", "slow down", retry_after="0")
    with scripted(busy, as_json(METADATA)) as server:
        remote = client(server, on_wait=lambda _left, why: waits.append(why)).metadata("file_x")
    assert remote.filename == "a.txt"
    assert "fewer requests" in waits[0]


def test_a_rewound_upload_sends_the_whole_file_again(client):
    with scripted(error(529, "overloaded_error", "busy"), as_json(METADATA)) as server:
        client(server).upload(io.BytesIO(b"hello"), "a.txt", "text/plain")
    assert [b"hello" in body for _, _, body in server.seen] == [True, True]


def test_a_long_retry_after_is_not_waited_for(client):
    with (
        scripted(error(429, "rate_limit_error", "slow down", retry_after="4000000")) as server,
        pytest.raises(errors.RateLimited, match="Try again at"),
    ):
        client(server).metadata("file_x")
    assert len(server.seen) == 1


@pytest.mark.parametrize("odd", ["nan", "inf", "-inf", "1e999", "soon"])
def test_a_retry_after_that_is_no_time_is_as_good_as_none(client, odd):
    busy = error(429, "rate_limit_error", "slow down", retry_after=odd)
    with scripted(busy) as server, pytest.raises(errors.RateLimited) as caught:
        client(server, timeouts=NO_RETRIES).metadata("file_1")
    assert caught.value.retry_after is None
    assert str(caught.value) == "The API wants fewer requests: slow down. Try again in a moment."


def test_an_odd_retry_after_ms_leaves_what_retry_after_says(client):
    busy = error(429, "rate_limit_error", "slow down", retry_after="30", retry_after_ms="odd")
    with scripted(busy) as server, pytest.raises(errors.RateLimited) as caught:
        client(server, timeouts=NO_RETRIES).metadata("file_1")
    assert caught.value.retry_after == 30


def test_a_spending_limit_is_not_asked_again(client):
    limit = error(429, "rate_limit_error", "limit reached", "enforced_spend_limit_reached", retry_after="0")
    with scripted(limit) as server, pytest.raises(errors.RateLimited):
        client(server).metadata("file_x")
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "expected", "words"),
    [
        (error(401, "authentication_error", "bad key"), errors.BadCredentials, "ANTHROPIC_API_KEY"),
        (error(403, "permission_error", "no"), errors.BadCredentials, "owner"),
        (error(404, "not_found_error", "File `file_0123456789` not found."), errors.FileGone, r"nbfiles\.upload"),
        (error(404, "not_found_error", "gone", "file_expired"), errors.FileGone, "expired"),
        (error(400, "invalid_request_error", "full", "storage_quota_exceeded"), errors.ApiError, "full"),
        (error(400, "invalid_request_error", "bad"), errors.ApiError, "refused"),
        (
            error(400, "invalid_request_error", "8000 pixels at most", "image_dimensions_too_large"),
            errors.ApiError,
            r"too many pixels: 8000 pixels at most\. Make it smaller, and type: nbfiles\.upload",
        ),
        (
            error(429, "rate_limit_error", "Spent", "contract_spend_limit_reached"),
            errors.RateLimited,
            r"contract is reached: Spent\. Waiting does not help: ask whoever manages.* type: nbfiles\.use",
        ),
        (error(413, "request_too_large", "big"), errors.ApiError, "500 MB"),
        (Reply(b"", 307, {"location": "http://127.0.0.1:9/v1/files"}), errors.NotTheApi, "redirect"),
    ],
)
def test_each_refusal_is_one_line_with_what_to_do(reply, expected, words, client):
    with scripted(reply) as server, pytest.raises(expected, match=words) as caught:
        client(server).metadata("file_x")
    assert "\n" not in str(caught.value)
    assert "file_0123456789" not in str(caught.value)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b"<html>login</html>", 200, {"content-type": "text/html"}), "login"),
        (Reply(b"{", 200, {"content-type": "application/json"}), "broken"),
        (as_json([1]), "not an object"),
        (as_json(METADATA | {"id": None}), "proper “id”"),
        (as_json(METADATA | {"created_at": "soon"}), "a time"),
    ],
)
def test_what_is_no_reply_of_the_api_is_reported_in_one_line(reply, words, client):
    with scripted(reply) as server, pytest.raises(errors.NotTheApi, match=words) as caught:
        client(server, timeouts=NO_RETRIES).metadata("file_x")
    assert "\n" not in str(caught.value)


def test_no_server_is_one_line_that_names_the_way_out(client):
    with scripted() as server:
        nowhere = client(server, timeouts=Timeouts(retry_s=0.1))
    with pytest.raises(errors.NoConnection, match=r"nbfiles\.use\('local'\)"):
        nowhere.metadata("file_x")


@pytest.mark.parametrize("key", ["sk-ant-a\nb", "sk ant", "", "  ", "sk-ant-ä", "sk-ant-\x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key):
    with pytest.raises(errors.BadCredentials) as caught:
        Client(Destination("test", "free", base_url="http://127.0.0.1:9", api_key=key))
    assert key.strip() == "" or key.strip() not in str(caught.value)


def test_a_key_pasted_with_a_line_break_at_its_end_works(client):
    with scripted(as_json(METADATA)) as server:
        client(server, KEY + "\n").metadata("file_x")
    assert server.seen[0][1]["Authorization"] == f"Bearer {KEY}"


def test_without_any_key_the_error_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.delenv("ANTHROPIC_CONFIG_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(errors.BadCredentials, match="ANTHROPIC_API_KEY"):
        Client(Destination("test", "list"))


def test_a_stream_yields_its_events_as_json(client):
    with scripted(events(START, {"type": "ping"}, END, {"type": "message_stop"})) as server:
        kinds = [event["type"] for event in client(server).stream(REQUEST)]
    assert kinds == ["message_start", "message_delta", "message_stop"]
    assert json.loads(server.seen[0][2])["stream"] is True


def test_a_stream_that_ends_early_but_cleanly_is_cut_off(client):
    with scripted(events(START)) as server, pytest.raises(errors.CutOff):
        list(client(server).stream(REQUEST))


def test_a_dropped_stream_is_cut_off_after_what_had_arrived(client):
    got = []
    whole = events(START, END, cut=-20)
    with scripted(whole) as server, pytest.raises(errors.CutOff):
        got.extend(client(server).stream(REQUEST))
    assert got[0]["type"] == "message_start"


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "text_delta", "text": None},
        {"type": "text_delta"},
        {"type": "text_delta", "text": ["Yes."]},
        {"type": "citations_delta", "citation": None},
        {"type": "input_json_delta", "partial_json": {}},
        None,
    ],
    ids=str,
)
def test_a_delta_without_its_content_is_a_gap(client, odd):
    words, got = {"type": "content_block_delta", "index": 0, "delta": odd}, []
    with (
        scripted(events(START, BLOCK, words, END, {"type": "message_stop"})) as server,
        pytest.raises(errors.CutOff, match="gap"),
    ):
        got.extend(client(server).stream(REQUEST))
    assert got[-1]["type"] == "message_stop"


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 10])
def test_a_byte_order_mark_before_a_stream_is_no_gap(cut):
    body = codecs.BOM_UTF8 + reply("Yes.").body

    class Pieces:
        def iter_bytes(self):
            yield from (body[:cut], body[cut:])

    assert built(sse.events(Pieces())).snapshot().text == "Yes."


def test_words_before_an_answer_began_are_kept_and_not_called_whole(client):
    words = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Early. "}}
    late, got = reply("Late.").body, []
    with (
        scripted(Reply(events(words).body + late, headers={"content-type": "text/event-stream"})) as server,
        pytest.raises(errors.CutOff, match="gap"),
    ):
        got.extend(client(server).stream(REQUEST))
    assert built(got).snapshot().text == "Early. Late."


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("overloaded_error", errors.ServerError),
        ("rate_limit_error", errors.RateLimited),
        ("api_error", errors.ServerError),
        ("invalid_request_error", errors.ApiError),
    ],
)
def test_an_error_inside_a_stream_keeps_its_meaning(kind, expected, client):
    wrong = {"type": "error", "error": {"type": kind, "message": "sorry"}}
    with scripted(events(START, wrong)) as server, pytest.raises(expected, match="sorry"):
        list(client(server).stream(REQUEST))
    assert len(server.seen) == 1


def test_a_spending_limit_inside_a_stream_is_told_as_one(client):
    limit = error(429, "rate_limit_error", "limit reached", "enforced_spend_limit_reached")
    event = {"type": "error"} | json.loads(limit.body)
    with scripted(events(event)) as server, pytest.raises(errors.RateLimited, match="Waiting does not help") as caught:
        list(client(server).stream(REQUEST))
    assert caught.value.code == "enforced_spend_limit_reached"
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>", headers={"content-type": "text/html"}),
        as_json({"type": "message"}),
        Reply(b"event: message_start\ndata: {broken\n\n", headers={"content-type": "text/event-stream"}),
        Reply(b"event: message_start\ndata: [1]\n\n", headers={"content-type": "text/event-stream"}),
        Reply(b"event: message_start\ndata: \xff\xfe\n\n", headers={"content-type": "text/event-stream"}),
    ],
)
def test_a_stream_of_something_else_is_not_the_api(reply, client):
    with scripted(reply) as server, pytest.raises(errors.NotTheApi):
        list(client(server, timeouts=NO_RETRIES).stream(REQUEST))


def test_only_a_question_refused_before_it_began_is_sent_again(client):
    busy = error(529, "overloaded_error", "busy")
    with scripted(busy, events(START, END)) as server:
        assert len(list(client(server).stream(REQUEST))) == 2
    assert len(server.seen) == 2


def test_a_download_that_breaks_off_is_cut_off(client):
    cut = Reply(b"x" * 1000, headers={"content-type": "application/octet-stream"}, cut=500)
    with scripted(cut) as server, pytest.raises(errors.CutOff):
        list(client(server, timeouts=NO_RETRIES).download("file_x"))


@pytest.mark.parametrize("page", ["text/html; charset=utf-8", "application/xhtml+xml", "application/json"])
def test_a_page_of_a_proxy_is_no_file(client, page):
    reply = Reply(b"<html>Log in</html>", headers={"content-type": page})
    with scripted(reply) as server, pytest.raises(errors.NotTheApi, match="proxy or a login page"):
        list(client(server, timeouts=NO_RETRIES).download("file_x", "text/csv"))


@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/csv"])
def test_a_file_may_be_a_page_itself(client, kind):
    with scripted(Reply(b"<html>", headers={"content-type": kind})) as server:
        assert list(client(server).download("file_x", kind)) == [b"<html>"]


@pytest.mark.parametrize(
    "reply",
    [{}, {"id": "file_x"}, {"id": "file_y", "type": "file_deleted"}, {"id": "file_x", "type": "file"}, {"ok": True}],
)
def test_a_file_is_deleted_when_the_reply_says_so(client, reply):
    with scripted(as_json(reply)) as server, pytest.raises(errors.NotTheApi, match="file_deleted"):
        client(server, timeouts=NO_RETRIES).delete("file_x")


def test_the_debug_log_does_not_show_the_question(caplog, client):
    with caplog.at_level(logging.DEBUG), scripted(events(START, END)) as server:
        list(client(server).stream(REQUEST))
    assert "hello secret" not in caplog.text
    assert "messages" in caplog.text  # the log itself works


def test_traffic_of_this_machine_does_not_go_through_a_proxy(monkeypatch, client):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with scripted(as_json(METADATA)) as server:
        assert client(server).metadata("file_x").filename == "a.txt"


@pytest.mark.parametrize("data", [[{"no": "id"}], ["text"], [None], "text", None, {}])
def test_a_list_of_something_else_is_not_the_api(client, data):
    with scripted(as_json({"data": data})) as server, pytest.raises(errors.NotTheApi):
        client(server, timeouts=NO_RETRIES).alive(["file_x"])


@pytest.mark.parametrize("odd", [{"id": "\ud800"}, {"filename": "a\udfff"}, {"size_bytes": 10**400}])
def test_a_file_whose_record_cannot_be_kept_is_not_the_api(client, odd):
    with scripted(as_json({"data": [METADATA | odd]})) as server, pytest.raises(errors.NotTheApi):
        client(server, timeouts=NO_RETRIES).alive(["file_x"])


@pytest.mark.parametrize("details", [None, "sorry", ["x"], {"type": 1, "message": None}])
def test_an_odd_error_in_a_stream_is_one_of_ours(client, details):
    with (
        scripted(events(START, {"type": "error", "error": details})) as server,
        pytest.raises(errors.NbfilesError),
    ):
        list(client(server).stream(REQUEST))


def test_a_server_whose_pages_repeat_is_an_error(client):
    page = as_json({"data": [], "next_page": "page_x"})
    with scripted(page, page, page) as server, pytest.raises(errors.NotTheApi, match="whose pages repeat"):
        list(client(server).pages())


def test_a_stream_that_only_pings_is_given_up_after_ten_minutes(client):
    seconds = iter(range(0, 10**6, 250))  # pass as bytes come
    ping = {"type": "ping"}
    with scripted(events(START, *[ping] * 9)) as server:
        stream = client(server, clock=lambda: next(seconds)).stream(REQUEST)
        assert next(stream)["type"] == "message_start"
        with pytest.raises(errors.CutOff, match="said nothing for 600 s"):
            next(stream)
