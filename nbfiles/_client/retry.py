"""Whether a request that failed is sent again: one table of what went wrong and what was asked for. No I/O.

No request of the API has an idempotency key, so one that may have been carried out is not simply sent again:
it would be stored or charged twice. The README has the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from nbfiles._client.timeouts import DEFAULTS, Timeouts
from nbfiles.errors import ApiError, CutOff, NbfilesError, NoConnection, NotTheApi, Spelled

WHAT_IS_THERE = Spelled("nbfiles.workspace.listed(everything=True)", "%files --all")


class Failure(StrEnum):
    """What went wrong, by what it means for the request."""

    NOT_DONE = "surely not done"
    MAYBE_DONE = "perhaps done"
    STARTED = "begun"


class RequestKind(StrEnum):
    """What was asked for, by what it costs to ask twice."""

    READ = "GET, list, count"
    UPLOAD = "upload"
    QUESTION = "question"
    DELETE = "delete"
    CREATE = "create a batch or a skill"


class RetryRule(StrEnum):
    """What is done about it."""

    BUDGET = "until the time budget"
    ONCE_AFTER_LOOKING = "once more, after looking for the file by name, size and time"
    ONCE_AND_SAY = "once more, and the answer says that it may have been paid twice"
    LOOK = "look whether it is gone"
    AGAIN = "again"
    NEVER = "never"
    KEEP = "never; what arrived is kept"
    NO_SUCH_CASE = "–"  # its reply is read at once: half of it is not a reply of the API


TABLE: Mapping[tuple[Failure, RequestKind], RetryRule] = MappingProxyType(
    {
        (Failure.NOT_DONE, RequestKind.READ): RetryRule.BUDGET,
        (Failure.NOT_DONE, RequestKind.UPLOAD): RetryRule.BUDGET,
        (Failure.NOT_DONE, RequestKind.QUESTION): RetryRule.BUDGET,
        (Failure.NOT_DONE, RequestKind.DELETE): RetryRule.BUDGET,
        (Failure.NOT_DONE, RequestKind.CREATE): RetryRule.NEVER,
        (Failure.MAYBE_DONE, RequestKind.READ): RetryRule.BUDGET,
        (Failure.MAYBE_DONE, RequestKind.UPLOAD): RetryRule.ONCE_AFTER_LOOKING,
        (Failure.MAYBE_DONE, RequestKind.QUESTION): RetryRule.ONCE_AND_SAY,
        (Failure.MAYBE_DONE, RequestKind.DELETE): RetryRule.LOOK,
        (Failure.MAYBE_DONE, RequestKind.CREATE): RetryRule.NEVER,
        (Failure.STARTED, RequestKind.READ): RetryRule.AGAIN,
        (Failure.STARTED, RequestKind.UPLOAD): RetryRule.NO_SUCH_CASE,
        (Failure.STARTED, RequestKind.QUESTION): RetryRule.KEEP,
        (Failure.STARTED, RequestKind.DELETE): RetryRule.NO_SUCH_CASE,
        (Failure.STARTED, RequestKind.CREATE): RetryRule.NO_SUCH_CASE,
    }
)


def classify(error: NbfilesError, *, started: bool = False) -> Failure | None:
    """Return what an error means for its request, None for a refusal that asking again cannot change.

    `started`: a part of what was asked for had arrived and was handed on.
    """
    match error:
        case NoConnection() | CutOff() if started:
            return Failure.STARTED
        case ApiError(status=429):
            return None if is_spending_limit(error.status, error.code) else Failure.NOT_DONE
        case ApiError(status=409 | 529):
            return Failure.NOT_DONE
        case ApiError(status=503) if error.retry_after is not None:
            return Failure.NOT_DONE
        case ApiError(status=status):
            return Failure.MAYBE_DONE if status == 408 or status >= 500 else None
        case NoConnection(sent=False):
            return Failure.NOT_DONE if error.retriable else None
        case NoConnection() | CutOff():
            return Failure.MAYBE_DONE
    return None


def is_spending_limit(status: int | None, code: str | None) -> bool:
    """Return whether a refusal is a limit that no wait lifts: a 429 with a code, but for growth that is too fast."""
    return status == 429 and code not in (None, "ramp_limit_exceeded")


def short_reason(error: NbfilesError) -> str:
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

    All of them share the time `retry_s` from the first one on. The only repetition of what may have been
    carried out is not bound to it, as a server that is silent for as long has spent the budget alone.
    """

    def __init__(self, kind: RequestKind, now: float, timeouts: Timeouts = DEFAULTS) -> None:
        self.kind = kind
        self.doubts: list[str] = []  # of each try that may have been carried out: how it failed
        self._timeouts = timeouts
        self.restart_budget(now)

    def restart_budget(self, now: float) -> None:
        """Let the time begin anew: something arrived."""
        self._deadline, self._backoff = now + self._timeouts.retry_s, self._timeouts.first_backoff_s

    def next_pause(self, error: NbfilesError, now: float, *, started: bool = False) -> float | None:
        """Return after how many seconds to try again, or None where it must not or cannot help."""
        failure = classify(error, started=started)
        if failure is None:
            return None
        is_first = not self.doubts
        if failure is Failure.MAYBE_DONE:
            self.doubts.append(short_reason(error))
        retry_after = error.retry_after if isinstance(error, ApiError) else None
        pause = max(retry_after or 0.0, self._backoff)
        self._backoff = min(self._backoff * 2, self._timeouts.last_backoff_s)
        in_time = now + pause <= self._deadline
        once = is_first and pause <= self._timeouts.retry_s
        may = {
            RetryRule.BUDGET: in_time,
            RetryRule.AGAIN: in_time,
            RetryRule.LOOK: in_time or once,
            RetryRule.ONCE_AFTER_LOOKING: once,
            RetryRule.ONCE_AND_SAY: once,
        }
        return pause if may.get(TABLE[failure, self.kind], False) else None

    @property
    def possible_effect(self) -> tuple[str | Spelled, ...]:
        """Return what a request that was given up may have done, as a sentence."""
        if not self.doubts:
            return ()
        if self.kind is RequestKind.DELETE:
            return "The file may be deleted all the same. What is there, shows: ", WHAT_IS_THERE
        if self.kind is not RequestKind.QUESTION:
            return ()
        if len(self.doubts) > 1:
            return ("The question was sent twice: it may have been carried out and charged both times.",)
        return (f"The question was sent ({self.doubts[0]}): it may have been carried out and charged.",)
