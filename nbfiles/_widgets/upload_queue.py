"""Upload dropped files: one thread at a time uploads what has arrived meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nbfiles._files.upload_call import UploadOptions
from nbfiles._messages.observer import Observer
from nbfiles.errors import NbfilesError
from nbfiles.records import Progress, typed
from nbfiles.session import Session

PAINT_S = 0.2  # between two messages about one file that moves on

Update = Callable[..., None]  # a row's id, and what changes in it


class UploadQueue:
    """Upload files as `%upload` does, several at once, in a thread of its own, while cells run.

    Files that come while it works wait and go together, so that those of the same bytes are sent once.
    """

    def __init__(self, session: Session, update: Update, is_cancelled: Callable[[str], bool]) -> None:
        self._session = session
        self._update, self._is_cancelled = update, is_cancelled
        self._lock = threading.Lock()
        self._waiting: dict[Path, list[str]] = {}
        self._working = False

    def add(self, id_: str, path: Path) -> None:
        """Upload the file of a row."""
        with self._lock:
            self._waiting.setdefault(path, []).append(id_)
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="nbfiles-drops", daemon=True).start()

    def _work(self) -> None:
        while files := self._next():
            UploadJob(self._session, files, self._update, self._is_cancelled).run()

    def _next(self) -> dict[Path, list[str]]:
        with self._lock:
            files, self._waiting = self._waiting, {}
            self._working = bool(files)
            return files


class UploadJob(Observer):
    """The files of one call, whose progress becomes that of their rows."""

    def __init__(
        self, session: Session, files: dict[Path, list[str]], update: Update, is_cancelled: Callable[[str], bool]
    ) -> None:
        self._session = session
        self._files = files
        self._update, self._is_cancelled = update, is_cancelled
        self._last: list[tuple[str, float]] = [("", 0.0)] * len(files)  # state, and when it was shown
        self._lock = threading.Lock()

    def run(self) -> None:
        """Upload; whatever happens, no row is left moving."""
        why = "An error in nbfiles ended the upload. Retry, and please report it."
        try:
            self._session.upload(list(self._files), UploadOptions(cancelled=self._cancelled), self)
        except NbfilesError as error:
            why = str(error)
        finally:
            self._fail_rest(why)

    def uploads(self, rows: Sequence[Progress]) -> None:
        """Show the rows that changed their state, and others now and then."""
        with self._lock:
            now = time.monotonic()
            for index, (row, (state, since)) in enumerate(zip(tuple(rows), self._last, strict=True)):
                if row.state != state or (not row.ended and now - since > PAINT_S):
                    self._last[index] = (row.state, now)
                    self._show(index, row)

    def waiting(self, seconds: float, why: str) -> None:
        """Say what a busy server is waited for."""
        for ids, (state, _) in zip(self._files.values(), self._last, strict=True):
            if state == "uploading":
                self._update_rows(ids, note=f"{why} Trying again in {seconds:.0f} s.")

    def _show(self, index: int, row: Progress) -> None:
        ids = list(self._files.values())[index]
        if row.state in ("uploaded", "already there"):
            ask = f"%%ask_file {typed(row.name)}"
            self._update_rows(ids, state=row.state, sent=row.size_bytes, note=row.note, ask=ask)
        elif row.state != "stopped":
            self._update_rows(ids, state=row.state, sent=row.sent, note=row.note)

    def _update_rows(self, ids: Sequence[str], **changes: object) -> None:
        for id_ in ids:
            if not self._is_cancelled(id_) or changes.get("ask"):
                self._update(id_, **changes)

    def _fail_rest(self, why: str) -> None:
        for ids, (state, _) in zip(self._files.values(), self._last, strict=True):
            if not Progress("", state).ended:
                self._update_rows(ids, state="failed", note=why)

    def _cancelled(self, path: Path) -> bool:
        return all(map(self._is_cancelled, self._files[path]))
