"""A live table of a kernel's files: the page sorts, filters and asks, `filetable_backend` answers."""

from __future__ import annotations

import threading

from nbfiles._display import files, output
from nbfiles._widgets import assets
from nbfiles._widgets.base import Widget
from nbfiles._widgets.filetable_backend import FileTableBackend, Message
from nbfiles.errors import NbfilesError
from nbfiles.records import Files
from nbfiles.session import Session

ROWS_PER_MESSAGE = 1000  # the page reads more of them too long to stay smooth (benchmarks/filetable.py)
PAUSE_S = 0.1  # what changes within it goes to the page in one message; people notice no delay
STATUS = {"delete": "Deleting …", "download": "Downloading …", "info": "", "plan": ""}
BROKEN = "Something went wrong inside nbfiles. The details are in the log of the kernel."


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
        self._backend = FileTableBackend(session, pattern)
        self._order = {"by": sort, "down": sort == "size"} if sort else None  # the largest first, as in %files
        self._changed: dict[str, None] = {}  # in the order in which they came
        self._lock = threading.Lock()  # rows and changes go out in the order in which they were read
        self._timer: threading.Timer | None = None
        self._stop_listening = session.connection.files.registry.listen(self._note_change)
        self.on_msg(self._receive)

    def close(self) -> None:
        """End the table: the page shows it no more, and nothing is sent."""
        self._stop_listening()
        super().close()

    def _ipython_display_(self) -> None:
        """Show the table and, for a page without it, the files as they are now."""
        self.show(self._backend.files())

    def show(self, listed: Files) -> None:
        """Show the table and, for a page without it, these files."""
        self.show_with(files.bundle(listed, self.note if output.in_notebook() else ""))

    def _receive(self, _widget: object, message: object, _buffers: object) -> None:
        """Answer the page, in this thread where there is nothing to wait for."""
        if not isinstance(message, dict):
            return
        if message.get("ask") == "rows":
            with self._lock:
                rows = self._backend.rows()
                self._reply(message, {"rows": rows[:ROWS_PER_MESSAGE], "order": self._order})
                self._send_rows(rows[ROWS_PER_MESSAGE:], initial=True)
            return
        self._reply(message, {"status": STATUS.get(str(message.get("ask")), "")})
        threading.Thread(target=self._answer, args=(message,), daemon=True).start()

    def _answer(self, message: Message) -> None:
        reply: Message = {"problem": BROKEN}
        try:
            reply = self._backend.reply(message)
        except NbfilesError as error:
            reply = {"problem": str(error)}
        finally:
            self._reply(message, reply)

    def _reply(self, message: Message, reply: Message) -> None:
        self.send({"view": message.get("view"), "number": message.get("number")} | reply)

    def _note_change(self, key: str) -> None:
        """Note a change, and send it soon together with others."""
        with self._lock:
            self._changed[key] = None
            if self._timer is None:
                self._timer = threading.Timer(PAUSE_S, self._send_changes)
                self._timer.daemon = True
                self._timer.start()

    def _send_changes(self) -> None:
        with self._lock:
            changed, self._changed, self._timer = self._changed, {}, None
            put, drop = self._backend.changes(changed)
            if drop:
                self.send({"put": [], "drop": drop})
            self._send_rows(put)

    def _send_rows(self, rows: list[Message], *, initial: bool = False) -> None:
        """Send rows; the `initial` ones were there when the page asked, so they are no news."""
        for start in range(0, len(rows), ROWS_PER_MESSAGE):
            self.send({"put": rows[start : start + ROWS_PER_MESSAGE], "drop": [], "initial": initial})
