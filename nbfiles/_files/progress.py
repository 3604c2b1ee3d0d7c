"""Several files at once: a row of progress each, failures that stop nobody else, and Stop that stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nbfiles.errors import BadInput, NbfilesError
from nbfiles.parallel import Parallel
from nbfiles.records import Progress

WORKERS = 8  # enough to hide 100 ms of latency for all but tiny files; more only wait for the API's limit

OnProgress = Callable[[Sequence[Progress]], None]


class Cancelled(BaseException):
    """One file is not wanted any more. No Exception, because the SDK wraps every one of those."""


class TransferGroup:
    """The rows of some files, shown through `watch` whenever one changes."""

    def __init__(self, names: Sequence[str], watch: OnProgress) -> None:
        self.rows = [Progress(name) for name in names]
        self.failures: dict[int, NbfilesError] = {}
        self._watch = watch
        self._lock = threading.Lock()  # a state that is shown is not followed by an older one
        self._over = False
        self._threads = Parallel(WORKERS)

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
        self._threads.stop.check()

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Do jobs in `WORKERS` threads; on Stop, raises KeyboardInterrupt when they have closed what they opened."""
        self._threads.run(jobs)

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


def _more(count: int) -> str:
    return f" And {count} more files failed, see above." if count > 0 else ""
