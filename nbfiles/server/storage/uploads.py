"""A multipart upload, from the socket to a staged file without passing through memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from nbfiles.server.errors import invalid
from nbfiles.server.rules.sizes import FILE_LIMIT, too_large

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FLUSH = 1024 * 1024  # bytes per write: fewer thread switches than the 64 KiB chunks that arrive
MAX_PARTS = 8  # the API has two; the rest is room for clients that add fields
LONGEST_BOUNDARY = 70  # characters (RFC 2046)
MAX_FIELD = 1024  # bytes of a field that is not the file


@dataclass
class MultipartUpload:
    """What one upload request carried; the bytes are in the staged file."""

    filename: str = ""
    mime_type: str = ""
    has_file: bool = False
    size: int = 0
    head: bytes = b""  # first bytes, for type detection
    fields: dict[str, str] = field(default_factory=dict)


async def receive(stream: AsyncIterator[bytes], content_type: str, staged: Path) -> MultipartUpload:
    """Read a whole request body, writing its `file` part to `staged`."""
    parts = _Parts()
    parser = _parser(content_type, parts)
    with staged.open("xb", buffering=0) as target:
        staged.chmod(0o600)
        writer = _Writer(target)
        try:
            async for chunk in stream:
                parser.write(chunk)
                if len(parts.pending) >= FLUSH:
                    await writer.write(parts.take_pending())
            parts.check_complete()
            await writer.write(parts.take_pending())
        except FormParserError as problem:
            raise invalid(f"The multipart body is malformed: {problem}") from None
        finally:
            await writer.finish()  # also before an error goes on: the file is about to be closed
    return parts.upload


class _Writer:
    """Writes in a thread while the next bytes arrive; one write at a time, so at most two are in memory."""

    def __init__(self, target: FileIO) -> None:
        self._target = target
        self._under_way: asyncio.Future[None] | None = None

    async def write(self, data: bytearray) -> None:
        """Begin to write, once the write before has ended."""
        await self.finish()
        self._under_way = asyncio.ensure_future(run_in_threadpool(_write, data, self._target))

    async def finish(self) -> None:
        """Wait for what is being written; raises its error."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            await under_way


def _parser(content_type: str, parts: _Parts) -> MultipartParser:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= LONGEST_BOUNDARY:
        raise invalid("Expected a multipart/form-data body with a `file` part.")
    return MultipartParser(boundary, parts.callbacks(), max_header_count=8, max_header_size=4096)


def _write(data: bytearray, target: FileIO) -> None:
    view = memoryview(data)
    while view:
        view = view[target.write(view) :]


class _Parts:
    """Follows the parser from part to part; file bytes collect in `pending` until they are written."""

    def __init__(self) -> None:
        self.upload = MultipartUpload()
        self.pending = bytearray()
        self._complete = False
        self._count = 0
        self._headers: dict[str, bytes] = {}
        self._name = ""
        self._header = b""
        self._value = b""
        self._field = b""

    def callbacks(self) -> MultipartCallbacks:
        events = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end", "end")
        callbacks = {f"on_{event}": getattr(self, event) for event in (*events, "headers_finished")}
        return cast("MultipartCallbacks", callbacks)

    def take_pending(self) -> bytearray:
        """Hand over the bytes of the file that are not written yet."""
        pending, self.pending = self.pending, bytearray()
        return pending

    def end(self) -> None:
        self._complete = True

    def check_complete(self) -> None:
        """Refuse a body without its closing line: what arrived may be half a file."""
        if not self._complete:
            raise invalid("The multipart body ends early.")

    def part_begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise invalid("The multipart body has too many parts.")
        self._headers, self._field = {}, b""

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = self._value
        self._header = self._value = b""

    def headers_finished(self) -> None:
        disposition = self._headers.get("content-disposition", b"")
        # Behind a slash the parser does not take `C:\\a.txt` for a path and cut it to `a.txt`.
        _, options = parse_options_header(disposition.replace(b'filename="', b'filename="/', 1))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name == "file":
            self._begin_file(options.get(b"filename", b""))

    def _begin_file(self, filename: bytes) -> None:
        if self.upload.has_file:
            raise invalid("Only one `file` part is allowed.")
        self.upload.has_file = True
        self.upload.filename = filename.decode("utf-8", "replace").removeprefix("/")
        self.upload.mime_type = self._headers.get("content-type", b"").decode("latin-1").strip()

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == "file":
            self._file_data(data, start, end)
        else:
            self._field += data[start:end]
            if len(self._field) > MAX_FIELD:
                raise invalid(f"The field `{self._name}` is too long.")

    def _file_data(self, data: bytes, start: int, end: int) -> None:
        if len(self.upload.head) < 512:
            self.upload.head += data[start : min(end, start + 512)]
        self.upload.size += end - start
        if self.upload.size > FILE_LIMIT:
            raise too_large(FILE_LIMIT)
        self.pending += memoryview(data)[start:end]

    def part_end(self) -> None:
        if self._name != "file":
            self.upload.fields[self._name] = self._field.decode("utf-8", "replace")
