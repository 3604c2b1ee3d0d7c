"""Waiting for what happens in another thread, process or page: for as long as it takes.

No test is about time. `HANG_S` only ends a test that would wait for ever; the slowest machine stays far
below it, and it is less than pytest's own limit, so that the reason is told.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

HANG_S = 240


def until(condition: Callable[[], Any], *, alive: Callable[[], Any] = lambda: True) -> Any:
    """Return what `condition` returns once that is true; fail when who does it is not `alive` any more."""
    pause, end = threading.Event(), time.monotonic() + HANG_S
    while not (found := condition()):
        assert alive(), "it ended before"
        assert time.monotonic() < end, "it hangs"
        pause.wait(0.01)
    return found
