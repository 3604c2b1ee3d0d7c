"""Several jobs at a time, such that Stop stops them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from nbfiles.stop import StopSignal, stoppable

GLANCE_S = 0.1  # how long the main thread sleeps at a time, so that Stop is noticed
CLOSING_S = 0.8  # for the threads to close their files and sockets; Stop is to take a second at most

Job = Callable[[], object]


class Parallel:
    """Runs jobs in threads; `stop` is set when the user interrupts or a job raises."""

    def __init__(self, workers: int) -> None:
        self.stop = StopSignal()
        self._workers = workers
        self._lock = threading.Lock()
        self._raised: list[BaseException] = []

    def run(self, jobs: Sequence[Job]) -> None:
        """Return when all jobs are done; raises what one of them raised, and KeyboardInterrupt when all have ended."""
        waiting = list(reversed(jobs))
        threads = [self.stop.thread(self._work, waiting) for _ in range(min(self._workers, len(jobs)))]
        try:
            with stoppable(self.stop.set):  # where this is a thread of other jobs
                self._join(threads)
        except KeyboardInterrupt:
            self.stop.set()
            _end(threads)
            raise
        if self._raised:
            raise self._raised[0]

    def _join(self, threads: list[threading.Thread]) -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(GLANCE_S)

    def _work(self, waiting: list[Job]) -> None:
        try:
            while (job := self._next(waiting)) is not None:
                job()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, in the main thread
            self._raised.append(error)
            self.stop.set()

    def _next(self, waiting: list[Job]) -> Job | None:
        with self._lock:
            return waiting.pop() if waiting and not self.stop.is_set() else None


def _end(threads: Sequence[threading.Thread]) -> None:
    """Wait a moment for threads that were told to end."""
    deadline = time.monotonic() + CLOSING_S
    for thread in threads:
        if thread.ident is not None:  # it was started
            thread.join(max(deadline - time.monotonic(), 0))
