"""Several jobs at a time, such that Stop stops them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context

GLANCE_S = 0.1  # how long the main thread sleeps at a time, so that Stop is noticed

Job = Callable[[], None]


class Parallel:
    """Runs jobs in threads; `stop` is set when the user interrupts or a job raises.

    The threads are daemons: one that waits for a silent server must not hold the kernel.
    """

    def __init__(self, workers: int) -> None:
        self.stop = threading.Event()
        self._workers = workers
        self._lock = threading.Lock()
        self._raised: list[BaseException] = []

    def run(self, jobs: Sequence[Job]) -> None:
        """Return when all jobs are done; raises what one of them raised, and KeyboardInterrupt at once."""
        waiting = list(reversed(jobs))
        # The context holds which cell the output belongs to.
        threads = [
            threading.Thread(target=copy_context().run, args=(self._work, waiting), daemon=True)
            for _ in range(min(self._workers, len(jobs)))
        ]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                threads[0].join(GLANCE_S)
                threads.append(threads.pop(0))
        finally:
            self.stop.set()
        if self._raised:
            raise self._raised[0]

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
