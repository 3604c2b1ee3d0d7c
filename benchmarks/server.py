"""`nbfiles serve` by numbers: uploads, small reads, the first token of a big PDF, a batch of 1,000.

Usage: server.py [MEGABYTES]. Needs Linux (memory is read from /proc).
"""

from __future__ import annotations

import io
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import anthropic
import httpx2

SERVE = "import sys; from nbfiles.cli import main; sys.exit(main())"
MODEL = "claude-sonnet-5-5"
MEGABYTE = 1_000_000  # as the limit of a file counts
CHUNK = bytes(MEGABYTE)


@dataclass
class Server:
    """A running `nbfiles serve`."""

    url: str
    key: str
    pid: int

    def memory(self, field: str) -> float:
        """Return VmRSS (now) or VmHWM (the highest so far) in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024

    def sdk(self) -> anthropic.Anthropic:
        """Return the official client for it."""
        http = anthropic.DefaultHttpxClient(transport=httpx2.HTTPTransport(), trust_env=False)
        return anthropic.Anthropic(base_url=self.url, api_key=self.key, http_client=http, max_retries=0)

    def connect(self) -> socket.socket:
        """Return a bare connection to it."""
        return socket.create_connection(("127.0.0.1", int(self.url.rsplit(":", 1)[1])))

    def head(self, line: str, *more: str) -> bytes:
        """Return the headers of a request."""
        host = self.url.removeprefix("http://")
        return "\r\n".join([line, f"host: {host}", f"x-api-key: {self.key}", *more, "", ""]).encode()


@contextmanager
def serving() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SERVE, "serve", "--port", "0", "--data", folder]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, text=True, **pipes) as process:
            url = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
            yield Server(url, Path(folder, "key").read_text(), process.pid)
            process.terminate()


def upload(server: Server, megabytes: int) -> tuple[float, float]:
    """Return MB/s and the memory that the server grew by, in MB."""
    before = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    after = b"\r\n--b--\r\n"
    length = len(before) + megabytes * MEGABYTE + len(after)
    start_memory = server.memory("VmHWM")
    begin = time.perf_counter()
    with server.connect() as plug:
        lines = ("content-type: multipart/form-data; boundary=b", f"content-length: {length}")
        plug.sendall(server.head("POST /v1/files HTTP/1.1", *lines, "connection: close") + before)
        for _ in range(megabytes):
            plug.sendall(CHUNK)
        plug.sendall(after)
        reply = plug.recv(65536)
    assert b" 200 " in reply.splitlines()[0], reply
    return megabytes / (time.perf_counter() - begin), server.memory("VmHWM") - start_memory


def reads(server: Server, path: str, seconds: float = 3.0, clients: int = 8) -> float:
    """Return GETs a second over kept connections."""
    request = server.head(f"GET {path} HTTP/1.1")
    end = time.perf_counter() + seconds
    counts = [0] * clients

    def read(n: int) -> None:
        with server.connect() as plug:
            while time.perf_counter() < end:
                plug.sendall(request)
                reply = plug.recv(65536)
                body = int(re.search(rb"content-length: (\d+)", reply)[1])
                while len(reply) < reply.index(b"\r\n\r\n") + 4 + body:
                    reply += plug.recv(65536)
                assert b" 200 " in reply[:20]
                counts[n] += 1

    threads = [threading.Thread(target=read, args=(n,)) for n in range(clients)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sum(counts) / seconds


def book(pages: int) -> bytes:
    """Return a PDF with about 2,000 characters of text on each page."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    target = io.BytesIO()
    with PdfPages(target) as pdf:
        for page in range(pages):
            figure = Figure()
            words = f"Page {page} of the harbour book tells how boat number {page} came back with the tide.\n"
            figure.text(0.02, 0.02, words * 24, fontsize=6)
            pdf.savefig(figure)
    return target.getvalue()


def first_tokens(client: anthropic.Anthropic, file_id: str, times: int) -> list[float]:
    """Return milliseconds to the first text of a question about a file, asked `times` times."""
    taken = []
    for n in range(times):
        source = {"type": "file", "file_id": file_id}
        document = {"type": "document", "source": source, "citations": {"enabled": True}}
        question = {"type": "text", "text": f"When did boat number {100 + n} come back?"}
        begin = time.perf_counter()
        with client.messages.stream(
            model=MODEL, max_tokens=500, messages=[{"role": "user", "content": [document, question]}]
        ) as stream:
            next(stream.text_stream)
        taken.append((time.perf_counter() - begin) * 1000)
    return taken


def batch(server: Server, client: anthropic.Anthropic, file_id: str) -> tuple[float, float, int]:
    """Return seconds for 1,000 questions, memory growth while results stream in MB, and the results."""
    source = {"type": "file", "file_id": file_id}
    document = {"type": "document", "source": source, "citations": {"enabled": True}}
    requests = [
        {
            "custom_id": f"q-{n}",
            "params": {
                "model": MODEL,
                "max_tokens": 500,
                "messages": [{"role": "user", "content": [document, {"type": "text", "text": f"Boat number {n}?"}]}],
            },
        }
        for n in range(1000)
    ]
    begin = time.perf_counter()
    made = client.messages.batches.create(requests=requests)
    while client.messages.batches.retrieve(made.id).processing_status != "ended":
        time.sleep(0.2)
    took, before = time.perf_counter() - begin, server.memory("VmHWM")
    results = sum(1 for line in client.messages.batches.results(made.id) if line.result.type == "succeeded")
    return took, server.memory("VmHWM") - before, results


def trips(rows: int) -> bytes:
    """Return taxi trips as CSV: a moment, a town, passengers, distance, fare (some missing), a driver."""
    chance = random.Random(6)
    lines = ["pickup_at,town,passengers,distance_km,fare_eur,driver"]
    for n in range(rows):
        day, town = date(2024, 1, 1) + timedelta(days=700 * n // rows), chance.choice("ABCDEF")
        distance = chance.lognormvariate(1.2, 0.7)
        fare = f"{3.5 + 1.9 * distance + chance.gauss(0, 1.2):.2f}" if n % 33 else ""
        lines.append(f"{day}T12:{n % 60:02},{town},{n % 6},{distance:.2f},{fare},driver-{n % 900}")
    return "\n".join(lines).encode()


def profile(client: anthropic.Anthropic, rows: int) -> tuple[list[float], list[str]]:
    """Return seconds for the profile of a table, in a fresh container each, and the names of its files."""
    file = client.files.upload(file=("trips.csv", trips(rows), "text/csv"))
    upload = {"type": "container_upload", "file_id": file.id}
    content = [upload, {"type": "text", "text": "What is in here?"}]
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        answer = client.messages.create(
            model=MODEL,
            max_tokens=4000,
            messages=[{"role": "user", "content": content}],
            tools=[{"type": "code_execution_20260521", "name": "code_execution"}],
        )
        taken.append(time.perf_counter() - begin)
    made = [out.file_id for out in answer.content[1].content.content]
    return taken, [client.files.retrieve_metadata(file_id).filename for file_id in made]


def main(megabytes: int) -> None:
    with serving() as server:
        client = server.sdk()
        small = client.files.upload(file=("a.txt", b"A boat came back with the tide.", "text/plain"))
        client.files.list()
        runs = [upload(server, megabytes) for _ in range(3)]
        speeds, growth = [speed for speed, _ in runs], max(grown for _, grown in runs)
        print(f"upload {megabytes} MB: {median(speeds):.0f} MB/s (300 wanted), {growth:.0f} MB grown (64)")
        for path in (f"/v1/files/{small.id}", "/v1/models"):
            print(f"GET {path[:10]}: {reads(server, path):.0f} a second (2,000 wanted)")
        pdf = client.files.upload(file=("book.pdf", book(500), "application/pdf"))
        first, *more = first_tokens(client, pdf.id, 6)
        print(f"500 pages: first token after {first:.0f} ms, then {median(more):.0f} ms (300 wanted)")
        took, grown, results = batch(server, client, small.id)
        print(f"batch of 1,000: {took:.1f} s, {results} results, {grown:.1f} MB grown while they stream")
        seconds, names = profile(client, 100_000)
        charts = sum(name.endswith(".png") for name in names)
        slowest = f"{max(seconds):.1f} s at most"
        print(f"100,000 rows: {charts} charts after {median(seconds):.1f} s, {slowest} (10 wanted)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 500)
