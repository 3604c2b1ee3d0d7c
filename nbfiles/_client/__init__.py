"""The only importer of the Anthropic SDK: requests out, checked values in, its errors mapped to ours."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import IO, TYPE_CHECKING

from nbfiles import errors, stop
from nbfiles._client.download import download
from nbfiles._client.error_mapping import no_files_api, not_the_api
from nbfiles._client.rate_limit import SharedWait
from nbfiles._client.replies import check_deleted, field, next_page, remote_file, remote_files
from nbfiles._client.retry import RequestKind
from nbfiles._client.sdk import make_sdk
from nbfiles._client.sender import OnRepeat, OnWait, Sender, ignore
from nbfiles._client.sse import events, open_stream
from nbfiles._client.timeouts import DEFAULTS, Timeouts
from nbfiles.destinations import Destination
from nbfiles.records import JSON, LOCAL_SERVER, RemoteFile

if TYPE_CHECKING:
    from anthropic.types import FileListParams

IDS_A_REQUEST = 100  # the API's limit for files.list(ids=…)
MOST_PAGES = 10  # of skills, a hundred each; more than anybody reads
ANSWERED_BY = "nbfiles-answered-by"  # a header of the local server's own answers, and of no other's
LARGEST_PAGE = 1000  # the API's limit for one page of files.list


class Client:
    """The API of one destination, through the official SDK.

    Every method raises only `NbfilesError`s (and KeyboardInterrupt). What failed is sent again as the table
    in `retry` says; `on_wait` is called once a second with how long the client still waits before it does.
    """

    def __init__(
        self,
        destination: Destination,
        on_wait: OnWait = ignore,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = stop.sleep,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._sender = Sender(destination, on_wait, timeouts or DEFAULTS, clock, sleep)
        self._busy, self._label = SharedWait(clock), destination.label
        with self._sender.translate_errors():
            self._sdk = make_sdk(destination, self._sender.timeouts)

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
        first try may have stored it, `on_repeat` is called, which raises where it is not to be sent.
        """
        send = self._sdk.files.with_raw_response.upload
        options: JSON = {} if expires_in is None else {"expires_in_seconds": expires_in}
        request = lambda: send(file=(name, handle, mime_type), **options)  # noqa: E731
        try:
            return self._sender.files_request(RequestKind.UPLOAD, request, remote_file, on_repeat)
        except errors.ApiError as error:
            if error.status != 404 or isinstance(error, errors.FileGone):
                raise
            raise errors.ApiError(*no_files_api(self._label), status=404) from None

    def metadata(self, file_id: str) -> RemoteFile:
        """Look one file up; raises FileGone where it is not there."""
        retrieve = self._sdk.files.with_raw_response.retrieve_metadata
        return self._sender.files_request(RequestKind.READ, lambda: retrieve(file_id), remote_file)

    def alive(self, file_ids: Sequence[str]) -> dict[str, RemoteFile]:
        """Look many files up, `IDS_A_REQUEST` a request; those that are gone are left out."""
        by_id: dict[str, RemoteFile] = {}
        for start in range(0, len(file_ids), IDS_A_REQUEST):
            files, _ = self._list_files({"ids": list(file_ids[start : start + IDS_A_REQUEST])})
            by_id |= {file.file_id: file for file in files}
        return by_id

    def pages(self, size: int = LARGEST_PAGE) -> Iterator[list[RemoteFile]]:
        """Yield the workspace's files, newest first, in pages; NotTheApi where the server repeats one for ever."""
        cursors: set[str] = set()
        options: FileListParams = {"limit": size}
        while True:
            files, cursor = self._list_files(options)
            yield files
            if cursor is None:
                return
            if cursor in cursors:
                raise errors.NotTheApi(*not_the_api("a list of files whose pages repeat"))
            cursors.add(cursor)
            options["page"] = cursor

    def newest(self) -> list[RemoteFile]:
        """Return the newest files, up to a hundred."""
        return next(self.pages(100))

    def delete(self, file_id: str) -> None:
        """Delete a file from the workspace; where that may have been done, look first whether it is gone."""
        send = self._sdk.files.with_raw_response.delete
        doubts: list[str] = []

        def delete_once() -> None:
            if doubts and self._is_gone(file_id):
                return
            try:
                check_deleted(self._sender.read_json(self._sender.with_rate_limit(lambda: send(file_id))), file_id)
            except errors.FileGone:
                if not doubts:
                    raise

        self._sender.retry(self._sender.tries(RequestKind.DELETE), delete_once, doubts.append)

    def download(self, file_id: str, mime_type: str = "") -> Iterator[bytes]:
        """Yield the bytes of a file of this type as they come; raises CutOff where they cannot be had to their end.

        Raises NotTheApi where a web page or a message in JSON comes, and the file is none.
        """
        request = self._sdk.files.with_streaming_response.download
        return download(self._sender, lambda: request(file_id), mime_type)

    def models(self) -> list[JSON]:
        """List the models with their capabilities (ModelInfo, as JSON); a busy server is not waited for."""
        reply = self._sender.read_json(lambda: self._sdk.models.with_raw_response.list(limit=100))
        return field(reply, "data", list)

    def skills(self) -> list[JSON]:
        """List the skills of the workspace and Anthropic's own (Skill, as JSON)."""
        skills: list[JSON] = []
        options: JSON = {"limit": 100}
        for _ in range(MOST_PAGES):
            request = lambda options=options: self._sdk.skills.with_raw_response.list(**options)  # noqa: E731
            items, cursor = self._sender.request(RequestKind.READ, request, _items)
            skills += [item for item in items if isinstance(item, dict)]
            if cursor is None:
                break
            options = {"limit": 100, "page": cursor}
        return skills

    def stream(self, request: JSON, on_repeat: OnRepeat = ignore) -> Iterator[JSON]:
        """Send a Messages request and yield its events as JSON, the same shapes as on the wire.

        `on_repeat` is called before it is sent again though a first try may have been carried out and charged;
        that is done once, and not when the answer has begun. When the server is busy, questions of other
        threads wait as well. The local server of nbfiles says in a header who it is, which is the first event
        then: `LOCAL_SERVER`. Raises CutOff when the stream ends before its `message_delta` with a stop_reason.
        """
        send = self._sdk.messages.with_streaming_response.create
        with contextlib.ExitStack() as stack:
            for attempt in self._sender.attempts(self._sender.tries(RequestKind.QUESTION), on_repeat, self._busy):
                with attempt:
                    body = open_stream(send(**request, stream=True), stack)
                    break
            if body.headers.get(ANSWERED_BY) == "local":
                yield {"type": LOCAL_SERVER}
            with self._sender.translate_errors():
                yield from events(body, self._sender.timeouts.silence_s, self._sender.clock)

    def close(self) -> None:
        """Close the connections."""
        self._sdk.close()

    def _list_files(self, options: FileListParams) -> tuple[list[RemoteFile], str | None]:
        """Return one page of files, and the cursor of the next."""
        request = self._sdk.files.with_raw_response.list
        return self._sender.files_request(RequestKind.READ, lambda: request(**options), remote_files)

    def _is_gone(self, file_id: str) -> bool:
        retrieve = self._sdk.files.with_raw_response.retrieve_metadata
        try:
            remote_file(self._sender.read_json(self._sender.with_rate_limit(lambda: retrieve(file_id))))
        except errors.ApiError as error:
            if error.status != 404 and not isinstance(error, errors.FileGone):
                raise
            return True
        return False


def _items(reply: JSON) -> tuple[list[object], str | None]:
    return field(reply, "data", list), next_page(reply)
