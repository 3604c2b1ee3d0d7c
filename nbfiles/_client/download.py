"""Download a file's content; where the connection breaks, go on behind what has arrived."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from nbfiles._client.error_mapping import not_the_api
from nbfiles._client.replies import Body, Reply
from nbfiles._client.retry import RequestKind, Tries
from nbfiles._client.sender import Sender
from nbfiles.errors import ApiError, CutOff, NbfilesError, NotTheApi

LEAST_BYTES = 1 << 16  # of a download, in the time that `Timeouts.slow_s` says
PAGES = ("text/html", "application/xhtml+xml", "application/json", "application/problem+json")  # of who is not the API


class Content(Body, Reply, Protocol):
    """A reply whose body is read bit by bit."""


class ResumePoint:
    """How much of a file has arrived, with its checksum (CRC-32)."""

    def __init__(self) -> None:
        self._size, self._checksum = 0, 0

    def add(self, chunk: bytes) -> None:
        """Count one more piece as arrived."""
        self._size += len(chunk)
        self._checksum = zlib.crc32(chunk, self._checksum)

    def skip(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield what follows the part that has arrived; raises ApiError where the file is another one now."""
        left, expected, checksum = self._size, self._checksum, 0
        for chunk in chunks:
            if not left:  # as they come: joining them would double the CPU
                yield chunk
                continue
            repeated, rest = chunk[:left], chunk[left:]
            left, checksum = left - len(repeated), zlib.crc32(repeated, checksum)
            if not left and checksum != expected:
                raise ApiError("The download broke off, and the file has other bytes now. Try again.")
            if rest:
                yield rest
        if left:
            raise ApiError("The download broke off, and the file is shorter now. Try again.")


def download(
    sender: Sender, request: Callable[[], AbstractContextManager[Content]], mime_type: str = ""
) -> Iterator[bytes]:
    """Yield a file's bytes as they come; where the connection breaks, the request is sent again.

    Raises CutOff where that does not help, NotTheApi where a page comes that is not a file of type `mime_type`, and
    ApiError where the file has other bytes then.
    """
    tries, arrived = sender.tries(RequestKind.READ), ResumePoint()
    while True:
        with contextlib.ExitStack() as stack:
            content = _send(sender, tries, lambda: _file_content(stack.enter_context(request()), mime_type))
            try:
                yield from _read(sender, tries, content, arrived)
                return
            except NbfilesError as error:
                pause, why = sender.next_pause(tries, error, started=True), str(error)
        sender.wait(pause, why)


def _send(sender: Sender, tries: Tries, request: Callable[[], Content]) -> Content:
    return sender.retry(tries, sender.with_rate_limit(request))


def _file_content(content: Content, mime_type: str) -> Content:
    """Return a reply that may be the file; raises NotTheApi for a page of a proxy, or a message in JSON."""
    actual = content.headers.get("content-type", "").partition(";")[0].strip().lower()
    if actual in PAGES and actual != mime_type:
        raise NotTheApi(*not_the_api(f"{actual} instead of {mime_type or 'a file'}"))
    return content


def _read(sender: Sender, tries: Tries, content: Content, arrived: ResumePoint) -> Iterator[bytes]:
    """Yield what is new; only so many new bytes give the request new time, so that drops do not hold it for ever."""
    new = 0
    with sender.translate_errors():
        for chunk in arrived.skip(_fast_enough(sender, content.iter_bytes())):
            arrived.add(chunk)
            new += len(chunk)
            if new >= LEAST_BYTES:
                sender.restart_budget(tries)
                new = 0
            yield chunk


def _fast_enough(sender: Sender, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a body; raises CutOff where it takes too long for so few bytes. The reader's own time does not count."""
    received, seconds = 0, 0.0
    while True:
        began = sender.clock()
        chunk = next(chunks, None)
        if chunk is None:
            return
        received, seconds = received + len(chunk), seconds + sender.clock() - began
        if received >= LEAST_BYTES:
            received, seconds = 0, 0.0
        elif seconds > sender.timeouts.slow_s:
            raise CutOff(f"It came too slowly: {received:,} bytes in {seconds:.0f} s.")
        yield chunk
