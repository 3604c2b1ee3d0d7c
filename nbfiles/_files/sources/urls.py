"""A file from a URL, streamed to disk: https, or http on this machine; bounded in size and time."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from nbfiles._files.file_kinds import extension
from nbfiles.errors import UnusableFile, raise_alone
from nbfiles.limits import FILE_BYTES, FILE_LIMIT

SILENCE_S = 20.0  # without a byte; a server that is there sends sooner
TOTAL_S = 600.0  # for the largest file on a slow line; a server that drips bytes must not hold a cell for ever
CHUNK = 1 << 20
REDIRECTS = 5
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_url(text: str) -> bool:
    """Return whether a text is meant as a URL."""
    return bool(re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE))


def fetch(url: str, path_for: Callable[[str], Path]) -> Path:
    """Download a URL into `path_for(file name)`; raises UnusableFile, also where it leads out of https."""
    host = _allowed_host(url, urlsplit(url).hostname)
    request = urllib.request.Request(url, headers={"User-Agent": "nbfiles", "Accept": "*/*"})
    try:
        with _opener(host).open(request, timeout=SILENCE_S) as reply:
            path = path_for(_name(reply))
            _save(reply, path, host)
            return path
    except urllib.error.HTTPError as error:
        error.close()
        raise_alone(UnusableFile(f"{host} does not give the file: {error.code} {error.reason}."))
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        message = getattr(why, "strerror", None) or str(why) or type(why).__name__
        raise_alone(UnusableFile(f"{host} cannot be read: {message}. Check the address and the network."))


def _allowed_host(url: str, first: str | None) -> str:
    """Return the host of a URL that may be read, from a request that began at host `first`."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    here = host in _LOOPBACK
    allowed = parts.scheme == "https" or (parts.scheme == "http" and here)
    if not host or not allowed or (here and first not in _LOOPBACK):
        raise UnusableFile(f"Only https:// URLs can be uploaded, not “{parts.scheme}://{host}”.")
    if parts.username or parts.password:
        raise UnusableFile("Put no user name or password into the URL. Download the file, then upload it.")
    return host


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, to where a URL may lead."""

    max_redirections = REDIRECTS

    def __init__(self, first: str) -> None:
        self._first = first

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        _allowed_host(newurl, self._first)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(host: str) -> urllib.request.OpenerDirector:
    """Return an opener that knows no other scheme: the usual one also reads file:, ftp: and data: URLs."""
    opener = urllib.request.OpenerDirector()
    proxies: dict[str, str] | None = {} if host in _LOOPBACK else None
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(host),
    ):
        opener.add_handler(handler)
    return opener


def _name(reply: HTTPResponse) -> str:
    name = unquote(PurePosixPath(urlsplit(reply.url).path).name) or urlsplit(reply.url).hostname or "page"
    if re.search(r"\.\w{1,5}$", name) and not name.endswith(urlsplit(reply.url).hostname or "/"):
        return name
    return name + extension(reply.headers.get_content_type())


def _save(reply: HTTPResponse, path: Path, host: str) -> None:
    length = int(reply.headers.get("content-length") or 0)
    deadline, written = time.monotonic() + TOTAL_S, 0
    if length > FILE_BYTES:
        raise UnusableFile(_too_large(host))
    with path.open("wb") as handle:
        # read1: what has come, at once, so that the deadline holds for one who sends a byte a second
        while piece := reply.read1(CHUNK):
            written += handle.write(piece)
            if written > FILE_BYTES:
                raise UnusableFile(_too_large(host))
            if time.monotonic() > deadline:
                raise UnusableFile(f"{host} sends too slowly: not done after {TOTAL_S / 60:.0f} minutes.")
    if written < length:
        raise UnusableFile(f"{host} broke off after {written:,} of {length:,} bytes. Try again.")


def _too_large(host: str) -> str:
    return f"The file at {host} has more than {FILE_LIMIT}, the limit of the API."
