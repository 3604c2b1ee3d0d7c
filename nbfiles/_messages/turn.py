"""One turn: the request goes out, snapshots of the answer come back, pauses go on by themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Protocol

from nbfiles._messages.accumulator import fold
from nbfiles._messages.answer import JSON, Answer
from nbfiles._messages.content import container_id, in_container, in_new_container, whole_blocks
from nbfiles.errors import ApiError, FileGone, NbfilesError, NoConnection, Stopped
from nbfiles.records import FileRecord, Files

MAX_ROUNDS = 10  # the API pauses after about ten tool calls; a hundred are enough for one question
PAUSED = "Claude paused in between: the answer took {} requests of at most " + f"{MAX_ROUNDS}."
ASKED_TWICE = (
    "The server failed after the question was sent ({}), so it was asked once more: it may have been charged twice."
)
NEW_CONTAINER = "The code's container had expired: a new one has the files, but no variables of earlier turns."

Stream = Callable[[JSON], Iterator[JSON]]
Show = Callable[[Answer], None]
GoOn = Callable[[Answer], None]  # raises what forbids another request for a paused answer


class TurnConnection(Protocol):
    """What a turn needs of the session."""

    def stream(self, request: JSON, on_repeat: Callable[[str], None]) -> Iterator[JSON]:
        """Send a Messages request and yield its events.

        `on_repeat` is told before it is sent again though a first try may have been charged.
        """

    def heal(self, request: JSON) -> JSON:
        """Return a request with what is gone uploaded again; raises FileGone."""

    def fetch(self, answer: Answer, tell: Callable[[FileRecord], None]) -> list[NbfilesError]:
        """Download what an answer's code made, told one by one in any thread; returns what went wrong."""


def _always(_answer: Answer) -> None:
    """Forbid nothing."""


def run(answer: Answer, house: TurnConnection, show: Show, may_go_on: GoOn = _always) -> Answer:
    """Return the whole answer, told to `show` as it grows; what goes wrong is in its `problem` and `error`.

    Also when it is stopped or cut, the files of the steps that ended are fetched. KeyboardInterrupt
    becomes Stopped; only what is no NbfilesError is raised.
    """
    started, repeats = time.monotonic(), list[str]()
    try:
        for answer in _steps(answer, house, repeats, may_go_on):  # noqa: B020 - the last snapshot is the answer
            show(answer)
    except KeyboardInterrupt:
        answer = _stopped(answer)
    except NbfilesError as error:
        answer = replace(answer, problem=str(error), error=error)
    if answer.origins() and not isinstance(answer.error, NoConnection):
        answer = _with_files(answer, house, show)
    return replace(_with_repeats(answer, repeats), seconds=time.monotonic() - started)


def _with_repeats(answer: Answer, repeats: Sequence[str]) -> Answer:
    """Say of an answer that something may have been charged for which there is nothing to show."""
    notes = dict.fromkeys(map(ASKED_TWICE.format, repeats))
    last = answer.error is not None and answer.error.perhaps_done
    return replace(answer, notes=(*answer.notes, *notes), unreported=len(repeats) + last)


def _stopped(answer: Answer) -> Answer:
    stopped = Stopped("Stopped. What had arrived is kept above.")
    return replace(answer, problem="Stopped before the end.", error=stopped)


def _with_files(answer: Answer, house: TurnConnection, show: Show) -> Answer:
    """Fetch what the code made; it arrives in any order, and stands in that of the steps."""
    arrived: dict[str, FileRecord] = {}
    lock, order = threading.Lock(), list(answer.origins())

    def now() -> Answer:
        return replace(answer, files=Files(arrived[file_id] for file_id in order if file_id in arrived))

    def tell(record: FileRecord) -> None:
        with lock:
            arrived[record.file_id] = record
            show(now())

    try:
        errors = house.fetch(answer, tell)
    except KeyboardInterrupt:
        return _stopped(now())
    except NbfilesError as error:
        errors = [error]
    whole = now()
    if not errors or whole.problem:
        return whole
    more = f" And {len(errors) - 1} more did not." if len(errors) > 1 else ""
    return replace(whole, problem=f"A file that the code made did not arrive: {errors[0]}{more}")


def snapshots(answer: Answer, stream: Stream, may_go_on: GoOn = _always) -> Iterator[Answer]:
    """Yield the answer after each event; a paused turn is sent back as it is, MAX_ROUNDS times."""
    request, notes = answer.request, answer.notes
    for number in range(1, MAX_ROUNDS + 1):
        with closing(stream(request)) as events:  # type: ignore[type-var]
            for event in events:
                answer = fold(answer, event)
                yield answer
        if answer.stop_reason != "pause_turn":
            return
        if number < MAX_ROUNDS:
            may_go_on(answer)
            answer = replace(answer, notes=(*notes, PAUSED.format(number + 1)))
            request = _continued(answer)
    yield replace(answer, problem=f"Claude paused {MAX_ROUNDS} times. To go on: answer.ask('go on')")


def _steps(answer: Answer, house: TurnConnection, repeats: list[str], may_go_on: GoOn) -> Iterator[Answer]:
    stream = partial(house.stream, on_repeat=repeats.append)
    try:
        for answer in snapshots(answer, stream, may_go_on):  # noqa: B020
            yield answer
    except ApiError as error:
        if answer.blocks:
            raise
        answer = _mended(answer, error, house)
        for answer in snapshots(answer, stream, may_go_on):  # noqa: B020
            yield answer


def _mended(answer: Answer, error: ApiError, house: TurnConnection) -> Answer:
    """Return the question without what the API refused it for, or raise its error; nothing was paid yet."""
    if isinstance(error, FileGone):
        return replace(answer, request=house.heal(answer.request))
    if _container_is_gone(answer.request, error):
        notes = (*answer.notes, NEW_CONTAINER)
        return replace(answer, request=in_new_container(answer.request), container=None, notes=notes)
    raise error


def _container_is_gone(request: JSON, error: ApiError) -> bool:
    return container_id(request) is not None and error.status in (400, 404, 410) and "container" in str(error).lower()


def _continued(answer: Answer) -> JSON:
    turn = {"role": "assistant", "content": whole_blocks(answer)}
    request = {**answer.request, "messages": [*answer.request["messages"], turn]}
    return in_container(request, answer.container) if answer.container else request
