"""Stop, told to every thread of a call: what they wait for ends at once, and not when its time is up.

Only the main thread sees the KeyboardInterrupt of a Stop. It sets the StopSignal of the threads that it started;
what they wait for (a socket, a pause) is ended by a callable that was given to `stoppable` before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context

_current: ContextVar[StopSignal | None] = ContextVar("current_stop", default=None)


class StopSignal:
    """Whether some threads are to end, and what wakes those that wait."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._wakers: dict[object, Callable[[], None]] = {}

    def set(self) -> None:
        """Let the threads end: each raises KeyboardInterrupt where it waits, or wherever it looks."""
        with self._lock:
            self._event.set()
            wakers = list(self._wakers.values())
        for wake in wakers:
            wake()

    def is_set(self) -> bool:
        """Return whether the threads are to end."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the signal is set, or so long; return whether it is."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise KeyboardInterrupt where the threads are to end.

        It is not one of our errors, because the SDK wraps every Exception, and lets this one through.
        """
        if self._event.is_set():
            raise KeyboardInterrupt

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call `wake`, in another thread, where Stop comes inside this block, which then raises KeyboardInterrupt."""
        token = object()
        with self._lock:
            self.check()
            self._wakers[token] = wake
        try:
            yield
        except Exception:
            self.check()  # a socket that was shut down fails
            raise
        finally:
            with self._lock:
                self._wakers.pop(token, None)
        self.check()

    def thread(self, target: Callable[..., None], *args: object) -> threading.Thread:
        """Return a thread that this signal ends, for the output of the same cell.

        It is a daemon: one that waits for what cannot be woken must not hold the kernel.
        """
        context = copy_context()  # it holds which cell the output belongs to
        context.run(_current.set, self)
        return threading.Thread(target=context.run, args=(target, *args), daemon=True)


@contextmanager
def stoppable(wake: Callable[[], None]) -> Iterator[None]:
    """Call `wake` where Stop comes inside this block; without effect outside the threads of a StopSignal."""
    signal = _current.get()
    if signal is None:
        yield
        return
    with signal.waking(wake):
        yield


def sleep(seconds: float) -> None:
    """Wait so many seconds; raises KeyboardInterrupt at once where Stop ends this thread."""
    signal = _current.get()
    if signal is None:
        time.sleep(seconds)
    elif signal.wait(seconds):
        raise KeyboardInterrupt
