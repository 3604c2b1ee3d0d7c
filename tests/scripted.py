"""A server on loopback that answers what it is told to, right or wrong, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

METADATA = {
    "id": "file_011CTestTestTest",
    "type": "file",
    "filename": "a.txt",
    "mime_type": "text/plain",
    "size_bytes": 5,
    "created_at": "2026-11-01T00:00:00Z",
    "downloadable": False,
    "expires_at": None,
}


@dataclass(frozen=True)
class Reply:
    """One answer; `cut` closes the connection after that many bytes of the body, `hang` goes silent there.

    Of a front (faulty.py) only: `reset` ends rudely, `drip` repeats these bytes until the client leaves.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False
    reset: bool = False
    drip: bytes = b""


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(json.dumps(value).encode(), status, {"content-type": "application/json"} | _dashed(headers))


def error(status: int, kind: str, message: str, code: str | None = None, **headers: str) -> Reply:
    details = {"details": {"error_code": code}} if code else {}
    body = {"type": "error", "error": {"type": kind, "message": message, **details}, "request_id": "req_1"}
    return as_json(body, status, **headers)


def events(*items: dict[str, Any], cut: int | None = None, hang: bool = False) -> Reply:
    text = "".join(f"event: {item['type']}\ndata: {json.dumps(item)}\n\n" for item in items)
    return Reply(text.encode(), headers={"content-type": "text/event-stream"}, cut=cut, hang=hang)


MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "stop_reason": None}
START = {"type": "message_start", "message": MESSAGE | {"model": "claude-sonnet-5-5", "usage": {}}}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
USAGE = {
    "input_tokens": 1000,
    "output_tokens": 100,
    "cache_creation_input_tokens": 2000,
    "cache_read_input_tokens": 3000,
}


def reply(text="Yes.", reason="end_turn", **more):
    words = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    end = {"type": "message_delta", "delta": {"stop_reason": reason, **more}, "usage": USAGE}
    return events(START, BLOCK, words, end, {"type": "message_stop"})


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class Scripted:
    """Where it listens, the replies still to give, and the requests it saw as (line, headers, body)."""

    url: str
    replies: list[Reply]
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def scripted(*replies: Reply, always: Mapping[str, Reply] | None = None) -> Iterator[Scripted]:
    """Serve the replies in order, one a request; but `always` the same to lines that begin so."""

    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the body waits 40 ms for the client to acknowledge the headers

        def reply(self, line: str) -> Reply:
            fixed = [reply for begin, reply in (always or {}).items() if line.startswith(begin)]
            return fixed[0] if fixed else script.replies.pop(0)

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            script.seen.append((f"{self.command} {self.path}", dict(self.headers.items()), body))
            reply = self.reply(f"{self.command} {self.path}")
            self.send_response(reply.status)
            for name, value in ({"content-length": str(len(reply.body) + reply.hang)} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            if reply.hang:
                over.wait()
            self.close_connection = reply.cut is not None or reply.hang

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script = Scripted(f"http://127.0.0.1:{server.server_address[1]}", list(replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
