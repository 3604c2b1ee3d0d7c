"""A front before a real server that spoils single replies, as networks, proxies and crashes do.

Unlike `scripted`, the server behind is real, so a test can ask it afterwards what really happened.
"""

import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.scripted import Reply
from tests.spoiled import *  # noqa: F403, the faults are this module's words
from tests.spoiled import Fault, Refused, Unread

DRIP = 0.01  # seconds between two drops


@dataclass
class Front:
    """Where it listens, the faults still to come (None lets a reply through), and what it passed on."""

    url: str
    faults: list[Fault | Unread | Refused | None] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Asks the true server, and spoils what it answers."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits 40 ms for the client to acknowledge the headers

    def answer(self) -> None:
        front = self.server.front
        fault = front.faults.pop(0) if front.faults else None
        if isinstance(fault, Unread):
            self.refuse(fault.reply)
            return
        if isinstance(fault, Refused):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send(fault.reply)
            return
        reply = self.true_reply()
        with suppress(ConnectionError):  # the client may have had enough
            self.send(fault(reply) if fault else reply)

    def true_reply(self) -> Reply:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.front.passed.append(f"{self.command} {self.path}")
        connection = http.client.HTTPConnection(self.server.behind)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        connection.request(self.command, self.path, body, headers)
        reply = connection.getresponse()
        kept = {"content-type": reply.getheader("content-type", "")}
        content = reply.read()
        connection.close()
        return Reply(content, reply.status, kept)

    def refuse(self, reply: Reply | None) -> None:
        self.close_connection = True
        if reply is None:
            self.reset()
            return
        self.send(reply)
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        while self.connection.recv(65536):  # a reset would take the reply away from the client
            pass

    def reset(self) -> None:
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def send(self, reply: Reply) -> None:
        self.close_connection = reply.cut is not None or bool(reply.drip)
        if reply.cut != -1:
            self.send_head(reply)
            self.wfile.write(reply.body[: reply.cut])
            self.wfile.flush()
        if reply.hang:
            self.server.over.wait()
        while reply.drip and not self.server.over.wait(DRIP):
            self.wfile.write(reply.drip)
        if reply.reset:
            self.reset()

    def send_head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in ({"content-length": str(len(reply.body))} | reply.headers).items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """Listens, and ends in any state of its connections."""

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = behind
        self.over = threading.Event()
        self.front = Front(f"http://127.0.0.1:{self.server_address[1]}")

    def handle_error(self, *_: object) -> None:
        """Keep quiet: a connection that was reset cannot be closed in good order."""

    def shutdown_request(self, request: socket.socket) -> None:
        with suppress(OSError):
            super().shutdown_request(request)


@contextmanager
def faulty(server_url: str) -> Iterator[Front]:
    """Stand in front of a server on loopback."""
    server = Server(urlsplit(server_url).netloc)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.front
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
