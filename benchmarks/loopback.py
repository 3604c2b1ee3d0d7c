"""A server on loopback that takes files and drops them, and answers questions with tokens of 4 characters.

`max_tokens` of a question says how many, its `model` how fast: "full-speed", "at-once" for all in one event, or a
number a second.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FILE = {
    "id": "file_011CQbenchmark0123456789",
    "type": "file",
    "filename": "a.csv",
    "mime_type": "text/csv",
    "created_at": "2026-11-01T00:00:00Z",
    "downloadable": False,
    "expires_at": None,
}
USAGE = {"input_tokens": 9, "output_tokens": 9}
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "usage": USAGE}
PROSE = """
## What the manual says

The block size **affects** both the ratio and the memory, for `compress` and for `decompress`. Larger
blocks give rapidly diminishing returns; most of the gain comes from the first two or three hundred
kilobytes, which is worth knowing on *small* machines.

- First point: the recovery tool splits a file into blocks of its own.
- Second point: a damaged block is found by its checksum.

| level | memory | ratio |
|---|---|---|
| 1 | 1.2 MB | 3.1 |
| 9 | 7.6 MB | 3.7 |
"""


class Handler(BaseHTTPRequestHandler):
    """Files and Messages, as far as a client needs them to go on."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    seen: list[tuple[int, bytes]]  # of each question: bytes of its head, its body

    def do_POST(self) -> None:
        """Answer one request."""
        length = int(self.headers["content-length"])
        if self.path.startswith("/v1/files"):
            return self._reply(FILE | {"size_bytes": self._drop(length)})
        body = self.rfile.read(length)
        self.seen.append((len(self.requestline) + len(self.headers.as_bytes()) + 2, body))
        return self._stream(json.loads(body))

    def _drop(self, length: int) -> int:
        """Read a form with one file part to its end; return the size of the part."""
        left, buffer, head = length, memoryview(bytearray(1 << 20)), b""
        while b"\r\n\r\n" not in head:
            head += self.rfile.readline()
        left -= len(head)
        while left:
            left -= self.rfile.readinto(buffer[:left])  # type: ignore[attr-defined]
        boundary = head.partition(b"\r\n")[0]
        return length - len(head) - len(b"\r\n--\r\n" + boundary)

    def _reply(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, asked: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self._event("message_start", message=MESSAGE | {"model": asked["model"]})
        self._event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for text in self._texts(asked["model"], asked["max_tokens"]):
            self._event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})
        self._event("content_block_stop", index=0)
        self._event("message_delta", delta={"stop_reason": "end_turn"}, usage=USAGE)
        self._event("message_stop")

    def _texts(self, speed: str, tokens: int) -> Iterator[str]:
        if speed == "at-once":
            yield (PROSE * (tokens * 4 // len(PROSE) + 1))[: tokens * 4]
            return
        pause = 0.0 if speed == "full-speed" else 1 / float(speed)
        started = time.monotonic()
        for number in range(tokens):
            time.sleep(max(0.0, started + number * pause - time.monotonic()) if pause else 0)
            place = number * 4 % len(PROSE)
            yield (PROSE + PROSE)[place : place + 4] if number else f"sent-at-{time.monotonic_ns()} "

    def _event(self, kind: str, **fields: Any) -> None:
        self.wfile.write(f"event: {kind}\ndata: {json.dumps({'type': kind} | fields)}\n\n".encode())

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def serve() -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """Serve in a thread; give the URL and what questions were seen."""
    handler = type("Seen", (Handler,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler.seen
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    with serve() as (where, _):
        print(json.dumps({"url": where}), flush=True)
        sys.stdin.read()
