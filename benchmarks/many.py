"""A thousand files: the second upload sends none, and a server's limit of 100 a second is kept and used up.

The server in this process takes a hundred requests at once and a hundred a second, and refuses the rest.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from common import child, table, world

COUNT = 1000
A_SECOND = 100


class Limited(BaseHTTPRequestHandler):
    """A Files API that knows uploads and lists by id."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    lock = threading.Lock()
    tokens, last = float(A_SECOND), time.monotonic()
    files: dict[str, dict[str, object]]
    seen: list[tuple[str, int, int]]  # method, status, bytes of the body

    def do_POST(self) -> None:
        """Take a file."""
        body = self.rfile.read(int(self.headers["content-length"]))
        name = re.search(rb'filename="([^"]*)"', body)[1].decode()
        size = len(body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0])
        file_id = f"file_{name.replace('.', '')}{time.monotonic_ns()}"
        item = {"id": file_id, "type": "file", "filename": name, "mime_type": "text/plain"}
        item |= {"size_bytes": size, "created_at": "2026-11-01T00:00:00Z", "downloadable": False}
        self._answer(item, len(body), lambda: self.files.update({file_id: item}))

    def do_GET(self) -> None:
        """List files by id."""
        ids = re.findall(r"file_\w+", self.path)
        self._answer({"data": [self.files[i] for i in ids if i in self.files], "next_page": None}, 0)

    def _answer(self, reply: object, size: int, commit=lambda: None) -> None:
        cls = type(self)
        with self.lock:
            now = time.monotonic()
            cls.tokens = min(cls.tokens + (now - cls.last) * A_SECOND, float(A_SECOND))
            cls.last = now
            allowed = cls.tokens >= 1
            cls.tokens -= allowed
            if allowed:
                commit()
            self.seen.append((self.command, 200 if allowed else 429, size))
            left = int(cls.tokens)
        body = json.dumps(
            reply if allowed else {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}
        ).encode()
        self.send_response(200 if allowed else 429)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("anthropic-ratelimit-requests-limit", str(A_SECOND * 60))
        self.send_header("anthropic-ratelimit-requests-remaining", str(left))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def upload(folder: str) -> None:
    """Upload a folder, in a fresh process, and print the seconds without the first request's imports."""
    import nbfiles
    from nbfiles import current_session

    _ = current_session().connection.client
    started = time.perf_counter()
    records = nbfiles.upload(folder + "/*.txt")
    print()
    print(json.dumps([time.perf_counter() - started, len(records)]))


def main() -> None:
    Limited.files, Limited.seen = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Limited)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    rows = []
    with tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder:
        for number in range(COUNT):
            path = Path(folder, f"n{number:04}.txt")
            path.write_text(f"note {number}\n")
            os.utime(path, (time.time() - 3600,) * 2)
        with world(NBFILES_USE=url, ANTHROPIC_API_KEY="sk-ant-benchmark") as env:
            for run in ("first", "second, in a new process"):
                Limited.seen.clear()
                seconds, count = child("many.py", folder, env=env)
                requests = len(Limited.seen)
                refused = sum(status == 429 for _, status, _ in Limited.seen)
                sent = sum(size for _, _, size in Limited.seen)
                rows.append((run, str(count), f"{seconds:.2f}", str(requests), str(refused), f"{sent:,}"))
    ideal = (COUNT - A_SECOND) / A_SECOND
    print(f"{COUNT} files; ideal for the first upload: {ideal:.1f} s and {COUNT} requests\n")
    table(("upload", "files", "s", "requests", "refused", "bytes sent"), *rows)
    server.shutdown()


if __name__ == "__main__":
    upload(sys.argv[1]) if len(sys.argv) > 1 else main()
