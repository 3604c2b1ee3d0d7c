"""Several files at once: a row of progress each, failures that stop nobody else, and Stop that stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from typing import Any

from nbfiles.errors import BadInput, NbfilesError
from nbfiles.records import Progress

WORKERS = 8  # enough to hide 100 ms of latency for all but tiny files; more only wait for the API's limit
GLANCE_S = 0.1  # how long the main thread sleeps at a time, so that Stop is noticed

OnProgress = Callable[[Sequence[Progress]], None]


class Cancelled(BaseException):
    """One file is not wanted any more. No Exception, because the SDK wraps every one of those."""


class TransferGroup:
    """The rows of some files, shown through `watch` whenever one changes."""

    def __init__(self, names: Sequence[str], watch: OnProgress) -> None:
        self.rows = [Progress(name) for name in names]
        self.stopped = threading.Event()
        self.failures: dict[int, NbfilesError] = {}
        self._watch = watch
        self._lock = threading.Lock()  # a state that is shown is not followed by an older one
        self._over = False
        self._bug: BaseException | None = None

    def update(self, index: int, **changes: Any) -> None:
        """Change a row and show it, unless the batch has ended: a thread that was stopped may notice late."""
        with self._lock:
            if not self._over:
                self.rows[index] = replace(self.rows[index], **changes)
                self._watch(self.rows)

    @contextmanager
    def trying(self, index: int) -> Iterator[None]:
        """Note a problem of one file in its row, and go on."""
        try:
            yield
        except NbfilesError as error:
            self.failures[index] = error
            self.update(index, state="failed", note=str(error))
        except Cancelled:
            self.failures[index] = BadInput(f"“{self.rows[index].name}” was cancelled.")
            self.update(index, state="cancelled")

    def check_stop(self) -> None:
        """Leave a worker when the user pressed Stop."""
        if self.stopped.is_set():
            # Not one of ours: the SDK lets this one through, and wraps every Exception.
            raise KeyboardInterrupt

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Do jobs in `WORKERS` threads; on Stop, returns at once with KeyboardInterrupt.

        The threads are daemons: one that waits for a silent server must not hold the kernel.
        """
        waiting, lock = iter(jobs), threading.Lock()
        count = min(WORKERS, len(jobs))
        threads = [
            # The context holds which cell the output belongs to.
            threading.Thread(target=copy_context().run, args=(self._work, waiting, lock), daemon=True)
            for _ in range(count)
        ]
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                next(thread for thread in threads if thread.is_alive() or thread is threads[-1]).join(GLANCE_S)
        except KeyboardInterrupt:
            self.stopped.set()
            raise
        if self._bug:
            raise self._bug

    def finish(self) -> None:
        """Show what became of every file."""
        with self._lock:
            self._over = True
            self.rows = [row if row.ended else replace(row, state="stopped") for row in self.rows]
            self._watch(self.rows)

    def raise_failures(self) -> None:
        """Raise the error of the one file that failed, or all in one line."""
        errors = [self.failures[index] for index in sorted(self.failures)]
        if len(errors) == 1:
            raise errors[0]
        if errors:
            messages = list(dict.fromkeys(map(str, errors)))[:3]
            raise BadInput(" ".join(messages) + _more(sum(str(error) not in messages for error in errors)))

    def _work(self, waiting: Iterator[Callable[[], None]], lock: threading.Lock) -> None:
        while not self.stopped.is_set() and self._bug is None:
            with lock:
                job = next(waiting, None)
            if job is None:
                return
            try:
                job()
            except KeyboardInterrupt:
                return
            except BaseException as bug:  # noqa: BLE001 - raised again in the thread of the cell
                self._bug = bug


def _more(count: int) -> str:
    return f" And {count} more files failed, see above." if count > 0 else ""
