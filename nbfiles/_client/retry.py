"""Whether a request that failed is sent again: one table of what went wrong and what was asked for. No I/O.

No request of the API has an idempotency key, so one that may have been carried out is not simply sent again:
it would be stored or charged twice. The README has the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from nbfiles.errors import ApiError, CutOff, NbfilesError, NoConnection, NotTheApi


class Trouble(StrEnum):
    """What went wrong, by what it means for the request."""

    NOT_DONE = "surely not done"
    PERHAPS_DONE = "perhaps done"
    BEGUN = "begun"


class Kind(StrEnum):
    """What was asked for, by what it costs to ask twice."""

    READ = "GET, list, count"
    UPLOAD = "upload"
    QUESTION = "question"
    DELETE = "delete"
    CREATE = "create a batch or a skill"


class Then(StrEnum):
    """What is done about it."""

    BUDGET = "until the time budget"
    ONCE_AFTER_LOOKING = "once more, after looking for the file by name, size and time"
    ONCE_AND_SAY = "once more, and the answer says that it may have been paid twice"
    LOOK = "look whether it is gone"
    AGAIN = "again"
    NEVER = "never"
    KEEP = "never; what arrived is kept"
    NO_SUCH_CASE = "–"  # its reply is read at once: half of it is no reply of the API


TABLE: Mapping[tuple[Trouble, Kind], Then] = MappingProxyType(
    {
        (Trouble.NOT_DONE, Kind.READ): Then.BUDGET,
        (Trouble.NOT_DONE, Kind.UPLOAD): Then.BUDGET,
        (Trouble.NOT_DONE, Kind.QUESTION): Then.BUDGET,
        (Trouble.NOT_DONE, Kind.DELETE): Then.BUDGET,
        (Trouble.NOT_DONE, Kind.CREATE): Then.NEVER,
        (Trouble.PERHAPS_DONE, Kind.READ): Then.BUDGET,
        (Trouble.PERHAPS_DONE, Kind.UPLOAD): Then.ONCE_AFTER_LOOKING,
        (Trouble.PERHAPS_DONE, Kind.QUESTION): Then.ONCE_AND_SAY,
        (Trouble.PERHAPS_DONE, Kind.DELETE): Then.LOOK,
        (Trouble.PERHAPS_DONE, Kind.CREATE): Then.NEVER,
        (Trouble.BEGUN, Kind.READ): Then.AGAIN,
        (Trouble.BEGUN, Kind.UPLOAD): Then.NO_SUCH_CASE,
        (Trouble.BEGUN, Kind.QUESTION): Then.KEEP,
        (Trouble.BEGUN, Kind.DELETE): Then.NO_SUCH_CASE,
        (Trouble.BEGUN, Kind.CREATE): Then.NO_SUCH_CASE,
    }
)


def what_went_wrong(error: NbfilesError, *, begun: bool = False) -> Trouble | None:
    """Say what an error means for its request; None for a refusal that asking again cannot change.

    `begun`: a part of what was asked for had arrived and was handed on.
    """
    match error:
        case NoConnection() | CutOff() if begun:
            return Trouble.BEGUN
        case ApiError(status=429):  # with a code, it is a spending limit
            return Trouble.NOT_DONE if error.code is None else None
        case ApiError(status=409 | 529):
            return Trouble.NOT_DONE
        case ApiError(status=503) if error.retry_after is not None:
            return Trouble.NOT_DONE
        case ApiError(status=status):
            return Trouble.PERHAPS_DONE if status == 408 or status >= 500 else None
        case NoConnection(sent=False):
            return Trouble.NOT_DONE if error.retriable else None
        case NoConnection() | CutOff():
            return Trouble.PERHAPS_DONE
    return None


def briefly(error: NbfilesError) -> str:
    """Name in a few words how a request failed that may have been carried out."""
    match error:
        case ApiError():
            return str(error.status)
        case NotTheApi():
            return "a reply that is not the API's"
        case NoConnection():
            return "no answer in time"
    return "the connection broke off"


class Tries:
    """The tries of one request: whether there is another, and after how long.

    All of them share `budget_s` seconds from the first one on. The only repetition of what may have been
    carried out is not bound to it, as a server that is silent for as long has spent the budget alone.
    """

    def __init__(self, kind: Kind, now: float, budget_s: float, backoffs: tuple[float, float]) -> None:
        self.kind = kind
        self.doubts: list[str] = []  # of each try that may have been carried out: how it failed
        self._budget_s, self._deadline = budget_s, now + budget_s
        self._first, self._longest = backoffs
        self._backoff = self._first

    def went_on(self, now: float) -> None:
        """Begin the budget anew: something arrived."""
        self._deadline, self._backoff = now + self._budget_s, self._first

    def after(self, error: NbfilesError, now: float, *, begun: bool = False) -> float | None:
        """Return after how many seconds to try again, or None where it must not or cannot help."""
        trouble = what_went_wrong(error, begun=begun)
        if trouble is None:
            return None
        is_first = not self.doubts
        if trouble is Trouble.PERHAPS_DONE:
            self.doubts.append(briefly(error))
        wanted = error.retry_after if isinstance(error, ApiError) else None
        pause = max(wanted or 0.0, self._backoff)
        self._backoff = min(self._backoff * 2, self._longest)
        in_time = now + pause <= self._deadline
        once = is_first and pause <= self._budget_s
        may = {
            Then.BUDGET: in_time,
            Then.AGAIN: in_time,
            Then.LOOK: in_time or once,
            Then.ONCE_AFTER_LOOKING: once,
            Then.ONCE_AND_SAY: once,
        }
        return pause if may.get(TABLE[trouble, self.kind], False) else None

    @property
    def known(self) -> str:
        """Say what is known of a request that was given up."""
        if not self.doubts:
            return ""
        if self.kind is Kind.DELETE:
            return "The file may be deleted all the same: %files --all shows what is there."
        if self.kind is not Kind.QUESTION:
            return ""
        if len(self.doubts) > 1:
            return "The question was sent twice: it may have been carried out and charged both times."
        return f"The question was sent ({self.doubts[0]}): it may have been carried out and charged."
