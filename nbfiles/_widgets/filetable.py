"""A table of a kernel's files that keeps up with them: the page sorts, filters and asks, a clerk answers."""

from __future__ import annotations

import threading
from typing import Any

from nbfiles._display import files, output
from nbfiles._widgets import assets
from nbfiles._widgets.base import Widget
from nbfiles._widgets.filetable_backend import Answer, FileTableBackend
from nbfiles.errors import NbfilesError
from nbfiles.records import Files
from nbfiles.session import Session

PART = 1000  # rows a message; the page reads more of them too long to stay smooth (benchmarks/filetable.py)
PAUSE_S = 0.1  # what changes within it goes to the page in one message; people notice no delay
DOING = {"delete": "Deleting …", "download": "Downloading …", "info": "", "plan": ""}
BROKEN = "This went wrong inside nbfiles; what exactly is in the log of the kernel."


class FileTable(Widget):
    """The files of this kernel, live: sort, filter, select, delete, download, show what is known, copy names.

    Files that come and go appear by themselves, whatever brought them. All rows go in custom messages, none
    in a trait. The page is answered while a cell runs; what needs the network runs in a thread of its own.
    """

    _esm = assets.module("filetable.js")
    _css = assets.style("filetable.css")
    note = "This was a live table of files. To use it, run the cell again."

    def __init__(self, session: Session, pattern: str = "*", sort: str | None = None) -> None:
        super().__init__()
        self._clerk = FileTableBackend(session, pattern)
        self._order = {"by": sort, "down": sort == "size"} if sort else None  # the largest first, as in %files
        self._changed: dict[str, None] = {}  # in the order in which they came
        self._lock = threading.Lock()  # rows and changes go out in the order in which they were read
        self._timer: threading.Timer | None = None
        self._end = session.library.registry.listen(self._note)
        self.on_msg(self._hear)

    def close(self) -> None:
        """End the table: the page shows it no more, and nothing is sent."""
        self._end()
        super().close()

    def _ipython_display_(self) -> None:
        """Show the table and, for a page without it, the files as they are now."""
        self.show(self._clerk.files())

    def show(self, found: Files) -> None:
        """Show the table and, for a page without it, the files `found`."""
        self.show_with(files.bundle(found, self.note if output.in_notebook() else ""))

    def _hear(self, _widget: Any, message: Answer, _buffers: Any) -> None:
        """Answer the page, in its thread where nothing is waited for."""
        if not isinstance(message, dict):
            return
        if message.get("ask") == "rows":
            with self._lock:
                rows = self._clerk.rows()
                self._reply(message, {"rows": rows[:PART], "order": self._order})
                self._put(rows[PART:], known=True)
            return
        self._reply(message, {"heard": DOING.get(str(message.get("ask")), "")})
        threading.Thread(target=self._answer, args=(message,), daemon=True).start()

    def _answer(self, message: Answer) -> None:
        answer: Answer = {"problem": BROKEN}
        try:
            answer = self._clerk.answer(message)
        except NbfilesError as error:
            answer = {"problem": str(error)}
        finally:
            self._reply(message, answer)

    def _reply(self, message: Answer, answer: Answer) -> None:
        self.send({"view": message.get("view"), "number": message.get("number")} | answer)

    def _note(self, key: str) -> None:
        """Note a change, and send it soon together with others."""
        with self._lock:
            self._changed[key] = None
            if self._timer is None:
                self._timer = threading.Timer(PAUSE_S, self._tell)
                self._timer.daemon = True
                self._timer.start()

    def _tell(self) -> None:
        with self._lock:
            changed, self._changed, self._timer = self._changed, {}, None
            put, drop = self._clerk.changes(changed)
            if drop:
                self.send({"put": [], "drop": drop})
            self._put(put)

    def _put(self, rows: list[Answer], *, known: bool = False) -> None:
        """Send rows; those that were `known` when the page asked are no news."""
        for start in range(0, len(rows), PART):
            self.send({"put": rows[start : start + PART], "drop": [], "known": known})
