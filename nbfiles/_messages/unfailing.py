"""A view of what grows may fail; what is paid for goes on, and is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")

_LOG = logging.getLogger(__name__)


def unfailing(show: Callable[P, None]) -> Callable[P, None]:
    """Return a view whose errors end nothing: the first is logged in a line, and Stop passes through."""
    failed = False

    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal failed
        try:
            show(*args, **kwargs)
        except KeyboardInterrupt:  # `Stopped` is one, and an Exception as well
            raise
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with a view, the answer goes on
            if not failed:
                _LOG.warning("nbfiles could not show how far it is: %s", type(problem).__name__)
            failed = True

    return shown
