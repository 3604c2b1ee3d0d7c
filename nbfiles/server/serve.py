"""`nbfiles serve`: the server as a foreground program, on a TCP address, until it is told to stop.

On loopback it makes its own key, in a file of the data directory. On any other address it wants a key file
that the user chose, because everybody who has the key sees every file.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import uvicorn

from nbfiles.redact import redact
from nbfiles.server.app import build
from nbfiles.server.confinement.mechanisms import Confinement, confinement
from nbfiles.server.embedded import config, send_at_once
from nbfiles.server.messages.upstream import Upstream
from nbfiles.server.storage.store import QUOTA, private_directory
from nbfiles.server.workspaces import ServerSettings, Workspaces

HOST, PORT = "127.0.0.1", 8765
GRACE = 5  # seconds that answers under way may take after Ctrl-C; a second Ctrl-C ends them
SHORTEST_KEY = 16  # characters; what people invent below that is guessed
KEY_NAME = "key"  # in the data directory

_logger = logging.getLogger("nbfiles.server")


class CannotServe(Exception):
    """The server cannot start as it was asked to; the message says what to type."""


@dataclass(frozen=True)
class ServeOptions:
    """The options of `nbfiles serve`."""

    data_dir: Path
    host: str = HOST
    port: int = PORT
    key_file: Path | None = None
    upstream: str | None = None
    upstream_headers: Mapping[str, str] = field(default_factory=dict)
    rate: int | None = None  # calls a minute that are answered
    quota: int = QUOTA  # bytes of all files


def serve(options: ServeOptions, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `say` gets what a user wants to know at the start."""
    if not is_loopback(options.host) and options.key_file is None:
        raise CannotServe(
            f"On {options.host} others can reach the server, so it needs a key that you choose. "
            "Type: nbfiles serve --host … --key-file FILE"
        )
    if options.rate is not None and options.rate < 1:
        raise CannotServe(
            f"--rate {options.rate} is too low: type 1 or more requests a minute, or leave it out for no limit."
        )
    private_directory(options.data_dir)
    key_file = options.key_file or options.data_dir / KEY_NAME
    key = _key(key_file, make=options.key_file is None)
    upstream = _upstream(options)
    listener = _listen(options.host, options.port)
    workspaces = Workspaces(options.data_dir, ServerSettings(upstream=upstream, quota=options.quota))
    _log_to_stderr()
    hosts = _names(options.host, listener)
    app = build(workspaces, key=key, hosts=hosts, rate=options.rate, log=True)
    for line in _introduction(options, key_file, listener):
        say(line)
    try:
        _ForegroundServer(config(app, grace=GRACE)).run(sockets=[listener])
    finally:
        workspaces.close()
        listener.close()


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _ForegroundServer(uvicorn.Server):
    """A server that ends by itself after a signal; uvicorn's own would raise the signal once more."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _upstream(options: ServeOptions) -> Upstream | None:
    if options.upstream is None:
        return None
    if not options.upstream.startswith(("http://", "https://")):
        raise CannotServe(f"“{options.upstream}” is not an address. Type: nbfiles serve --upstream https://…")
    return Upstream(options.upstream, options.upstream_headers)


def _key(path: Path, *, make: bool) -> str:
    """Return the key in a file; the one in the data directory is made when there is none."""
    if make and not path.exists():
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as target:
            target.write(secrets.token_urlsafe(32))
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise CannotServe(f"The key file {path} cannot be read: {problem}") from None
    if hasattr(os, "getuid") and path.stat().st_mode & 0o077:
        raise CannotServe(f"Others can read the key in {path}. Type: chmod 600 {path}")
    if len(key) < SHORTEST_KEY or not key.isprintable() or " " in key:
        raise CannotServe(f"The key in {path} must be one word of at least {SHORTEST_KEY} characters.")
    return key


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=128)
    except (OSError, OverflowError) as problem:
        raise CannotServe(f"Cannot listen on {host}:{port}: {problem}. Try another --port.") from None
    send_at_once(listener)
    return listener


def _names(host: str, listener: socket.socket) -> tuple[str, ...]:
    """Return the Host headers to answer to; the address that a connection came in on is one, too."""
    port = listener.getsockname()[1]
    names = [host] if not is_loopback(host) else ["127.0.0.1", "localhost", "[::1]"]
    if not is_loopback(host):
        names += [socket.gethostname(), socket.getfqdn()]
    return tuple(f"{name}:{port}" for name in names)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


def _introduction(options: ServeOptions, key_file: Path, listener: socket.socket) -> list[str]:
    holds = confinement()
    host = _reached(options.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    who = (
        f"forwards questions to {redact(options.upstream)}"
        if options.upstream
        else f"quotes passages, cannot answer in its own words; {holds.headline}"
    )
    lines = [
        f"nbfiles serve: {url} ({who}); files in {options.data_dir}. Ctrl-C ends it.",
        f'export ANTHROPIC_BASE_URL={url} ANTHROPIC_API_KEY="$(cat {key_file})"',
    ]
    if not is_loopback(options.host):
        lines.append(
            "Others on this network can reach it, and nothing is encrypted: use it only on a network that you trust."
        )
        if options.upstream is None:
            lines.append(_code_of_others(holds))
    return lines


def _reached(host: str) -> str:
    """Return the address to type for one that is listened on; 0.0.0.0 and :: are all that this machine has."""
    try:
        return socket.gethostname() if ipaddress.ip_address(host).is_unspecified else host
    except ValueError:
        return HOST if host == "localhost" else host


def _code_of_others(holds: Confinement) -> str:
    """Say what the questions of others can do here."""
    return str(holds) if holds.confined else f"WARNING: {holds} So can everybody who has the key."
