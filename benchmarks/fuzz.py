"""Requests that nobody would send, against the local server: real ones of every route, spoiled at random.

Usage: fuzz.py [COUNT] [--seed N] [--only N] [--threads N]. Prints how many replies had which status, and every reply of
500 or more, every event of an internal error in a stream, every reply that did not come in 30 s, and every connection
that ended without one: those are mistakes of the server. `--only N` sends one request of a run again, and shows it.

Request N of a seed is always spoiled in the same way; ids differ from run to run.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import random
import socket
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anthropic
import httpx2
from common import SAMPLES

from nbfiles.server.embedded import Embedded
from nbfiles.server.workspaces import ServerSettings, Workspaces

MODEL = "claude-sonnet-5-5"
TOOL_MODEL = "claude-opus-4-8"  # may be made to call a tool
CODE = {"type": "code_execution_20260521", "name": "code_execution"}
INTERIM = b"HTTP/1.1 100 "  # the first reply to `expect: 100-continue`
WAIT = 30  # seconds for a reply, after which the server hangs
RENEWED = 500  # requests, after which there are new files, skills and batches: some of them delete what is there
IDLE = 0.5  # seconds that the server waits for a body that stops; there are many of those here
SCHEMA = {
    "type": "object",
    "properties": {"when": {"type": "string", "format": "date"}, "n": {"$ref": "#/$defs/n"}},
    "required": ["when"],
    "additionalProperties": False,
    "$defs": {"n": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
}
JUNK = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**40, -(10**400), 1.5, 1e308, float("nan"), float("inf")),
    *(
        "",
        " ",
        "\0",
        "\ud800",
        "é" * 300,
        "x" * 5000,
        "../../etc/passwd",
        "%00",
        "{{x}}",
        "ANTHROPIC",
        "file_",
        "1e999",
    ),
    *([], [[]], [None], {}, {"": ""}, {"type": ""}, {"type": None}, {"type": {"": ""}}, [{}] * 40, {"type": "text"}),
    *({"$ref": "#"}, {"type": "file", "file_id": "file_x"}, {"type": "url", "url": "http://x"}, [[[[[[]]]]]], "auto"),
)
METHODS = ("GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "FOO", "G\xc9T", "")
TARGETS = ("*", "/", "//", "/v1", "http://127.0.0.1/v1/files", "//x/v1/files", "?", "#", "/%", "/\xff", "/v1/files/..")
PARTS = ("", ".", "..", "%2e%2e", "%00", "%ff", "x" * 3000, "files", "latest", "a b", "a%20b", "*", "\xe9", "~", ";x")
NAMES = ("limit", "page", "after_id", "before_id", "ids[]", "ids", "beta", "lifecycle[]", "source", "", "x", "limit[]")
HEADERS = (
    *("content-length", "transfer-encoding", "content-type", "host", "authorization", "x-api-key", "expect", "range"),
    *(
        "anthropic-version",
        "anthropic-beta",
        "anthropic-workspace-id",
        "connection",
        "upgrade",
        "origin",
        "te",
        "accept",
    ),
    *("sec-fetch-mode", "sec-fetch-site", "content-encoding", "if-none-match", "x-" + "y" * 50, "cookie", "trailer"),
)
VALUES = (
    *("", " ", "0", "-1", "1", "99999999999999999999", "chunked", "gzip", "identity", "100-continue", "close", "x, y"),
    *("keep-alive", "2023-06-01", "2026-10-21", "files-api-2025-04-14", "skills-2025-10-02", "navigate", "cross-site"),
    *("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=b", "application/json"),
    *(
        "text/plain; charset=\xff",
        "wrkspc_01fuzz",
        "wrkspc_../x",
        "Bearer",
        "Bearer x",
        "bytes=0-1",
        "bytes=5-1",
        "*/*",
    ),
    *("x" * 9000, "\xff\xfe", "null", "websocket", "multipart/form-data; boundary=" + "b" * 71, "LOCALHOST", "\t"),
)


@dataclass(frozen=True)
class Request:
    """What is sent, byte for byte; the body is a JSON value, parts of a form, or bytes."""

    method: str
    path: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self, host: str, key: str) -> bytes:
        """Return the request as it travels; a header of its own replaces the one that it would have."""
        body, kind = _encoded_body(self.body)
        usual = {"host": host, "x-api-key": key, "connection": "close", "content-length": str(len(body))}
        usual |= {"content-type": kind} if kind else {}
        own = {name.lower() for name, _ in self.headers}
        lines = [(name, value) for name, value in usual.items() if name not in own] + list(self.headers)
        head = f"{self.method} {self.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines)
        return head.encode("latin-1", "replace") + b"\r\n" + body


@dataclass(frozen=True)
class Form:
    """The parts of an upload: name, filename, type, content."""

    parts: tuple[tuple[str, str | None, str | None, bytes], ...]
    boundary: str = "b0undary"


@dataclass
class Outcome:
    """What came back: a status, or `hang`, or `dropped`; and what of it is a mistake."""

    number: int
    status: str
    trouble: str = ""


def _encoded_body(body: Any) -> tuple[bytes, str]:
    match body:
        case None:
            return b"", ""
        case bytes():
            return body, "application/json"
        case Form():
            return _encoded_form(body), f"multipart/form-data; boundary={body.boundary}"
    return json.dumps(body).encode("utf-8", "replace"), "application/json"


def _encoded_form(form: Form) -> bytes:
    out = io.BytesIO()
    for name, filename, kind, content in form.parts:
        named = "" if filename is None else f'; filename="{filename}"'
        typed = f"\r\nContent-Type: {kind}" if kind is not None else ""
        head = f'--{form.boundary}\r\nContent-Disposition: form-data; name="{name}"{named}{typed}\r\n\r\n'
        out.write(head.encode("utf-8", "replace") + content + b"\r\n")
    out.write(f"--{form.boundary}--\r\n".encode())
    return out.getvalue()


def _message(*content: Any, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 500, "messages": [{"role": "user", "content": list(content)}], **more}


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def _document(file_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "document", "source": {"type": "file", "file_id": file_id}, "title": "T", **more}


@dataclass
class Corpus:
    """Real requests, with ids of things that the server has."""

    client: anthropic.Anthropic
    requests: list[Request] = field(default_factory=list)
    slow: list[Request] = field(default_factory=list)  # run code, so they are sent less often

    def fill(self) -> None:
        """Make what the requests name, and write them."""
        files = self.client.files
        pdf = files.upload(file=("m.pdf", (SAMPLES / "bzip2-manual.pdf").read_bytes(), "application/pdf")).id
        story = files.upload(file=("s.txt", b"Seven boats left the harbour at dawn. One came back.", "text/plain")).id
        table = files.upload(file=("t.csv", b"day,n\n2026-01-01,1\n2026-01-02,3\n", "text/csv")).id
        rows = files.upload(file=("d.json", b'[{"20260101": "2026-01-01", "n": 1e5}]', "application/json")).id
        skill = self.client.skills.create(files=[("t/SKILL.md", _manifest(), "text/markdown"), ("t/a.py", b"1")])
        batch = self.client.messages.batches.create(requests=[{"custom_id": "a", "params": _message(_text("?"))}]).id
        self.requests += [
            *self._reads(story, skill.id, skill.latest_version_id, batch),
            *_questions(pdf, story),
            *_writes(skill.id),
        ]
        skills = {"skills": [{"type": "anthropic", "skill_id": "pdf"}, {"type": "custom", "skill_id": skill.id}]}
        self.slow += [
            Request("POST", "/v1/messages", _message(_text("?"), container=skills, tools=[CODE])),
            Request("POST", "/v1/messages", _message(_text("```python\nprint(1)\n```"), tools=[CODE])),
            *(
                Request("POST", "/v1/messages", _message(_upload(one), _text("?"), tools=[CODE]))
                for one in (table, rows)
            ),
        ]

    def _reads(self, file_id: str, skill: str, version: str, batch: str) -> Iterator[Request]:
        batches, skills = "/v1/messages/batches", "/v1/skills"
        one = f"{skills}/{skill}/versions"
        paths = (
            *("/v1/files", f"/v1/files?ids[]={file_id}", "/v1/files?limit=2", f"/v1/files/{file_id}"),
            *(f"/v1/files/{file_id}/content", "/v1/models", "/v1/models?limit=2", f"/v1/models/{MODEL}"),
            *(batches, f"{batches}/{batch}", f"{batches}/{batch}/results", f"{batches}?after_id={batch}"),
            *(skills, f"{skills}/{skill}", one, f"{one}/{version}", f"{one}/{version}/content", f"{skills}/xlsx"),
        )
        yield from (Request("GET", path) for path in paths)
        yield Request("GET", f"/v1/files?after_id={file_id}", headers=(("anthropic-version", "2023-06-01"),))
        yield Request("POST", f"{batches}/{batch}/cancel", {})


def _upload(file_id: str) -> dict[str, Any]:
    return {"type": "container_upload", "file_id": file_id}


def _manifest() -> bytes:
    return b"---\nname: tides\ndescription: Reads tide tables.\n---\n"


def _questions(pdf: str, story: str) -> Iterator[Request]:
    tool = {"name": "get_weather", "description": "Weather", "input_schema": SCHEMA, "strict": True}
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"when": "2026-01-01"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [_text("Rain")]}
    inline = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Boats."}}
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
    found = {"type": "search_result", "source": "s", "title": "t", "content": [_text("Boats left.")]}
    schema = {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}
    turns = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    cited = {"citations": {"enabled": True}}
    bodies = (
        _message(_document(pdf, **cited), _text("Who wrote bzip2?"), stream=True, thinking={"type": "adaptive"}),
        _message(_document(story), inline, found, _text("Which boats came back?"), stop_sequences=["x"]),
        _message(_document(story), _text("When?"), **schema),
        _message(_text("Weather?"), model=TOOL_MODEL, tools=[tool], tool_choice={"type": "any"}, stream=True),
        _message(tools=[tool]) | {"messages": turns},
        _message(image, _text("?"), system=[_text("Be brief.")], metadata={"user_id": "u"}),
        _message(_text("?"), model="claude-haiku-4-5", thinking={"type": "enabled", "budget_tokens": 1024}),
        _message(_text("?"), context_management={}, thread={"type": "create"}, cache_control={"type": "ephemeral"}),
    )
    yield from (Request("POST", "/v1/messages", body) for body in bodies)
    counted = ({name: value for name, value in body.items() if name not in ("max_tokens", "stream")} for body in bodies)
    yield from (Request("POST", "/v1/messages/count_tokens", body) for body in counted)
    requests = [{"custom_id": f"r-{n}", "params": body} for n, body in enumerate(bodies)]
    yield Request("POST", "/v1/messages/batches", {"requests": requests})


def _writes(skill: str) -> Iterator[Request]:
    yield Request("POST", "/v1/files", Form((("file", "a.txt", "text/plain", b"Boats."),)))
    expiring = (("expires_in_seconds", None, None, b"3600"), ("file", "a.pdf", "application/octet-stream", b"%PDF-1.7"))
    yield Request("POST", "/v1/files", Form(expiring))
    parts = (
        ("display_name", None, None, b"Tides"),
        ("files[]", "tides/SKILL.md", "text/markdown", _manifest()),
        ("files[]", "tides/a.py", "text/x-python", b"print(1)"),
    )
    yield Request("POST", "/v1/skills", Form(parts))
    yield Request("POST", f"/v1/skills/{skill}/versions", Form(parts[1:]))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("tides/SKILL.md", _manifest())
    yield Request("POST", "/v1/skills", Form((("files[]", "s.zip", "application/zip", archive.getvalue()),)))
    yield Request("DELETE", "/v1/files/file_011CAAAAAAAAAAAAAAAAAAAA")
    yield Request("DELETE", "/v1/skills/skill_011CAAAAAAAAAAAAAAAAAAA/versions/latest")


def spoiled(request: Request, rng: random.Random) -> Request:
    """Return a request with up to four things wrong."""
    ways = (_method, _path, _query, _header, *(4 * (_body,)))
    for way in rng.choices(ways, k=rng.choice((0, 1, 1, 1, 2, 2, 3, 4))):
        request = way(request, rng)
    return request


def _method(request: Request, rng: random.Random) -> Request:
    return replace(request, method=rng.choice(METHODS))


def _path(request: Request, rng: random.Random) -> Request:
    if rng.random() < 0.2:
        return replace(request, path=rng.choice(TARGETS))
    path, mark, query = request.path.partition("?")
    parts = path.split("/")
    parts[rng.randrange(len(parts))] = rng.choice(PARTS)
    if rng.random() < 0.3:
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(PARTS))
    return replace(request, path="/".join(parts) + mark + query)


def _query(request: Request, rng: random.Random) -> Request:
    path, _, query = request.path.partition("?")
    pairs = [*filter(None, query.split("&")), *(_pair(rng) for _ in range(rng.randint(1, 3)))]
    return replace(request, path=f"{path}?{'&'.join(pairs)}")


def _pair(rng: random.Random) -> str:
    return f"{rng.choice(NAMES)}={rng.choice((*PARTS, *map(str, range(-1, 4)), 'page_MQ', '9' * 30, 'claude-x'))}"


def _header(request: Request, rng: random.Random) -> Request:
    more = tuple((rng.choice(HEADERS), rng.choice(VALUES)) for _ in range(rng.randint(1, 2)))
    return replace(request, headers=request.headers + more)


def _body(request: Request, rng: random.Random) -> Request:
    body = request.body
    if isinstance(body, Form):
        way: Callable[[Any, random.Random], Any] = rng.choice((_form_part, _form_part, _form_parts, _form_bytes))
    elif isinstance(body, dict | list):
        way = rng.choice((*(6 * (_json_node,)), _json_bytes))
    else:
        way = _any_body
    return replace(request, body=way(body, rng))


def _any_body(_: Any, rng: random.Random) -> Any:
    return rng.choice((b"", b"{", b"[]", b"null", rng.randbytes(50), b"[" * 5000, b'{"a":1,"a":2}', {}, [], None))


def _json_bytes(body: Any, rng: random.Random) -> bytes:
    return _torn(json.dumps(body).encode("utf-8", "replace"), rng)


def _torn(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content) + 1)
    return rng.choice(
        (
            content[:place],
            content[:place] + rng.randbytes(rng.randint(1, 8)) + content[place:],
            content[:place] + content[place + rng.randint(1, 9) :],
            content[:place] + content,
        )
    )


def _json_node(body: Any, rng: random.Random) -> Any:
    """Return the value with something else at a place in it; deep places are as likely as shallow ones."""
    copy = json.loads(json.dumps(body))
    holders = list(_holders(copy))
    if not holders:
        return rng.choice(JUNK)
    holder = rng.choice(holders)
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    match rng.randrange(6), keys:
        case (0, [_, *_]):
            del holder[rng.choice(keys)]
        case (1, _):
            _add(holder, rng)
        case (2, [_, *_]):
            holder[rng.choice(keys)] = rng.choice(list(_values(copy)))
        case (_, [_, *_]):
            holder[rng.choice(keys)] = rng.choice(JUNK)
        case _:
            _add(holder, rng)
    return copy


def _add(holder: Any, rng: random.Random) -> None:
    if isinstance(holder, dict):
        holder[rng.choice(("type", "id", "title", "context", "stream", "tools", "content", "x", "$ref"))] = rng.choice(
            JUNK
        )
    else:
        holder.insert(rng.randrange(len(holder) + 1), rng.choice(JUNK))


def _holders(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def _values(value: Any) -> Iterator[Any]:
    for holder in _holders(value):
        yield from json.loads(json.dumps(list(holder.values()) if isinstance(holder, dict) else holder))


def _form_part(form: Form, rng: random.Random) -> Form:
    parts = list(form.parts)
    if not parts:
        return form
    place = rng.randrange(len(parts))
    name, filename, kind, content = parts[place]
    odd = ("", "..", "a/b", "a\\b", 'a"b', "a\r\nb", "%22", "x" * 300, "é.txt", "\0", "t/SKILL.md/x", "t/../../x", None)
    parts[place] = (
        rng.choice((name, name, "file", "files[]", "", "x" * 2000, "expires_in_seconds")),
        rng.choice((filename, filename, *odd)),
        rng.choice((kind, kind, None, "", "text/plain; charset=x", "x" * 300, "a\tb", "application/pdf")),
        rng.choice((content, content, b"", rng.randbytes(2000), content * 1000, b"-1", b"--b0undary--", b"\xff" * 9)),
    )
    return replace(form, parts=tuple(parts))


def _form_parts(form: Form, rng: random.Random) -> Form:
    many = form.parts * rng.choice((0, 2, 2, 12))
    return replace(form, parts=many, boundary=rng.choice((form.boundary, form.boundary, "", "b" * 70, "b" * 71, "é")))


def _form_bytes(form: Form, rng: random.Random) -> bytes:
    return _torn(_encoded_form(form), rng)


class Log(logging.Handler):
    """Keeps what the server logs as its own mistakes."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.lines.append(record.getMessage())


@contextmanager
def serving() -> Iterator[Embedded]:
    with tempfile.TemporaryDirectory(prefix="nbfiles-fuzz-") as folder:
        server = Embedded(Workspaces(Path(folder), ServerSettings(idle=IDLE)), tcp=True)
        try:
            yield server
        finally:
            server.stop()


def sdk(server: Embedded) -> anthropic.Anthropic:
    http = anthropic.DefaultHttpxClient(transport=httpx2.HTTPTransport(), trust_env=False)
    return anthropic.Anthropic(base_url=server.base_url, api_key=server.key, http_client=http, max_retries=0)


def send(server: Embedded, number: int, request: Request) -> Outcome:
    """Send one request on a connection of its own."""
    host = server.base_url.removeprefix("http://")
    name, _, port = host.partition(":")
    reply = b""
    try:
        with socket.create_connection((name, int(port)), timeout=WAIT) as plug:
            with suppress(ConnectionError):  # the reply may come before the body was sent
                plug.sendall(request.encoded(host, server.key))
            while chunk := plug.recv(65536):
                reply += chunk
    except TimeoutError:
        return Outcome(number, "hang", "no reply" if not reply else f"no end: {reply[-200:]!r}")
    except ConnectionError as problem:
        if not reply:
            return Outcome(number, "dropped", type(problem).__name__)
    return _judged(number, reply)


def _judged(number: int, reply: bytes) -> Outcome:
    if reply.startswith(INTERIM):
        reply = reply.partition(b"\r\n\r\n")[2]
    head, _, body = reply.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 3 or not words[0].startswith(b"HTTP/"):
        return Outcome(number, "dropped", f"no status: {reply[:200]!r}")
    status = words[1].decode()
    mistake = status >= "500" or b'"api_error"' in body
    return Outcome(number, status, f"{status}: {body[-300:]!r}" if mistake else "")


def chosen(corpus: Corpus, seed: int, number: int) -> Request:
    """Return request `number` of a seed; one of fifty runs code."""
    rng = random.Random(f"{seed}-{number}")
    source = corpus.slow if rng.random() < 0.02 else corpus.requests
    return spoiled(rng.choice(source), rng)


def batch_mistakes(client: anthropic.Anthropic) -> list[str]:
    """Return the results of batches that are mistakes, once all have ended or two minutes are over."""
    end = time.monotonic() + 120
    while any(one.processing_status != "ended" for one in client.messages.batches.list(limit=1000)):
        if time.monotonic() > end:
            return ["a batch does not end"]
        time.sleep(0.2)
    ended = client.messages.batches.list(limit=1000)
    results = (result for batch in ended for result in client.messages.batches.results(batch.id))
    errors = (one.result.error.error for one in results if one.result.type == "errored")
    return [f"batch: {error.message}" for error in errors if error.type == "api_error"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    log = Log()
    logging.getLogger("nbfiles.server").addHandler(log)
    numbers = range(options.count) if options.only is None else [options.only]
    with serving() as server, sdk(server) as client, ThreadPoolExecutor(options.threads) as pool:
        begin, outcomes = time.perf_counter(), list[Outcome]()
        for start in range(0, len(numbers), RENEWED):
            corpus = Corpus(client)
            corpus.fill()
            requests = [(number, chosen(corpus, options.seed, number)) for number in numbers[start : start + RENEWED]]
            outcomes += pool.map(lambda one: send(server, *one), requests)
        took = time.perf_counter() - begin
        mistakes = batch_mistakes(client)
    if options.only is not None:
        sys.stdout.write(requests[0][1].encoded("HOST", "KEY")[:5000].decode("latin-1") + "\n")
    report(outcomes, mistakes, log.lines, took)


def report(outcomes: list[Outcome], mistakes: list[str], logged: list[str], took: float) -> None:
    counts = Counter(outcome.status for outcome in outcomes)
    troubled = [outcome for outcome in outcomes if outcome.trouble]
    print(f"{len(outcomes):,} requests in {took:.0f} s; statuses: {dict(sorted(counts.items()))}")
    print(f"mistakes: {len(troubled)} replies, {len(mistakes)} results of batches, {len(logged)} on the log")
    for outcome in troubled[:40]:
        print(f"--only {outcome.number}: {outcome.status} {outcome.trouble}")
    for line in (*mistakes[:10], *logged[:10]):
        print(line)


if __name__ == "__main__":
    main()
