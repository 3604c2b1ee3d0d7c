"""One turn: the request goes out, snapshots of the answer come back, pauses go on by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from nbfiles.asking.answer import JSON, Answer, output_file_ids
from nbfiles.asking.content import in_new_container, whole_blocks
from nbfiles.asking.stream import fold
from nbfiles.errors import ApiError, FileGone, NbfilesError, Stopped
from nbfiles.records import FileRecord, Files

MAX_ROUNDS = 10  # the API pauses after about ten tool calls; a hundred are enough for one question
NEW_CONTAINER = (
    "The code's container had expired: a new one has the files, but no variables of earlier turns."
)

Stream = Callable[[JSON], Iterator[JSON]]
Show = Callable[[Answer], None]


class House(Protocol):
    """What a turn needs of the session."""

    def stream(self, request: JSON) -> Iterator[JSON]:
        """Send a Messages request and yield its events."""

    def heal(self, request: JSON) -> JSON:
        """Return a request with what is gone uploaded again; raises FileGone."""

    def fetch(self, file_id: str) -> FileRecord:
        """Download a file that code made."""


def run(answer: Answer, house: House, show: Show) -> Answer:
    """Return the whole answer, told to `show` as it grows; what goes wrong is in its `problem` and `error`.

    KeyboardInterrupt becomes Stopped; only what is no NbfilesError is raised.
    """
    started = time.monotonic()
    try:
        for answer in _steps(answer, house):  # noqa: B020 - the last snapshot is the answer
            show(answer)
    except KeyboardInterrupt:
        stopped = Stopped("Stopped. What had arrived is kept above.")
        answer = replace(answer, problem="Stopped before the end.", error=stopped)
    except NbfilesError as error:
        answer = replace(answer, problem=str(error), error=error)
    return replace(answer, seconds=time.monotonic() - started)


def snapshots(answer: Answer, stream: Stream) -> Iterator[Answer]:
    """Yield the answer after each event; a paused turn is sent back as it is, MAX_ROUNDS times."""
    request = answer.request
    for _ in range(MAX_ROUNDS):
        with closing(stream(request)) as events:  # type: ignore[type-var]
            for event in events:
                answer = fold(answer, event)
                yield answer
        if answer.stop_reason != "pause_turn":
            return
        request = _continued(answer)
    yield replace(answer, problem=f"Claude paused {MAX_ROUNDS} times. To go on: answer.ask('go on')")


def _steps(answer: Answer, house: House) -> Iterator[Answer]:
    try:
        for answer in snapshots(answer, house.stream):  # noqa: B020
            yield answer
    except ApiError as error:
        if answer.blocks:
            raise
        answer = _mended(answer, error, house)
        for answer in snapshots(answer, house.stream):  # noqa: B020
            yield answer
    for file_id in output_file_ids(answer.blocks):
        try:
            record = house.fetch(file_id)
        except NbfilesError as error:
            answer = replace(answer, problem=f"A file that the code made did not arrive: {error}")
        else:
            answer = replace(answer, files=Files((*answer.files, record)))
        yield answer


def _mended(answer: Answer, error: ApiError, house: House) -> Answer:
    """Return the question without what the API refused it for, or raise its error; nothing was paid yet."""
    if isinstance(error, FileGone):
        return replace(answer, request=house.heal(answer.request))
    if _container_is_gone(answer.request, error):
        notes = (*answer.notes, NEW_CONTAINER)
        return replace(answer, request=in_new_container(answer.request), notes=notes)
    raise error


def _container_is_gone(request: JSON, error: ApiError) -> bool:
    return "container" in request and error.status in (400, 404, 410) and "container" in str(error).lower()


def _continued(answer: Answer) -> JSON:
    turn = {"role": "assistant", "content": whole_blocks(answer)}
    request = {**answer.request, "messages": [*answer.request["messages"], turn]}
    return {**request, "container": answer.container} if answer.container else request
