import asyncio
import json
import os
import socket
from contextlib import ExitStack, suppress

import anthropic
import httpx2
import pytest

from nbfiles.server.embedded import start
from nbfiles.server.middleware import connections
from nbfiles.server.middleware.connections import CONNECTIONS
from tests.server.official import MODEL
from tests.waiting import HANG_S, until


@pytest.fixture(scope="module")
def tcp(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("tcp"), tcp=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def http(tcp):
    key = {"authorization": f"Bearer {tcp.key}"}
    with httpx2.Client(base_url=tcp.base_url, headers=key, trust_env=False, timeout=HANG_S) as client:
        yield client


def raw(server, *lines, body=b""):
    port = int(server.base_url.rsplit(":", 1)[1])
    head = "\r\n".join([*lines, f"authorization: Bearer {server.key}", "connection: close", "", ""])
    with socket.create_connection(("127.0.0.1", port)) as plug:
        plug.sendall(head.encode() + body)
        return plug.recv(65536).decode()


def test_the_owner_is_let_in(http):
    assert http.get("/v1/files").status_code == 200


def test_either_header_carries_the_key(tcp):
    with httpx2.Client(base_url=tcp.base_url, trust_env=False, timeout=HANG_S) as client:
        assert client.get("/v1/files", headers={"x-api-key": tcp.key}).status_code == 200


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer guess"}, {"x-api-key": ""}, {"cookie": "key=x"}])
def test_strangers_are_turned_away(tcp, header):
    with httpx2.Client(base_url=tcp.base_url, trust_env=False, timeout=HANG_S) as client:
        reply = client.get("/v1/files", headers=header)
    assert (reply.status_code, reply.json()["error"]["type"]) == (401, "authentication_error")
    assert reply.headers["request-id"] == reply.json()["request_id"]


def test_a_key_in_the_address_does_not_count(tcp):
    with httpx2.Client(base_url=tcp.base_url, trust_env=False, timeout=HANG_S) as client:
        assert client.get("/v1/files", params={"x-api-key": tcp.key}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""])
def test_another_host_name_is_refused(tcp, http, host):
    port = tcp.base_url.rsplit(":", 1)[1]
    assert http.get("/v1/files", headers={"host": host.format(port=port)}).status_code == 421


def asked(tcp, target, host="127.0.0.1:{port}"):
    """Return the status of a request with a target and a host as they stand."""
    port = tcp.base_url.rsplit(":", 1)[1]
    reply = raw(tcp, f"GET {target.format(port=port)} HTTP/1.1", f"host: {host.format(port=port)}")
    return int(reply.split()[1])


def test_a_host_name_is_the_same_in_capitals(tcp):
    assert asked(tcp, "/v1/files", "LOCALHOST:{port}") == 200
    assert asked(tcp, "/v1/files", "LocalHost.Evil.Example:{port}") == 421


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://127.0.0.1:{port}/v1/files?limit=1", "127.0.0.1:{port}", 200),
        ("HTTP://LOCALHOST:{port}/v1/files", "127.0.0.1:{port}", 200),
        ("http://127.0.0.1:{port}/v1/nothing", "127.0.0.1:{port}", 404),
        ("http://127.0.0.1:{port}", "127.0.0.1:{port}", 404),
        ("http://127.0.0.1:{port}/v1/files", "evil.example", 421),
        ("http://evil.example/v1/files", "127.0.0.1:{port}", 421),
        ("http://evil.example@127.0.0.1:{port}/v1/files", "127.0.0.1:{port}", 421),
        ("https://127.0.0.1:{port}/v1/files", "127.0.0.1:{port}", 421),
        ("http:///v1/files", "127.0.0.1:{port}", 421),
        ("//v1/files", "127.0.0.1:{port}", 404),
        ("//127.0.0.1:{port}/v1/files", "127.0.0.1:{port}", 404),
        ("/v1//files", "127.0.0.1:{port}", 404),
        ("/v1/files/http://127.0.0.1:{port}/v1/files", "127.0.0.1:{port}", 404),
        ("*", "127.0.0.1:{port}", 404),
    ],
)
def test_a_target_is_a_path_or_a_whole_address_of_this_server(tcp, target, host, status):
    assert asked(tcp, target, host) == status


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8888"])
def test_any_origin_is_refused_and_no_page_may_read_the_reply(http, origin):
    for method in ("GET", "POST", "OPTIONS"):
        reply = http.request(method, "/v1/files", headers={"origin": origin})
        assert reply.status_code == 403
        assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_requests_from_other_sites_are_refused(http, site):
    assert http.get("/v1/files", headers={"sec-fetch-site": site}).status_code == 403


@pytest.mark.parametrize(
    "page",
    [
        {"sec-fetch-mode": "navigate"},
        {"sec-fetch-mode": "navigate", "sec-fetch-site": "none", "sec-fetch-dest": "document"},
        {"sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin"},
        {"sec-fetch-mode": "websocket"},
        {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin"},
        {"sec-fetch-dest": "image"},
    ],
)
def test_what_a_browser_opens_or_embeds_is_refused_with_the_key(http, page):
    assert http.get("/v1/files", headers=page).status_code == 403


def test_fetch_of_node_is_let_in(http):
    assert http.get("/v1/files", headers={"sec-fetch-mode": "cors"}).status_code == 200


def test_two_lengths_are_refused(tcp):
    port = tcp.base_url.rsplit(":", 1)[1]
    lines = ("POST /v1/messages HTTP/1.1", f"host: 127.0.0.1:{port}", "content-length: 2")
    assert " 400 " in raw(tcp, *lines, "transfer-encoding: chunked", body=b"0\r\n\r\n")
    assert " 400 " in raw(tcp, *lines, "content-length: 3", body=b"{}")


def test_a_second_host_is_refused(tcp):
    port = tcp.base_url.rsplit(":", 1)[1]
    host = f"host: 127.0.0.1:{port}"
    assert " 400 " in raw(tcp, "GET /v1/files HTTP/1.1", host, host)


def test_endless_headers_are_refused(tcp):
    port = tcp.base_url.rsplit(":", 1)[1]
    reply = raw(tcp, "GET /v1/files HTTP/1.1", f"host: 127.0.0.1:{port}", "x-long: " + "x" * 40_000)
    assert " 431 " in reply


def test_no_upgrade_to_another_protocol(http):
    reply = http.get("/v1/files", headers={"connection": "upgrade", "upgrade": "websocket"})
    assert reply.status_code == 400


def test_a_body_declared_too_large_is_refused_before_it_is_sent(tcp):
    port = tcp.base_url.rsplit(":", 1)[1]
    lines = ("POST /v1/messages HTTP/1.1", f"host: 127.0.0.1:{port}", f"content-length: {33 * 1024**2}")
    assert " 413 " in raw(tcp, *lines)


def test_an_asynchronous_client_hears_that_its_question_is_too_large(tcp):
    question = {"role": "user", "content": "x" * 33 * 1024**2}

    async def ask():
        async with anthropic.AsyncAnthropic(base_url=tcp.base_url, api_key=tcp.key, max_retries=0) as client:
            await client.messages.create(model=MODEL, max_tokens=9, messages=[question])

    with pytest.raises(anthropic.APIStatusError) as problem:
        asyncio.run(ask())
    assert problem.value.status_code == 413


def test_what_follows_a_refusal_is_read_for_a_while_only(serve):
    server = serve(tcp=True, idle=0.2)
    port = int(server.base_url.rsplit(":", 1)[1])
    head = [f"host: 127.0.0.1:{port}", f"authorization: Bearer {server.key}", f"content-length: {33 * 1024**2}"]
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as plug:
        plug.sendall("\r\n".join(["POST /v1/messages HTTP/1.1", *head, "", ""]).encode())
        reply = b"".join(iter(lambda: plug.recv(65536), b""))  # to the end, which is the server's
    assert b" 413 " in reply


def test_a_file_over_the_limit_is_refused_early(tcp):
    port = tcp.base_url.rsplit(":", 1)[1]
    lines = ("POST /v1/files HTTP/1.1", f"host: 127.0.0.1:{port}", f"content-length: {502 * 1024**2}")
    assert " 413 " in raw(tcp, *lines)


def test_a_chunked_body_is_counted(http):
    chunks = (b" " * 1024**2 for _ in range(34))
    assert http.post("/v1/messages", content=chunks).status_code == 413


def test_replies_are_never_sniffed(http):
    assert http.get("/v1/files").headers["x-content-type-options"] == "nosniff"


def test_headers_that_stop_arriving_end_the_connection(tcp, monkeypatch):
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    port = int(tcp.base_url.rsplit(":", 1)[1])
    for begun in (b"", b"GET /v1/files HTTP/1.1\r\nHost: 127", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"):
        plug = socket.create_connection(("127.0.0.1", port), timeout=HANG_S)
        with plug, suppress(ConnectionError):  # it may have ended before the first byte
            plug.sendall(begun)
            while plug.recv(65536):
                pass  # the answer to a whole request that came first


def test_a_body_that_stops_arriving_is_given_up(serve):
    tcp = serve(tcp=True, idle=0.2)
    port = int(tcp.base_url.rsplit(":", 1)[1])
    head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {tcp.key}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as plug:
        plug.sendall(f"{head}content-length: 100\r\n\r\n{{".encode())
        assert b" 408 " in plug.recv(65536)


def ended(plug, sent=b"1\r\nx\r\n"):
    """Go on sending until the other side has closed; return what it said."""
    replies = b""
    plug.settimeout(0.05)

    def over():
        nonlocal replies
        try:
            plug.sendall(sent)
            more = plug.recv(65536)
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        replies += more
        return not more

    until(over)
    return replies


REFUSED = {
    "no key": "host: 127.0.0.1:{port}",
    "a wrong key": "host: 127.0.0.1:{port}\r\nx-api-key: guess",
    "another host": "host: evil.example",
    "a web page": "host: 127.0.0.1:{port}\r\norigin: null",
    "two keys": "host: 127.0.0.1:{port}\r\nx-api-key: a\r\nx-api-key: b",
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED.keys())
def test_who_is_refused_cannot_stay_by_sending_on(tcp, headers):
    port = int(tcp.base_url.rsplit(":", 1)[1])
    head = f"POST /v1/files HTTP/1.1\r\n{headers.format(port=port)}\r\ntransfer-encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as plug:
        plug.sendall(head.encode())
        assert b"connection: close" in until(lambda: plug.recv(65536))
        ended(plug)


def test_who_is_refused_cannot_stay_by_asking_again(tcp):
    port = int(tcp.base_url.rsplit(":", 1)[1])
    request = f"GET /v1/files HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port)) as plug:
        assert ended(plug, request).count(b" 401 ") == 1


@pytest.mark.parametrize(("path", "status"), [("/v1/nothing", b" 404 "), ("/v1/files", b" 400 ")])
def test_the_rest_of_a_body_that_is_answered_without_has_a_bound(tcp, path, status):
    port = int(tcp.base_url.rsplit(":", 1)[1])
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {tcp.key}\r\n"
    with socket.create_connection(("127.0.0.1", port)) as plug:
        plug.sendall(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
        assert status in ended(plug)


def test_a_body_that_comes_in_single_bytes_is_given_up(serve):
    tcp = serve(tcp=True, idle=0.5)
    port = int(tcp.base_url.rsplit(":", 1)[1])
    head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {tcp.key}\r\n"
    with socket.create_connection(("127.0.0.1", port)) as plug:
        plug.sendall(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
        assert b" 408 " in ended(plug)


def test_what_a_browser_says_twice_is_refused(tcp):
    port = tcp.base_url.rsplit(":", 1)[1]
    lines = ("GET /v1/files HTTP/1.1", f"host: 127.0.0.1:{port}", "sec-fetch-site: none", "sec-fetch-site: cross-site")
    assert " 400 " in raw(tcp, *lines)


def anew(tcp):
    """Ask on a connection that there was not before."""
    with httpx2.Client(
        base_url=tcp.base_url, headers={"x-api-key": tcp.key}, trust_env=False, timeout=HANG_S
    ) as client:
        return client.get("/v1/files")


def test_more_requests_than_a_notebook_needs_are_refused_until_some_end(serve):
    tcp = serve(tcp=True)
    port = int(tcp.base_url.rsplit(":", 1)[1])
    head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {tcp.key}\r\ncontent-length: 9\r\n\r\n"
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            plug = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            plug.sendall(head.encode())
        refused = until(lambda: (reply := anew(tcp)).status_code == 529 and reply)
        assert refused.json()["error"]["type"] == "overloaded_error"
        assert (refused.headers["retry-after"], refused.headers["connection"]) == ("1", "close")
    until(lambda: anew(tcp).status_code == 200)


@pytest.mark.parametrize(
    "begun", [b"", b"GET /v1/fi", b"POST /v1/files HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n"]
)
def test_strangers_cannot_keep_the_owner_out(tcp, begun):
    port = int(tcp.base_url.rsplit(":", 1)[1])
    with ExitStack() as held:
        for _ in range(2 * CONNECTIONS):
            plug = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            plug.sendall(begun)
        assert anew(tcp).status_code == 200


@pytest.mark.parametrize(
    "sent", ["GET /\0 HTTP/1.1", "GET / HTTP/1.1", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1"]
)
def test_what_is_no_http_is_refused_in_the_words_of_the_api(tcp, sent):
    head, _, body = raw(tcp, sent).partition("\r\n\r\n")
    assert " 400 " in head
    assert "connection: close" in head
    error = json.loads(body)
    assert error["error"]["type"] == "invalid_request_error"
    assert f"request-id: {error['request_id']}" in head


def test_no_http_behind_an_answered_request_ends_the_connection(tcp):
    port = int(tcp.base_url.rsplit(":", 1)[1])
    head = f"POST /v1/nothing HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {tcp.key}\r\n"
    with socket.create_connection(("127.0.0.1", port)) as plug:
        plug.sendall(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
        assert b" 404 " in until(lambda: plug.recv(65536))
        ended(plug, b"no chunk\r\n")


def test_the_directory_of_another_user_is_refused(tmp_path):
    if not hasattr(os, "getuid") or os.getuid() != 0:
        pytest.skip("only root can give a directory away")
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(PermissionError, match="belongs to another user"):
        start(tmp_path)


DEEP = b'{"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": %s1%s}'
IN_AN_INPUT = DEEP % (
    b'[{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {"c": %s',
    b"%s}}]}]",
)
SURROGATE = b'{"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "\\ud800"}]}'
ODD = {
    "half a character": ("POST", "/v1/messages", SURROGATE, 400),
    "no number": ("POST", "/v1/messages", SURROGATE.replace(b"9", b"NaN").replace(b"\\ud800", b"x"), 400),
    "a number without end": ("POST", "/v1/messages", SURROGATE.replace(b"9", b"1e999").replace(b"\\ud800", b"x"), 400),
    "no end of objects": ("POST", "/v1/messages", b"[" + b"{}," * 2_000_001 + b"1]", 400),
    "much and no JSON": ("POST", "/v1/messages", b"x" * 1_000_000, 400),
    "deep": ("POST", "/v1/messages", DEEP % (b"[" * 900, b"]" * 900), 400),
    "deep in what is not looked at": ("POST", "/v1/messages", IN_AN_INPUT % (b"[" * 900, b"]" * 900), 400),
    "deeper": ("POST", "/v1/messages", DEEP % (b"[" * 50_000, b"]" * 50_000), 400),
    "a number too long": ("GET", f"/v1/files?limit={'9' * 5000}", None, 400),
    "a cursor too far": ("GET", "/v1/files?page=page_OTk5OTk5OTk5OTk5OTk5OTk5OTk5", None, 400),
    "a cursor below zero": ("GET", "/v1/skills?page=LTU=", None, 400),
    "an unknown stage": ("GET", "/v1/models?lifecycle[]=asleep", None, 400),
    "a slash too many": ("GET", "/v1/files/", None, 404),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), ODD.values(), ids=ODD.keys())
def test_odd_requests_are_refused_in_words(http, method, path, body, status):
    reply = http.request(method, path, content=body)
    assert (reply.status_code, reply.json()["type"]) == (status, "error")


@pytest.mark.parametrize("path", ["/v1/files", "/v1/skills"])
def test_an_endless_boundary_is_refused(http, path):
    kind = {"content-type": f"multipart/form-data; boundary={'x' * 5000}"}
    assert http.post(path, content=b"--x", headers=kind).status_code == 400


def test_a_whole_character_may_be_written_as_two_halves(http):
    assert http.post("/v1/messages", content=SURROGATE.replace(rb"\ud800", rb"\ud83d\ude00")).is_success


class Broken:
    """An engine with a bug."""

    def __init__(self, store):
        del store

    def can(self, query):
        del query
        raise ZeroDivisionError

    def close(self):
        pass


def test_after_a_bug_the_connection_is_said_to_end(serve):
    server = serve(tcp=True, engines=[Broken])
    body = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}
    with httpx2.Client(base_url=server.base_url, trust_env=False, timeout=HANG_S) as client:
        reply = client.post("/v1/messages", json=body, headers={"x-api-key": server.key})
    assert (reply.status_code, reply.headers["connection"]) == (500, "close")
    assert reply.headers["request-id"] == reply.json()["request_id"]
