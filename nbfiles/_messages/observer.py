"""Who is told how far a call is: an argument of it, and the same one for all that the call does."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from nbfiles.records import Progress

if TYPE_CHECKING:
    from nbfiles._messages.builder import AnswerBuilder
    from nbfiles._messages.per_file import FileResult

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


class ViewErrors:
    """Lets no error of a view end what is paid for: `with` it around what is reported to an observer.

    The first error is logged in a line, and Stop passes through.
    """

    def __init__(self) -> None:
        self._logged = False

    def __enter__(self) -> None:
        """Begin to watch for errors."""

    def __exit__(
        self, _type: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """Return whether an error is dropped; `Stopped` is a KeyboardInterrupt and an Exception as well."""
        if not isinstance(problem, Exception) or isinstance(problem, KeyboardInterrupt):
            return False
        if not self._logged:
            _LOG.warning("nbfiles could not show how far it is: %s", type(problem).__name__)
        self._logged = True
        return True
