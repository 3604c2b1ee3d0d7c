"""Start and stop the server inside this process.

1. `start` opens the data directory and binds the socket, so that any error is raised in the caller;
2. a daemon thread runs uvicorn and says when it is ready; 3. `stop`, or the end of the
interpreter, ends the thread and removes the socket.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import socket
import tempfile
import threading
import time
from pathlib import Path

import uvicorn

from nbfiles.server.app import build
from nbfiles.server.middleware.connections import PatientProtocol
from nbfiles.server.middleware.guard import HEADER_LIMIT
from nbfiles.server.storage.removal import remove
from nbfiles.server.workspaces import Workspaces

SOCKET_PATH_LIMIT = 100  # bytes; sun_path holds 108 on Linux and 104 on macOS
PREFIX, SOCKET = "nbfiles-", "api.sock"
SHORT = "/tmp"  # for sockets, where the folder for temporary files has too long a path
SETTLED_S = 60  # since a folder was made; in a newer one, a server may be about to listen
GRACE = 1  # seconds that answers under way may take after stop


def start(data_dir: Path, *, tcp: bool = False, rate: int | None = None) -> Embedded:
    """Run a server over `data_dir`, a directory of its own, and return when it answers requests.

    It listens on a Unix socket in a private directory or, with `tcp`, on a loopback port. With a `rate`
    it refuses what comes beyond so many calls a minute.
    """
    return Embedded(Workspaces(data_dir), tcp=tcp or not hasattr(socket, "AF_UNIX"), rate=rate)


class Embedded:
    """A running server: where it listens, and the key it asks for."""

    def __init__(self, workspaces: Workspaces, *, tcp: bool, rate: int | None = None) -> None:
        self._owner = os.getpid()
        self.key = secrets.token_urlsafe(32)
        self.socket_path = None if tcp else _socket_path()
        _sweep()
        self._listener = _listen(self.socket_path)
        self.base_url = "http://localhost" if self.socket_path else f"http://127.0.0.1:{self._port}"
        self._workspaces = workspaces
        app = build(workspaces, key=self.key, hosts=self._hosts, rate=rate)
        self._server = _ThreadedServer(config(app, grace=GRACE))
        self._thread = threading.Thread(target=self._run, name="nbfiles-server", daemon=True)
        self._thread.start()
        atexit.register(self.stop)
        self._server.ready.wait()

    def stop(self) -> None:
        """End the server; a second call does nothing."""
        atexit.unregister(self.stop)
        if os.getpid() != self._owner:
            return  # a forked child has no server, and must not take its parent's away
        self._server.should_exit = True
        self._workspaces.close()  # ends what answers wait for
        self._thread.join()
        self._workspaces.close()  # what the last answers opened
        self._listener.close()
        if self.socket_path is not None:
            remove(self.socket_path.parent)

    @property
    def _port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def _hosts(self) -> tuple[str, ...]:
        if self.socket_path is not None:
            return ("localhost",)
        return (f"127.0.0.1:{self._port}", f"localhost:{self._port}")

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._server.ready.set()


class _ThreadedServer(uvicorn.Server):
    """A uvicorn server that says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def config(app: object, *, grace: int) -> uvicorn.Config:
    """Return how to run the application: quietly, with every limit set."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        loop="asyncio",
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=HEADER_LIMIT,
        timeout_graceful_shutdown=grace,
    )


def _socket_path() -> Path:
    """Return a path in a fresh directory of this user alone (mkdtemp makes it 0700)."""
    path = Path(tempfile.mkdtemp(prefix=PREFIX)) / SOCKET
    if len(bytes(path)) < SOCKET_PATH_LIMIT:
        return path
    path.parent.rmdir()
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=SHORT)) / SOCKET


def _sweep() -> None:
    """Remove the folders of servers that were killed, by SIGTERM or SIGKILL: nobody listens in them any more."""
    for parent in {Path(tempfile.gettempdir()), Path(SHORT)}:
        for path in parent.glob(f"{PREFIX}*/{SOCKET}"):
            with contextlib.suppress(OSError):
                folder = path.parent.lstat()
                settled = time.time() - folder.st_mtime > SETTLED_S
                if settled and folder.st_uid == os.getuid() and not _listens(path):
                    remove(path.parent)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.settimeout(0.2)  # of a server that is busy; it is left alone
        try:
            visitor.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            pass
    return True


def send_at_once(listener: socket.socket) -> None:
    """Do not hold small packets back: a reply of two would wait 40 ms for an acknowledgement."""
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it


def _listen(path: Path | None) -> socket.socket:
    """Bind and listen, so that a client that connects at once is queued, not refused."""
    family, address = (socket.AF_INET, ("127.0.0.1", 0)) if path is None else (socket.AF_UNIX, str(path))
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if path is None:
            send_at_once(listener)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
