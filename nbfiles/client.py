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
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbfiles import errors, faults
from nbfiles.records import Endpoint, RemoteFile

if TYPE_CHECKING:
    import anthropic
    import httpx2

JSON = dict[str, Any]
OnWait = Callable[[float, str], None]  # seconds left, why we wait

CONNECT_TIMEOUT_S = 5.0  # the SDK's own; a host that is there answers far sooner
READ_TIMEOUT_S = 60.0  # between two reads; the API pings a stream more often, so silence means a dead line
WAIT_BUDGET_S = 60.0  # the longest a cell waits for a busy server; the SDK would obey a header for weeks
FIRST_BACKOFF_S, LAST_BACKOFF_S = 0.5, 8.0  # the SDK's own steps
DOWNLOAD_CHUNK = 1 << 20  # bytes; fewer, larger writes than the SDK's 64 KiB
IDS_A_REQUEST = 100  # the API's limit for files.list(ids=…)


class Client:
    """One endpoint, spoken to through the official SDK.

    Every method raises only `NbfilesError`s (and KeyboardInterrupt). `on_wait` is told once a second
    how long the client still waits before it asks a busy server again.
    """

    def __init__(self, endpoint: Endpoint, on_wait: OnWait = lambda _seconds, _why: None) -> None:
        self._endpoint = endpoint
        self._on_wait = on_wait
        with _translated(endpoint):
            self._sdk = _make_sdk(endpoint)

    def upload(self, handle: IO[bytes], name: str, mime_type: str) -> RemoteFile:
        """Send an open, seekable handle from its start; not again after a lost reply: it may be there."""
        send = self._sdk.files.with_raw_response.upload
        return _file(self._retry(lambda: send(file=(name, handle, mime_type)), lost_reply=False))

    def metadata(self, file_id: str) -> RemoteFile:
        """Look one file up; raises FileGone where it is not there."""
        return _file(self._retry(lambda: self._sdk.files.with_raw_response.retrieve_metadata(file_id)))

    def alive(self, file_ids: Sequence[str]) -> dict[str, RemoteFile]:
        """Look many files up, `IDS_A_REQUEST` a request; those that are gone are left out."""
        found: dict[str, RemoteFile] = {}
        for start in range(0, len(file_ids), IDS_A_REQUEST):
            ids = list(file_ids[start : start + IDS_A_REQUEST])
            reply = self._retry(lambda ids=ids: self._sdk.files.with_raw_response.list(ids=ids))  # type: ignore[misc]
            found |= {item["id"]: _file(item) for item in _field(reply, "data", list)}
        return found

    def delete(self, file_id: str) -> None:
        """Delete a file from the workspace."""
        self._retry(lambda: self._sdk.files.with_raw_response.delete(file_id))

    def download(self, file_id: str) -> Iterator[bytes]:
        """Yield a file's bytes as they come; raises CutOff where the connection breaks."""
        with _translated(self._endpoint), self._sdk.files.with_streaming_response.download(file_id) as reply:
            yield from reply.iter_bytes(DOWNLOAD_CHUNK)

    def models(self) -> list[JSON]:
        """List the models with their capabilities (ModelInfo, as JSON)."""
        reply = self._retry(lambda: self._sdk.models.with_raw_response.list(limit=100))
        models: list[JSON] = _field(reply, "data", list)
        return models

    def stream(self, request: JSON) -> Iterator[JSON]:
        """Send a Messages request and yield its events as JSON, the same shapes as on the wire.

        Only a request that was refused before it began is sent again. Raises CutOff when the stream
        ends before its `message_delta` with a stop_reason.
        """
        create = self._sdk.messages.with_streaming_response.create
        with contextlib.ExitStack() as stack:
            begin = lambda: stack.enter_context(create(**request, stream=True))  # noqa: E731
            reply = self._attempts(begin, lost_reply=False)
            with _translated(self._endpoint):
                _check_type(reply.headers, "text/event-stream")
                yield from _events(reply.http_response)

    def close(self) -> None:
        """Close the connections."""
        self._sdk.close()

    def _retry(self, call: Callable[[], Any], *, lost_reply: bool = True) -> JSON:
        raw = self._attempts(call, lost_reply=lost_reply)
        _check_type(raw.headers, "application/json")
        with _translated(self._endpoint):
            reply = json.loads(raw.read())
        if not isinstance(reply, dict):
            raise errors.NotTheApi(faults.not_the_api("a reply that is no object"))
        return reply

    def _attempts(self, call: Callable[[], Any], *, lost_reply: bool) -> Any:
        """Call until it works, the error is final, or `WAIT_BUDGET_S` is spent."""
        backoff, deadline = FIRST_BACKOFF_S, time.monotonic() + WAIT_BUDGET_S
        while True:
            try:
                with _translated(self._endpoint):
                    return call()
            except errors.NbfilesError as error:
                pause = _pause(error, backoff, lost_reply=lost_reply)
                if pause is None or time.monotonic() + pause > deadline:
                    raise
                self._wait(pause, str(error))
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


def _file(item: JSON) -> RemoteFile:
    expires = item.get("expires_at")
    return RemoteFile(
        file_id=_field(item, "id", str),
        filename=_field(item, "filename", str),
        mime_type=_field(item, "mime_type", str),
        size_bytes=_field(item, "size_bytes", int),
        created_at=datetime.fromisoformat(_field(item, "created_at", str)),
        expires_at=datetime.fromisoformat(expires) if isinstance(expires, str) else None,
        downloadable=item.get("downloadable") is True,
    )


def _field(reply: JSON, name: str, kind: type) -> Any:
    value = reply.get(name) if isinstance(reply, dict) else None
    if not isinstance(value, kind):
        raise errors.NotTheApi(faults.not_the_api(f"a reply without a proper “{name}”"))
    return value


def _check_type(headers: Any, wanted: str) -> None:
    got = headers.get("content-type", "no type").partition(";")[0]
    if got != wanted:
        raise errors.NotTheApi(faults.not_the_api(f"{got} instead of {wanted}"))


def _events(response: httpx2.Response) -> Iterator[JSON]:
    """Decode server-sent events; the SDK's own helper costs 2.7 times as much and hides a cut stream."""
    import anthropic

    done = False
    for sse in anthropic.Stream.raw_events(response):
        if sse.event in ("ping", None) or not sse.data:
            continue
        event = sse.json()
        if not isinstance(event, dict):
            raise errors.NotTheApi(faults.not_the_api("an event that is no object"))
        if sse.event == "error":
            body = event.get("error") or {}
            raise faults.from_api(200, kind=body.get("type"), message=str(body.get("message", "")))
        done = (
            done or event.get("type") == "message_stop" or bool((event.get("delta") or {}).get("stop_reason"))
        )
        yield event
    if not done:
        raise errors.CutOff("The answer broke off: the connection ended before the server said it was done.")


def _pause(error: errors.NbfilesError, backoff: float, *, lost_reply: bool) -> float | None:
    """Return seconds to wait before the next try, or None where trying again cannot or must not help."""
    if isinstance(error, errors.ApiError) and error.retriable:
        return max(error.retry_after or 0.0, backoff)
    if isinstance(error, errors.NoConnection) and error.retriable and (lost_reply or not error.sent):
        return backoff
    return None


@contextlib.contextmanager
def _translated(endpoint: Endpoint) -> Iterator[None]:
    """Turn everything the SDK and httpx2 raise into one of ours, with the cause in words."""
    import anthropic
    import httpx2

    try:
        yield
    except errors.NbfilesError:
        raise
    except anthropic.APIStatusError as error:
        raise _from_status(error) from error
    except (anthropic.APIConnectionError, httpx2.TransportError) as error:
        raise _from_connection(error, endpoint) from None  # the cause may hold the key in a header
    except anthropic.CredentialsError as error:
        raise errors.BadCredentials(f"{error} Type %nbfiles use local to work without Claude.") from None
    except (anthropic.AnthropicError, httpx2.HTTPError, ValueError, AttributeError, IndexError) as error:
        raise errors.NotTheApi(faults.not_the_api(f"a broken reply, {type(error).__name__}")) from error


def _from_status(error: anthropic.APIStatusError) -> errors.NbfilesError:
    return faults.from_api(
        error.status_code,
        kind=error.type,
        code=error.error_code,
        message=error.api_message if isinstance(error.api_message, str) else "",
        request_id=error.request_id,
        headers=error.response.headers,
    )


def _from_connection(error: Exception, endpoint: Endpoint) -> errors.NbfilesError:
    import anthropic
    import httpx2

    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) and error.__cause__ else error
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return errors.NoConnection(faults.no_server(endpoint.label), sent=False, retriable=True)
    if isinstance(cause, httpx2.LocalProtocolError):
        return errors.NoConnection(
            "The request could not be sent: the file changed while it was read, or a "
            "header has a forbidden character. Try again.",
            sent=False,
        )
    if isinstance(cause, httpx2.TimeoutException):
        return errors.NoConnection(
            f"No answer from {endpoint.label} within {READ_TIMEOUT_S:.0f} s. Try again."
        )
    return errors.CutOff(f"The connection to {endpoint.label} broke off. Try again.")
