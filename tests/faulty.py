"""A front before a real server that spoils single replies, as networks, proxies and crashes do.

Unlike `scripted`, the server behind is real, so a test can ask it afterwards what really happened.
"""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from scripted import Reply, error

Fault = Callable[[Reply], Reply]  # the true reply → what the client gets


def lost(reply: Reply) -> Reply:
    """The server did it, but its answer never arrives."""
    return replace(reply, cut=-1)


def halved(reply: Reply) -> Reply:
    """The connection breaks in the middle of the body."""
    return replace(reply, cut=len(reply.body) // 2)


def short(reply: Reply) -> Reply:
    """The body ends too early, but cleanly: the declared length is that of the half."""
    half = reply.body[: len(reply.body) // 2]
    return replace(reply, body=half[: half.rfind(b"\n\n") + 2] if b"\n\n" in half else half)


def stalled(reply: Reply) -> Reply:
    """The body stops arriving, and the connection stays open."""
    return replace(reply, cut=len(reply.body) // 2, hang=True)


def login_page(reply: Reply) -> Reply:
    """A proxy answers in the server's place."""
    return Reply(b"<html>Please log in</html>", headers={"content-type": "text/html"})


def moved(reply: Reply) -> Reply:
    """Somebody wants the documents elsewhere."""
    return Reply(status=307, headers={"location": "http://127.0.0.1:9/elsewhere"})


def busy(reply: Reply) -> Reply:
    """The server is overloaded for a moment."""
    return error(529, "overloaded_error", "Overloaded", retry_after="0")


def broken(reply: Reply) -> Reply:
    """Something between the two rewrites the body."""
    return replace(reply, body=reply.body.replace(b'"', b"'"))


@dataclass
class Front:
    """Where it listens, the faults still to come (None lets a reply through), and what it passed on."""

    url: str
    faults: list[Fault | None] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)


@contextmanager
def faulty(server_url: str) -> Iterator[Front]:
    """Stand in front of a server on loopback."""
    behind, over = urlsplit(server_url).netloc, threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            reply = self.true_reply()
            fault = front.faults.pop(0) if front.faults else None
            self.send(fault(reply) if fault else reply)

        def true_reply(self) -> Reply:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            front.passed.append(f"{self.command} {self.path}")
            connection = http.client.HTTPConnection(behind)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            connection.request(self.command, self.path, body, headers)
            reply = connection.getresponse()
            kept = {"content-type": reply.getheader("content-type", "")}
            content = reply.read()
            connection.close()
            return Reply(content, reply.status, kept)

        def send(self, reply: Reply) -> None:
            self.close_connection = reply.cut is not None
            if reply.cut == -1:
                return
            self.send_response(reply.status)
            for name, value in ({"content-length": str(len(reply.body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            if reply.hang:
                self.wfile.flush()
                over.wait()

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    front = Front(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield front
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
