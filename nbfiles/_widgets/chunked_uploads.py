"""What becomes of dropped files, in the kernel: messages of pages come in, rows to show go out.

A row's `state` is `receiving`, `waiting`, then what uploads are in (`reading`, `uploading`, `uploaded`,
`already there`), or `failed`, `cancelled`, `broken`. Messages come on any thread, from any number of pages,
and nothing in them is trusted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nbfiles._files.filenames import safe_name
from nbfiles._widgets.partial_file import MAX_PIECE, PartialFile, check
from nbfiles.errors import UnusableFile

SILENCE_S = 60.0  # a page that sent nothing for so long in the middle of a file has gone, or sleeps
MOST_ROWS = 10_000  # of one zone; no person drops more, and a page gone wild ends here
GONE = "The page was closed or reloaded before all of it had arrived. Drop it again."
MOVING = ("receiving", "waiting", "reading", "uploading")

Message = Mapping[str, Any]
Tell = Callable[[dict[str, Any]], None]
Place = Callable[[str, str], Path]  # key, file name → where to write


@dataclass(frozen=True, slots=True)
class DropRow:
    """One dropped file as pages show it; `received` and `sent` count bytes, `ask` is what to type next.

    `kept` tells that all of it is in the kernel, so that a retry needs no page. `tab` and `page` are of the
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
    """Receives files, and hands whole ones to `arrived` as a row's id and a path."""

    def __init__(self, tell: Tell, place: Place, arrived: Callable[[str, Path], None]) -> None:
        self._tell, self._place, self._arrived = tell, place, arrived
        self._lock = threading.RLock()
        self._rows: dict[str, DropRow] = {}
        self._incoming: dict[str, PartialFile] = {}
        self._paths: dict[str, Path] = {}
        self._watch: threading.Timer | None = None

    def hear(self, content: Any, buffers: Sequence[Any]) -> None:
        """Take one message of a page; what makes no sense is left aside."""
        match content:
            case {"type": "begin", "id": str(id_), "name": str(name), "size": int(size)} if _short(content):
                self._begin(DropRow(id_, safe_name(name), size, content["tab"], content["page"]))
            case {"type": "piece", "id": str(id_), "offset": int(offset)} if buffers:
                self._piece(id_, offset, memoryview(buffers[0]).cast("B"), content.get("epoch"))
            case {"type": "cancel", "id": str(id_)}:
                self._cancel(id_)
            case {"type": "retry", "id": str(id_)}:
                self._retry(id_)
            case {"type": "hello"} if _short(content):
                self._break_off(lambda row: row.tab == content["tab"] and row.page != content["page"])
            case {"type": "leave"} if _short(content):
                self._break_off(lambda row: row.page == content["page"])

    @property
    def paths(self) -> set[Path]:
        """Where the files are that arrived whole."""
        with self._lock:
            return set(self._paths.values())

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows, as for a page."""
        with self._lock:
            return [asdict(row) for row in self._rows.values()]

    def update(self, id_: str, **changes: Any) -> None:
        """Change a row and show it."""
        with self._lock:
            self._rows[id_] = row = replace(self._rows[id_], **changes)
            self._tell({"type": "row", "row": asdict(row)})

    def is_cancelled(self, id_: str) -> bool:
        """Tell whether a person cancelled a file that is being uploaded."""
        return self._rows[id_].state == "cancelled"

    def close(self) -> None:
        """Forget what has not arrived yet."""
        self._break_off(lambda _row: True)

    def _begin(self, row: DropRow) -> None:
        with self._lock:
            before = self._rows.get(row.id)
            if (before and before.state in MOVING) or len(self._rows) >= MOST_ROWS or row.size < 0:
                return
            self._rows[row.id] = row
            try:
                path = self._place(f"incoming {row.id}", row.name)
                check(row.size, path.parent)
                self._incoming[row.id] = PartialFile(path, row.size)
            except (UnusableFile, OSError) as error:
                self.update(row.id, state="failed", note=_why(error))
                return
            self.update(row.id)
            self._look_after()

    def _piece(self, id_: str, offset: int, piece: memoryview, epoch: Any) -> None:
        with self._lock:
            incoming = self._incoming.get(id_)
            if incoming is None or len(piece) > MAX_PIECE:
                self._tell({"type": "unknown", "id": id_, "epoch": epoch})
                return
            try:
                fits = incoming.take(offset, piece)
            except OSError as error:
                self._end(id_, state="failed", note=_why(error))
                return
            self._rows[id_] = row = replace(self._rows[id_], received=incoming.received)
            self._tell({"type": "got", "id": id_, "received": row.received, "epoch": epoch, "fits": fits})
            if incoming.received == incoming.size_bytes:
                self._finish(row)

    def _finish(self, row: DropRow) -> None:
        incoming = self._incoming.pop(row.id)
        # The same bytes under the same name are the same file, which keeps its name when dropped again.
        path = self._place(f"dropped {incoming.sha256}", row.name)
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
        self.update(id_, **changes)

    def _look_after(self) -> None:
        """Break off, when it is time, what its page left in silence."""
        if self._watch is None:
            oldest = min(incoming.heard for incoming in self._incoming.values())
            self._watch = threading.Timer(oldest + SILENCE_S - time.monotonic(), self._look)
            self._watch.daemon = True
            self._watch.start()

    def _look(self) -> None:
        with self._lock:
            self._watch = None
            old = time.monotonic() - SILENCE_S
            self._break_off(lambda row: self._incoming[row.id].heard < old)
            if self._incoming:
                self._look_after()


def _short(content: Message) -> bool:
    """Tell whether a page names itself, and everything in words is of a length that a page would send."""
    texts = [value for value in content.values() if isinstance(value, str)]
    named = isinstance(content.get("tab"), str) and isinstance(content.get("page"), str)
    return named and all(len(text) <= 2000 for text in texts)


def _why(error: UnusableFile | OSError) -> str:
    return f"not written: {error.strerror}" if isinstance(error, OSError) else str(error)
