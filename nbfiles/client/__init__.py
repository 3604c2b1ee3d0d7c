"""The only importer of the Anthropic SDK: requests out, checked values in, its errors mapped to ours.

The SDK is imported on the first request, never before (1.2 s of CPU). Its retries are off: `_Retry`
decides. Replies are read as JSON and checked here, because the SDK does not validate them.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbfiles import errors, faults
from nbfiles.client.deadline import bound
from nbfiles.client.trouble import READ_TIMEOUT_S, translated
from nbfiles.client.wire import JSON, check_type, events, field, remote_file
from nbfiles.pace import FILES_A_MINUTE, Gate, Pace
from nbfiles.records import Endpoint, RemoteFile

if TYPE_CHECKING:
    import anthropic

OnWait = Callable[[float, str], None]  # seconds left, why we wait

CONNECT_TIMEOUT_S = 5.0  # the SDK's own; a host that is there answers far sooner
WAIT_BUDGET_S = 60.0  # the longest a cell waits for a busy server; the SDK would obey a header for weeks
FIRST_BACKOFF_S, LAST_BACKOFF_S = 0.5, 8.0  # the SDK's own steps
IDS_A_REQUEST = 100  # the API's limit for files.list(ids=…)
MOST_PAGES = 10  # of skills, a hundred each; more than anybody reads
LARGEST_PAGE = 1000  # the API's limit for one page of files.list


class Client:
    """One endpoint, spoken to through the official SDK.

    Every method raises only `NbfilesError`s (and KeyboardInterrupt). `on_wait` is told once a second
    how long the client still waits before it asks a busy server again.
    """

    def __init__(self, endpoint: Endpoint, on_wait: OnWait = lambda _seconds, _why: None) -> None:
        self._endpoint = endpoint
        self._on_wait = on_wait
        self._gate = Gate()
        self._pace = Pace(None if endpoint.billing == "free" else FILES_A_MINUTE)
        with translated(endpoint):
            self._sdk = _make_sdk(endpoint)

    def upload(
        self, handle: IO[bytes], name: str, mime_type: str, expires_in: int | None = None
    ) -> RemoteFile:
        """Send an open, seekable handle from its start; not again after a lost reply: it may be there.

        The file lives for `expires_in` seconds, or until it is deleted.
        """
        send = self._sdk.files.with_raw_response.upload
        options: JSON = {} if expires_in is None else {"expires_in_seconds": expires_in}
        return remote_file(
            self._paced(lambda: send(file=(name, handle, mime_type), **options), lost_reply=False)
        )

    def metadata(self, file_id: str) -> RemoteFile:
        """Look one file up; raises FileGone where it is not there."""
        return remote_file(self._paced(lambda: self._sdk.files.with_raw_response.retrieve_metadata(file_id)))

    def alive(self, file_ids: Sequence[str]) -> dict[str, RemoteFile]:
        """Look many files up, `IDS_A_REQUEST` a request; those that are gone are left out."""
        found: dict[str, RemoteFile] = {}
        for start in range(0, len(file_ids), IDS_A_REQUEST):
            ids = list(file_ids[start : start + IDS_A_REQUEST])
            reply = self._paced(lambda ids=ids: self._sdk.files.with_raw_response.list(ids=ids))  # type: ignore[misc]
            files = [remote_file(item) for item in field(reply, "data", list)]
            found |= {file.file_id: file for file in files}
        return found

    def pages(self, size: int = LARGEST_PAGE) -> Iterator[list[RemoteFile]]:
        """Yield the workspace's files, newest first, up to `size` a page and a request.

        Raises NotTheApi for a server that repeats a cursor, where the SDK would go on for ever.
        """
        cursors: set[str] = set()
        options: JSON = {}
        while True:
            reply = self._paced(
                lambda options=options: self._sdk.files.with_raw_response.list(limit=size, **options)  # type: ignore[misc]
            )
            yield [remote_file(item) for item in field(reply, "data", list)]
            cursor = reply.get("next_page")
            if not isinstance(cursor, str):
                return
            if cursor in cursors:
                raise errors.NotTheApi(faults.not_the_api("a list of files that goes in circles"))
            cursors.add(cursor)
            options = {"page": cursor}

    def newest(self) -> list[RemoteFile]:
        """Return the newest files, up to a hundred."""
        return next(self.pages(100))

    def delete(self, file_id: str) -> None:
        """Delete a file from the workspace."""
        self._paced(lambda: self._sdk.files.with_raw_response.delete(file_id))

    def download(self, file_id: str) -> Iterator[bytes]:
        """Yield a file's bytes as they come; raises CutOff where the connection breaks."""
        ask = self._sdk.files.with_streaming_response.download
        with contextlib.ExitStack() as stack:
            begin = self._in_turn(lambda: stack.enter_context(ask(file_id)))
            reply = self._attempts(begin, lost_reply=True)
            with translated(self._endpoint):
                yield from reply.iter_bytes()  # as they come: joining them would double the CPU

    def models(self) -> list[JSON]:
        """List the models with their capabilities (ModelInfo, as JSON); a busy server is not waited for."""
        reply = self._read(lambda: self._sdk.models.with_raw_response.list(limit=100))
        models: list[JSON] = field(reply, "data", list)
        return models

    def skills(self) -> list[JSON]:
        """List the skills of the workspace and Anthropic's own (Skill, as JSON)."""
        found: list[JSON] = []
        options: JSON = {"limit": 100}
        for _ in range(MOST_PAGES):
            reply = self._retry(lambda options=options: self._sdk.skills.with_raw_response.list(**options))  # type: ignore[misc]
            found += [item for item in field(reply, "data", list) if isinstance(item, dict)]
            if not isinstance(cursor := reply.get("next_page"), str):
                break
            options = {"limit": 100, "page": cursor}
        return found

    def stream(self, request: JSON) -> Iterator[JSON]:
        """Send a Messages request and yield its events as JSON, the same shapes as on the wire.

        Only a request that was refused before it began is sent again; when the server is busy, questions of
        other threads wait as well. Raises CutOff when the stream
        ends before its `message_delta` with a stop_reason.
        """
        create = self._sdk.messages.with_streaming_response.create
        with contextlib.ExitStack() as stack:
            begin = lambda: stack.enter_context(create(**request, stream=True))  # noqa: E731
            reply = self._attempts(begin, lost_reply=False, gate=self._gate)
            with translated(self._endpoint):
                check_type(reply.headers, "text/event-stream")
                yield from events(reply.http_response)

    def close(self) -> None:
        """Close the connections."""
        self._sdk.close()

    def _paced(self, call: Callable[[], Any], *, lost_reply: bool = True) -> JSON:
        """Send a request of the Files API, which has a limit of its own, when its turn has come."""
        return self._retry(self._in_turn(call), lost_reply=lost_reply)

    def _in_turn(self, call: Callable[[], Any]) -> Callable[[], Any]:
        def in_turn() -> Any:
            self._pace.take()
            try:
                with translated(self._endpoint):
                    reply = call()
            except errors.RateLimited:
                self._pace.refused()
                raise
            else:
                self._pace.learn(reply.headers)
                return reply
            finally:
                self._pace.done()

        return in_turn

    def _retry(self, call: Callable[[], Any], *, lost_reply: bool = True) -> JSON:
        return self._read(lambda: self._attempts(call, lost_reply=lost_reply))

    def _read(self, call: Callable[[], Any]) -> JSON:
        with translated(self._endpoint):
            raw = call()
        check_type(raw.headers, "application/json")
        with translated(self._endpoint):
            reply = json.loads(raw.read())
        if not isinstance(reply, dict):
            raise errors.NotTheApi(faults.not_the_api("a reply that is no object"))
        return reply

    def _attempts(self, call: Callable[[], Any], *, lost_reply: bool, gate: Gate | None = None) -> Any:
        """Call until it works, the error is final, or `WAIT_BUDGET_S` is spent; a closed gate holds it up."""
        backoff, deadline, gate = FIRST_BACKOFF_S, time.monotonic() + WAIT_BUDGET_S, gate or Gate()
        while True:
            self._wait(*gate.left())
            try:
                with translated(self._endpoint):
                    return call()
            except errors.NbfilesError as error:
                pause = _pause(error, backoff, lost_reply=lost_reply)
                if pause is None or time.monotonic() + pause > deadline:
                    raise
                gate.close(pause, str(error))
                backoff = min(backoff * 2, LAST_BACKOFF_S)

    def _wait(self, seconds: float, why: str) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._on_wait(left, why)
            time.sleep(min(left, 1.0))


def _make_sdk(endpoint: Endpoint) -> anthropic.Anthropic:
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


def _pause(error: errors.NbfilesError, backoff: float, *, lost_reply: bool) -> float | None:
    """Return seconds to wait before the next try, or None where trying again cannot or must not help."""
    if isinstance(error, errors.ApiError) and error.retriable:
        return max(error.retry_after or 0.0, backoff)
    if isinstance(error, errors.NoConnection) and error.retriable and (lost_reply or not error.sent):
        return backoff
    return None
