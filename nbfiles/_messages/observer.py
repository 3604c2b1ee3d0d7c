"""Who is told how far a call is: an argument of it, and the same one for all that the call does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ParamSpec

from nbfiles._files.transfer import Progress

if TYPE_CHECKING:
    from nbfiles._messages.builder import AnswerBuilder
    from nbfiles._messages.per_file import FileResult

P = ParamSpec("P")

_LOG = logging.getLogger(__name__)


class Observer:
    """What is reported while a call goes on, in any thread; this one ignores it."""

    def uploads(self, rows: Sequence[Progress]) -> None:
        """Take how far uploads are."""

    def answer(self, answer: AnswerBuilder) -> None:
        """Take the answer so far, which is `answer.snapshot()`."""

    def each(self, rows: Sequence[FileResult], note: str) -> None:
        """Take how far the files are that are each asked about."""

    def waiting(self, seconds: float, why: str) -> None:
        """Take that a busy server is asked again in `seconds`."""


NOBODY = Observer()


class Unfailing(Observer):
    """Reports to another observer, whose errors end nothing: what is paid for goes on.

    The first error is logged in a line, and Stop passes through.
    """

    def __init__(self, observer: Observer) -> None:
        self._failed = False
        self.uploads = observer.uploads  # type: ignore[method-assign]
        self.waiting = observer.waiting  # type: ignore[method-assign]
        self.answer = self._guarded(observer.answer)  # type: ignore[method-assign]
        self.each = self._guarded(observer.each)  # type: ignore[method-assign]

    def _guarded(self, report: Callable[P, None]) -> Callable[P, None]:
        def reported(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                report(*args, **kwargs)
            except KeyboardInterrupt:  # `Stopped` is one, and an Exception as well
                raise
            except Exception as problem:  # noqa: BLE001 - whatever is wrong with a view, the answer goes on
                if not self._failed:
                    _LOG.warning("nbfiles could not show how far it is: %s", type(problem).__name__)
                self._failed = True

        return reported
