"""Send one request: its turn, its tries, and what is checked of any reply."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from typing import TypeVar

from nbfiles import errors, stop
from nbfiles._client.error_mapping import translate_errors
from nbfiles._client.rate_limit import FILES_A_MINUTE, RateLimit, SharedWait
from nbfiles._client.replies import Reply, check_type, json_object
from nbfiles._client.retry import RequestKind, Tries
from nbfiles._client.timeouts import DEFAULTS, Timeouts
from nbfiles.destinations import Destination
from nbfiles.records import JSON

T = TypeVar("T")
R = TypeVar("R", bound=Reply)
OnWait = Callable[[float, str], None]  # seconds left, why we wait
OnRepeat = Callable[[str], None]  # how a try failed that may have been carried out, before the next


def ignore(*_details: object) -> None:
    """Do nothing about a wait or a repetition."""


class Sender:
    """Sends requests to one destination, no faster than it allows, and again where `Tries` say so."""

    def __init__(
        self,
        destination: Destination,
        on_wait: OnWait = ignore,
        timeouts: Timeouts = DEFAULTS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = stop.sleep,
    ) -> None:
        self.clock, self.timeouts = clock, timeouts
        self._destination, self._on_wait, self._sleep = destination, on_wait, sleep
        self._rate_limit = RateLimit(None if destination.billing == "free" else FILES_A_MINUTE, clock, sleep)

    def reporting_to(self, on_wait: OnWait) -> Sender:
        """Return this sender, with the same limits, that reports its waits to `on_wait`."""
        view = copy(self)
        view._on_wait = on_wait
        return view

    def tries(self, kind: RequestKind) -> Tries:
        """Return the tries of one request, whose time begins now."""
        return Tries(kind, self.clock(), self.timeouts)

    def restart_budget(self, tries: Tries) -> None:
        """Let the time of a request begin anew: a part of the reply arrived."""
        tries.restart_budget(self.clock())

    def translate_errors(self) -> AbstractContextManager[None]:
        """Turn everything that the SDK and httpx2 raise into one of our errors."""
        return translate_errors(self._destination, self.timeouts.read_s)

    def with_rate_limit(self, call: Callable[[], R]) -> Callable[[], R]:
        """Return a call that waits for its turn, and learns the limit that a reply names."""

        def limited() -> R:
            self._rate_limit.acquire()
            try:
                with self.translate_errors():
                    reply = call()
            except errors.RateLimited:
                self._rate_limit.drain()
                raise
            else:
                self._rate_limit.update(reply.headers)
                return reply
            finally:
                self._rate_limit.release()

        return limited

    def files_request(
        self,
        kind: RequestKind,
        call: Callable[[], Reply],
        read: Callable[[JSON], T],
        on_repeat: OnRepeat = ignore,
    ) -> T:
        """Send a request of the Files API, which has a limit of its own, when its turn has come."""
        return self.request(kind, self.with_rate_limit(call), read, on_repeat)

    def request(
        self,
        kind: RequestKind,
        call: Callable[[], Reply],
        read: Callable[[JSON], T],
        on_repeat: OnRepeat = ignore,
    ) -> T:
        """Return what `read` makes of a reply; one that it cannot read does not come from the API."""
        return self.retry(self.tries(kind), lambda: read(self.read_json(call)), on_repeat)

    def read_json(self, call: Callable[[], Reply]) -> JSON:
        """Return the JSON object that answers a request; raises NotTheApi for anything else."""
        with self.translate_errors():
            reply = call()
        check_type(reply.headers, "application/json")
        with self.translate_errors():
            return json_object(reply.read())

    def retry(
        self,
        tries: Tries,
        call: Callable[[], T],
        on_repeat: OnRepeat = ignore,
        shared: SharedWait | None = None,
    ) -> T:
        """Call until it works or may not be tried again; `shared` holds up whoever else uses it."""
        for attempt in self.attempts(tries, on_repeat, shared):
            with attempt:
                return call()
        raise AssertionError("the last attempt returns or raises")

    def attempts(
        self, tries: Tries, on_repeat: OnRepeat = ignore, shared: SharedWait | None = None
    ) -> Iterator[AbstractContextManager[None]]:
        """Yield a context for each attempt; one that fails is followed by the next, or raises its error.

        Leave the loop where an attempt worked.
        """
        shared = shared or SharedWait(self.clock)
        while True:
            self.wait(*shared.remaining())
            yield self._attempt(tries, on_repeat, shared)

    @contextmanager
    def _attempt(self, tries: Tries, on_repeat: OnRepeat, shared: SharedWait) -> Iterator[None]:
        try:
            with self.translate_errors():
                yield
        except errors.NbfilesError as error:
            shared.extend(self.next_pause(tries, error, on_repeat), str(error))

    def next_pause(
        self, tries: Tries, error: errors.NbfilesError, on_repeat: OnRepeat = ignore, *, started: bool = False
    ) -> float:
        """Return after how many seconds to try again, or raise the error with what the request may have done."""
        doubts = len(tries.doubts)
        pause = tries.next_pause(error, self.clock(), started=started)
        in_doubt = len(tries.doubts) > doubts
        if pause is None:
            error.perhaps_done = in_doubt
            if tries.possible_effect:
                error.add(*tries.possible_effect)
            raise error
        if in_doubt:
            on_repeat(tries.doubts[-1])
        return pause

    def wait(self, seconds: float, why: str) -> None:
        """Wait, and report once a second for how long still."""
        end = self.clock() + seconds
        while (left := end - self.clock()) > 0:
            self._on_wait(left, why)
            self._sleep(min(left, 1.0))
