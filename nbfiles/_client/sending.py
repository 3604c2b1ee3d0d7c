"""One request on its way: its turn, its tries, and what is checked of any reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import copy
from typing import Any

from nbfiles import errors
from nbfiles._client import error_mapping
from nbfiles._client.error_translation import translated
from nbfiles._client.rate_limit import RateLimit, SharedWait
from nbfiles._client.retry import Tries
from nbfiles._client.sse import JSON, check_type
from nbfiles.destinations import Destination

Call = Callable[[], Any]
OnWait = Callable[[float, str], None]  # seconds left, why we wait
OnRepeat = Callable[[str], None]  # how a try failed that may have been carried out, before the next


def ignore(_why: str) -> None:
    """Be told of a repetition, and do nothing about it."""


class Sender:
    """Sends requests to one endpoint, in the pace that it wants, and again where `Tries` allow it."""

    def __init__(
        self,
        endpoint: Destination,
        pace: RateLimit,
        on_wait: OnWait,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.endpoint = endpoint
        self.pace = pace
        self._on_wait, self._clock, self._sleep = on_wait, clock, sleep

    def reporting_to(self, on_wait: OnWait) -> Sender:
        """Return this sender, with the same limits, that reports its waits to `on_wait`."""
        view = copy(self)
        view._on_wait = on_wait
        return view

    def in_turn(self, call: Call) -> Call:
        """Return a call that waits for its turn, and learns the limit that a reply names."""

        def turn() -> Any:
            self.pace.take()
            try:
                with translated(self.endpoint):
                    reply = call()
            except errors.RateLimited:
                self.pace.refused()
                raise
            else:
                self.pace.learn(reply.headers)
                return reply
            finally:
                self.pace.done()

        return turn

    def read(self, call: Call) -> JSON:
        """Return the JSON object that answers a request; raises NotTheApi for anything else."""
        with translated(self.endpoint):
            raw = call()
        check_type(raw.headers, "application/json")
        with translated(self.endpoint):
            reply = json.loads(raw.read())
        if not isinstance(reply, dict):
            raise errors.NotTheApi(error_mapping.not_the_api("a reply that is no object"))
        return reply

    def attempts(self, tries: Tries, call: Call, on_repeat: OnRepeat = ignore, gate: SharedWait | None = None) -> Any:
        """Call until it works or may not be tried again; a closed gate holds it up."""
        gate = gate or SharedWait(self._clock)
        while True:
            self.wait(*gate.left())
            try:
                with translated(self.endpoint):
                    return call()
            except errors.NbfilesError as error:
                gate.close(self.pause(tries, error, on_repeat), str(error))

    def pause(
        self, tries: Tries, error: errors.NbfilesError, on_repeat: OnRepeat = ignore, *, begun: bool = False
    ) -> float:
        """Return after how many seconds to try again, or raise the error with what is known."""
        doubts = len(tries.doubts)
        pause = tries.after(error, self._clock(), begun=begun)
        in_doubt = len(tries.doubts) > doubts
        if pause is None:
            error.perhaps_done = in_doubt
            if tries.known:
                error.add(tries.known)
            raise error
        if in_doubt:
            on_repeat(tries.doubts[-1])
        return pause

    def wait(self, seconds: float, why: str) -> None:
        """Wait, and tell once a second for how long still."""
        end = self._clock() + seconds
        while (left := end - self._clock()) > 0:
            self._on_wait(left, why)
            self._sleep(min(left, 1.0))
