"""The only importer of the Anthropic SDK: requests out, checked values in, its errors mapped to ours.

The SDK is imported on the first request, never before (1.2 s of CPU). Its retries are off: the table in
`retry` decides. Replies are read as JSON and checked here, because the SDK does not validate them.
"""

from __future__ import annotations

import contextlib
import logging
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbfiles import errors
from nbfiles._client import error_mapping
from nbfiles._client.error_translation import READ_TIMEOUT_S, translated
from nbfiles._client.rate_limit import FILES_A_MINUTE, RateLimit, SharedWait
from nbfiles._client.retry import Kind, Tries
from nbfiles._client.sending import Call, OnRepeat, OnWait, Sender, ignore
from nbfiles._client.sse import JSON, Begun, Behind, check_type, events, field, remote_file, remote_files
from nbfiles._client.timeouts import bound
from nbfiles.destinations import Destination
from nbfiles.records import RemoteFile

if TYPE_CHECKING:
    import anthropic

CONNECT_TIMEOUT_S = 5.0  # the SDK's own; a host that is there answers far sooner
WAIT_BUDGET_S = 60.0  # the longest a cell waits for a busy server; the SDK would obey a header for weeks
FIRST_BACKOFF_S, LAST_BACKOFF_S = 0.5, 8.0  # the SDK's own steps
IDS_A_REQUEST = 100  # the API's limit for files.list(ids=…)
MOST_PAGES = 10  # of skills, a hundred each; more than anybody reads
LARGEST_PAGE = 1000  # the API's limit for one page of files.list


class Client:
    """One endpoint, spoken to through the official SDK.

    Every method raises only `NbfilesError`s (and KeyboardInterrupt). What failed is sent again as the table
    in `retry` says; `on_wait` is told once a second how long the client still waits before it does.
    """

    def __init__(
        self,
        endpoint: Destination,
        on_wait: OnWait = lambda _seconds, _why: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._gate = SharedWait(clock)
        pace = RateLimit(None if endpoint.billing == "free" else FILES_A_MINUTE, clock, sleep)
        self._sender = Sender(endpoint, pace, on_wait, clock, sleep)
        with translated(endpoint):
            self._sdk = _make_sdk(endpoint)

    def reporting_to(self, on_wait: OnWait) -> Client:
        """Return this client, with the same connections and limits, that reports its waits to `on_wait`."""
        view = copy(self)
        view._sender = self._sender.reporting_to(on_wait)
        return view

    def upload(
        self,
        handle: IO[bytes],
        name: str,
        mime_type: str,
        expires_in: int | None = None,
        on_repeat: OnRepeat = ignore,
    ) -> RemoteFile:
        """Send an open, seekable handle from its start.

        The file lives for `expires_in` seconds, or until it is deleted. Before it is sent again though a
        first try may have stored it, `on_repeat` is told, which raises where it is not to be sent.
        """
        send = self._sdk.files.with_raw_response.upload
        options: JSON = {} if expires_in is None else {"expires_in_seconds": expires_in}
        call = lambda: send(file=(name, handle, mime_type), **options)  # noqa: E731
        remote: RemoteFile = self._paced(Kind.UPLOAD, call, remote_file, on_repeat)
        return remote

    def metadata(self, file_id: str) -> RemoteFile:
        """Look one file up; raises FileGone where it is not there."""
        look = self._sdk.files.with_raw_response.retrieve_metadata
        remote: RemoteFile = self._paced(Kind.READ, lambda: look(file_id), remote_file)
        return remote

    def alive(self, file_ids: Sequence[str]) -> dict[str, RemoteFile]:
        """Look many files up, `IDS_A_REQUEST` a request; those that are gone are left out."""
        found: dict[str, RemoteFile] = {}
        for start in range(0, len(file_ids), IDS_A_REQUEST):
            files, _ = self._listed(ids=list(file_ids[start : start + IDS_A_REQUEST]))
            found |= {file.file_id: file for file in files}
        return found

    def pages(self, size: int = LARGEST_PAGE) -> Iterator[list[RemoteFile]]:
        """Yield the workspace's files, newest first, up to `size` a page and a request.

        Raises NotTheApi for a server that repeats a cursor, where the SDK would go on for ever.
        """
        cursors: set[str] = set()
        options: JSON = {}
        while True:
            files, cursor = self._listed(limit=size, **options)
            yield files
            if not isinstance(cursor, str):
                return
            if cursor in cursors:
                raise errors.NotTheApi(error_mapping.not_the_api("a list of files that goes in circles"))
            cursors.add(cursor)
            options = {"page": cursor}

    def newest(self) -> list[RemoteFile]:
        """Return the newest files, up to a hundred."""
        return next(self.pages(100))

    def delete(self, file_id: str) -> None:
        """Delete a file from the workspace; where that may have been done, look first whether it is gone."""
        send = self._sdk.files.with_raw_response.delete
        doubts: list[str] = []

        def once() -> None:
            if doubts and self._is_gone(file_id):
                return
            try:
                field(self._sender.read(self._sender.in_turn(lambda: send(file_id))), "id", str)
            except errors.FileGone:
                if not doubts:
                    raise

        self._sender.attempts(self._tries(Kind.DELETE), once, doubts.append)

    def download(self, file_id: str) -> Iterator[bytes]:
        """Yield a file's bytes as they come; where the connection breaks, it is begun again behind them.

        Raises CutOff where that does not help, and ApiError where the file has other bytes then.
        """
        ask = self._sdk.files.with_streaming_response.download
        tries, given, checksum = self._tries(Kind.READ), 0, 0
        while True:
            with contextlib.ExitStack() as stack:
                begin = self._sender.in_turn(lambda stack=stack: stack.enter_context(ask(file_id)))  # type: ignore[misc]
                reply = self._sender.attempts(tries, begin)
                try:
                    with translated(self._endpoint):
                        # As they come: joining them would double the CPU.
                        for chunk in Behind(given, checksum).of(reply.iter_bytes()):
                            given, checksum = given + len(chunk), zlib.crc32(chunk, checksum)
                            tries.went_on(self._clock())
                            yield chunk
                    return
                except errors.NbfilesError as error:
                    pause, why = self._sender.pause(tries, error, begun=True), str(error)
            self._sender.wait(pause, why)

    def models(self) -> list[JSON]:
        """List the models with their capabilities (ModelInfo, as JSON); a busy server is not waited for."""
        reply = self._sender.read(lambda: self._sdk.models.with_raw_response.list(limit=100))
        models: list[JSON] = field(reply, "data", list)
        return models

    def skills(self) -> list[JSON]:
        """List the skills of the workspace and Anthropic's own (Skill, as JSON)."""
        found: list[JSON] = []
        options: JSON = {"limit": 100}
        for _ in range(MOST_PAGES):
            ask = lambda options=options: self._sdk.skills.with_raw_response.list(**options)  # noqa: E731
            read = lambda reply: (field(reply, "data", list), reply.get("next_page"))  # noqa: E731
            items, cursor = self._retry(Kind.READ, ask, read)
            found += [item for item in items if isinstance(item, dict)]
            if not isinstance(cursor, str):
                break
            options = {"limit": 100, "page": cursor}
        return found

    def stream(self, request: JSON, on_repeat: OnRepeat = ignore) -> Iterator[JSON]:
        """Send a Messages request and yield its events as JSON, the same shapes as on the wire.

        `on_repeat` is told before it is sent again though a first try may have been carried out and charged;
        that is done once, and not when the answer has begun. When the server is busy, questions
        of other threads wait as well. Raises CutOff when the stream ends before its `message_delta` with a
        stop_reason.
        """
        create = self._sdk.messages.with_streaming_response.create
        with contextlib.ExitStack() as stack:

            def begin() -> Begun:
                with contextlib.ExitStack() as trying:
                    reply = trying.enter_context(create(**request, stream=True))
                    check_type(reply.headers, "text/event-stream")
                    begun = Begun(reply.http_response)
                    stack.push(trying.pop_all())
                    return begun

            tries = self._tries(Kind.QUESTION)
            begun = self._sender.attempts(tries, begin, on_repeat, self._gate)
            with translated(self._endpoint):
                yield from events(begun)

    def close(self) -> None:
        """Close the connections."""
        self._sdk.close()

    def _listed(self, **options: Any) -> tuple[list[RemoteFile], Any]:
        """Return one page of files, and the cursor of the next."""
        ask = self._sdk.files.with_raw_response.list
        page: tuple[list[RemoteFile], Any] = self._paced(Kind.READ, lambda: ask(**options), remote_files)
        return page

    def _is_gone(self, file_id: str) -> bool:
        look = self._sdk.files.with_raw_response.retrieve_metadata
        try:
            remote_file(self._sender.read(self._sender.in_turn(lambda: look(file_id))))
        except errors.ApiError as error:
            if error.status != 404 and not isinstance(error, errors.FileGone):
                raise
            return True
        return False

    def _paced(self, kind: Kind, call: Call, read: Callable[[JSON], Any], on_repeat: OnRepeat = ignore) -> Any:
        """Send a request of the Files API, which has a limit of its own, when its turn has come."""
        return self._retry(kind, self._sender.in_turn(call), read, on_repeat)

    def _retry(self, kind: Kind, call: Call, read: Callable[[JSON], Any], on_repeat: OnRepeat = ignore) -> Any:
        """Return what `read` makes of a reply; one that it cannot read is none of the API."""
        once = lambda: read(self._sender.read(call))  # noqa: E731
        return self._sender.attempts(self._tries(kind), once, on_repeat)

    def _tries(self, kind: Kind) -> Tries:
        return Tries(kind, self._clock(), WAIT_BUDGET_S, (FIRST_BACKOFF_S, LAST_BACKOFF_S))


def _make_sdk(endpoint: Destination) -> anthropic.Anthropic:
    import anthropic
    import httpx2

    logging.getLogger("anthropic._base_client").addFilter(_no_request_bodies)
    options: JSON = {
        "timeout": httpx2.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        "event_hooks": {"response": [lambda response: bound(response, READ_TIMEOUT_S)]},
        "follow_redirects": False,  # a redirect would send the documents to another host
    }
    if urlsplit(endpoint.base_url or "").hostname in ("localhost", "127.0.0.1", "::1"):
        # A transport of our own keeps HTTP_PROXY from sending this machine's own traffic elsewhere.
        uds = str(endpoint.socket) if endpoint.socket else None
        options |= {"transport": httpx2.HTTPTransport(uds=uds), "trust_env": False}
    sdk = anthropic.Anthropic(
        api_key=_clean_key(endpoint.api_key),
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=anthropic.DefaultHttpxClient(**options),
    )
    if sdk.api_key is None and sdk.auth_token is None and sdk.credentials is None:
        raise errors.BadCredentials(
            "No API key found. Set ANTHROPIC_API_KEY before starting Jupyter, or type: %nbfiles use local"
        )
    _clean_key(sdk.api_key), _clean_key(sdk.auth_token)
    return sdk


def _clean_key(key: str | None) -> str | None:
    """Strip a pasted key; refuse what no header can carry before it reaches a traceback."""
    if key is None:
        return None
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise errors.BadCredentials(
            "The API key has blanks or characters that no key has: copy it again into ANTHROPIC_API_KEY, "
            "without line breaks or quotes, and restart the kernel."
        )
    return key


def _no_request_bodies(record: logging.LogRecord) -> bool:
    """Keep prompts out of logs: with ANTHROPIC_LOG=debug the SDK would print every request."""
    return not str(record.msg).startswith("Request options")
