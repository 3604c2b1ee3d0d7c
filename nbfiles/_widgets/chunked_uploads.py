"""Receive dropped files in pieces: messages of pages come in, rows to show go out.

A row's `state` is `receiving`, `waiting`, then what uploads are in (`reading`, `uploading`, `uploaded`,
`already there`), or `failed`, `cancelled`, `broken`. Messages come on any thread, from any number of pages,
and nothing in them is trusted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nbfiles._files.filenames import is_lock, safe_name
from nbfiles._widgets.partial_file import MAX_PIECE, PartialFile, check, free_bytes
from nbfiles.errors import UnusableFile
from nbfiles.private_values import redacted_repr

SILENCE_S = 60.0  # a page that sent nothing for so long in the middle of a file has gone, or sleeps
MOST_ROWS = 10_000  # of one zone; no person drops more, and a page gone wild ends here
GONE = "The page was closed or reloaded before all of it had arrived. Drop it again."
MOVING = ("receiving", "waiting", "reading", "uploading")

Message = dict[str, object]
Send = Callable[[Message], None]
Cancel = Callable[[], None]
PathFor = Callable[[str, str], Path]  # key, file name → where to write


def start_timer(seconds: float, call: Callable[[], None]) -> Cancel:
    """Call a function once, in a thread, after some seconds; return what cancels it."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    return timer.cancel


@redacted_repr
@dataclass(frozen=True, slots=True)
class DropRow:
    """One dropped file as pages show it; `received` and `sent` count bytes, `ask` is what to type next.

    `kept` says that all of it is in the kernel, so that a retry needs no page. `tab` and `page` are of the
    page that sends it.
    """

    id: str
    name: str
    size: int
    tab: str
    page: str
    state: str = "receiving"
    received: int = 0
    sent: int = 0
    note: str = ""
    ask: str = ""
    kept: bool = False


class ChunkedUploads:
    """Receive files, and pass whole ones to `arrived` as a row's id and a path; `now` counts seconds."""

    def __init__(
        self,
        send: Send,
        path_for: PathFor,
        arrived: Callable[[str, Path], None],
        *,
        now: Callable[[], float] = time.monotonic,
        start_timer: Callable[[float, Callable[[], None]], Cancel] = start_timer,
        free_bytes: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._send, self._path_for, self._arrived = send, path_for, arrived
        self._now, self._start_timer, self._free_bytes = now, start_timer, free_bytes
        self._lock = threading.RLock()
        self._rows: dict[str, DropRow] = {}
        self._incoming: dict[str, PartialFile] = {}
        self._paths: dict[str, Path] = {}
        self._last_piece: dict[str, float] = {}  # when the page sent something of a file that is incoming
        self._cancel_timer: Cancel | None = None

    def receive(self, content: object, buffers: Sequence[bytes | memoryview]) -> None:
        """Take one message of a page; one that makes no sense is ignored."""
        if not isinstance(content, dict):
            return
        match content:
            case {"type": "begin", "id": str(id_), "name": str(name), "size": int(size)} if _is_short(content):
                self._begin(DropRow(id_, safe_name(name), size, content["tab"], content["page"]), name)
            case {"type": "piece", "id": str(id_), "offset": int(offset)} if buffers:
                self._receive_piece(id_, offset, memoryview(buffers[0]).cast("B"), content.get("epoch"))
            case {"type": "cancel", "id": str(id_)}:
                self._cancel(id_)
            case {"type": "retry", "id": str(id_)}:
                self._retry(id_)
            case {"type": "hello"} if _is_short(content):
                self._break_off(lambda row: row.tab == content["tab"] and row.page != content["page"])
            case {"type": "leave"} if _is_short(content):
                self._break_off(lambda row: row.page == content["page"])

    @property
    def paths(self) -> set[Path]:
        """Where the files are that arrived whole."""
        with self._lock:
            return set(self._paths.values())

    def rows(self) -> list[Message]:
        """Return all rows, as for a page."""
        with self._lock:
            return [asdict(row) for row in self._rows.values()]

    def update(self, id_: str, **changes: Any) -> None:
        """Change a row and show it."""
        with self._lock:
            self._rows[id_] = row = replace(self._rows[id_], **changes)
            self._send({"type": "row", "row": asdict(row)})

    def is_cancelled(self, id_: str) -> bool:
        """Return whether a person cancelled a file that is being uploaded."""
        return self._rows[id_].state == "cancelled"

    def close(self) -> None:
        """Discard what has not arrived yet."""
        self._break_off(lambda _row: True)

    def _begin(self, row: DropRow, own_name: str) -> None:
        with self._lock:
            before = self._rows.get(row.id)
            if (before and before.state in MOVING) or len(self._rows) >= MOST_ROWS or row.size < 0:
                return
            self._rows[row.id] = row
            try:
                if is_lock(own_name, row.size):
                    raise UnusableFile("it only says that an office program has a file open")
                path = self._path_for(f"incoming {row.id}", row.name)
                check(row.size, self._free_bytes(path.parent))
                self._incoming[row.id] = PartialFile(path, row.size)
                self._last_piece[row.id] = self._now()
            except (UnusableFile, OSError) as error:
                self.update(row.id, state="failed", note=_why(error))
                return
            self.update(row.id)
            self._watch_for_silence()

    def _receive_piece(self, id_: str, offset: int, piece: memoryview, epoch: object) -> None:
        with self._lock:
            incoming = self._incoming.get(id_)
            if incoming is None or len(piece) > MAX_PIECE:
                self._send({"type": "unknown", "id": id_, "epoch": epoch})
                return
            try:
                self._last_piece[id_] = self._now()
                fits = incoming.write(offset, piece)
            except OSError as error:
                self._end(id_, state="failed", note=_why(error))
                return
            self._rows[id_] = row = replace(self._rows[id_], received=incoming.received)
            self._send({"type": "got", "id": id_, "received": row.received, "epoch": epoch, "fits": fits})
            if incoming.received == incoming.size_bytes:
                self._finish(row)

    def _finish(self, row: DropRow) -> None:
        incoming = self._incoming.pop(row.id)
        del self._last_piece[row.id]
        # The same bytes under the same name are the same file, which keeps its name when dropped again.
        path = self._path_for(f"dropped {incoming.sha256}", row.name)
        incoming.finish(path)
        self._paths[row.id] = path
        self.update(row.id, state="waiting", kept=True)
        self._arrived(row.id, path)

    def _cancel(self, id_: str) -> None:
        with self._lock:
            if id_ in self._rows and self._rows[id_].state in MOVING:
                self._end(id_, state="cancelled")

    def _retry(self, id_: str) -> None:
        with self._lock:
            if id_ in self._paths and self._rows[id_].state in ("failed", "cancelled"):
                self.update(id_, state="waiting", note="", sent=0)
                self._arrived(id_, self._paths[id_])

    def _break_off(self, gone: Callable[[DropRow], bool]) -> None:
        with self._lock:
            for row in [self._rows[id_] for id_ in self._incoming]:
                if gone(row):
                    self._end(row.id, state="broken", note=GONE)

    def _end(self, id_: str, **changes: Any) -> None:
        if incoming := self._incoming.pop(id_, None):
            incoming.discard()
            del self._last_piece[id_]
        self.update(id_, **changes)

    def _watch_for_silence(self) -> None:
        """Break off, when it is time, the files whose page sends nothing any more."""
        if self._cancel_timer is None:
            seconds = min(self._last_piece.values()) + SILENCE_S - self._now()
            self._cancel_timer = self._start_timer(max(seconds, 0.0), self._break_off_silent)

    def _break_off_silent(self) -> None:
        with self._lock:
            self._cancel_timer = None
            oldest = self._now() - SILENCE_S
            self._break_off(lambda row: self._last_piece[row.id] <= oldest)
            if self._incoming:
                self._watch_for_silence()


def _is_short(content: Message) -> bool:
    """Return whether a page names itself, and every text is of a length that a page would send."""
    texts = [value for value in content.values() if isinstance(value, str)]
    named = isinstance(content.get("tab"), str) and isinstance(content.get("page"), str)
    return named and all(len(text) <= 2000 for text in texts)


def _why(error: UnusableFile | OSError) -> str:
    return f"not written: {error.strerror}" if isinstance(error, OSError) else str(error)
