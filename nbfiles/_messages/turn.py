"""One turn: the request goes out, its events make the answer grow, pauses go on by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Protocol

from nbfiles._messages.blocks import sent_back
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.content import container_id, in_container, in_new_container
from nbfiles._messages.observer import Observer, ViewErrors
from nbfiles.errors import ApiError, FileGone, NbfilesError, NoConnection, Stopped
from nbfiles.records import JSON, FileRecord, Origin, Progress

MAX_ROUNDS = 10  # the API pauses after about ten tool calls; a hundred are enough for one question
PAUSED = "Claude paused in between: the answer took {} requests of at most " + f"{MAX_ROUNDS}."
ASKED_TWICE = (
    "The server failed after the question was sent ({}), so it was asked once more: it may have been charged twice."
)
NEW_CONTAINER = "The code's container had expired: a new one has the files, but no variables of earlier turns."

STOPPED_EARLY = "Stopped before the first words: the question may have been sent and charged."

MayGoOn = Callable[[AnswerBuilder], None]  # raises what forbids another request for a paused answer


class MessagesApi(Protocol):
    """What a turn needs of a client."""

    def stream(self, request: JSON, on_repeat: Callable[[str], None]) -> Iterator[JSON]:
        """Send a Messages request and yield its events.

        `on_repeat` is told before it is sent again though a first try may have been charged.
        """


class TurnFiles(Protocol):
    """What a turn needs of the files."""

    def heal(self, request: JSON, watch: Callable[[Sequence[Progress]], None], attached: Sequence[FileRecord]) -> JSON:
        """Return a request with what is gone of the `attached` uploaded again; raises FileGone."""

    def download_generated(
        self, origins: Mapping[str, Origin], asked: tuple[str, Sequence[str]], on_file: Callable[[FileRecord], None]
    ) -> NbfilesError | None:
        """Download what code made, told one by one in any thread; returns what went wrong, if anything.

        `asked` are the question and the names of its files, after which the folder is named.
        """

    def expect_generated(self, origins: Mapping[str, Origin], on_file: Callable[[FileRecord], None]) -> None:
        """Give names to what code made, without asking the workspace."""


class TurnConnection(Protocol):
    """What a turn needs of a connection."""

    @property
    def client(self) -> MessagesApi:
        """The client."""

    @property
    def files(self) -> TurnFiles:
        """The files."""


def always(_answer: AnswerBuilder) -> None:
    """Forbid nothing."""


@contextmanager
def recorded(answer: AnswerBuilder) -> Iterator[None]:
    """Let what goes wrong be in the `problem` and the `error` of the answer; KeyboardInterrupt becomes Stopped.

    Only what is not an NbfilesError is raised.
    """
    try:
        yield
    except KeyboardInterrupt:
        stopped = Stopped("What had arrived of the answer is kept above. For the whole answer, run the cell again.")
        stopped.perhaps_done = not answer.has_begun
        problem = "Stopped before the end." if answer.has_begun else STOPPED_EARLY
        answer.outcome = replace(answer.outcome, problem=problem, error=stopped)
    except NbfilesError as error:
        answer.outcome = replace(answer.outcome, problem=str(error), error=error)


def receive(
    answer: AnswerBuilder,
    connection: TurnConnection,
    observer: Observer,
    may_go_on: MayGoOn = always,
    view_errors: ViewErrors | None = None,
) -> None:
    """Send the request and let the answer grow; a paused turn is sent back as it is, MAX_ROUNDS times.

    What the API refuses before anything arrived is mended once: files that are gone, an expired container.
    """
    request: JSON | None = answer.asked.request
    mended, rounds, view_errors = False, 0, view_errors or ViewErrors()
    with view_errors:
        observer.answer(answer)  # what is asked now: the first words may take long
    while request is not None:
        try:
            events = connection.client.stream(request, on_repeat=lambda why: _note_repeat(answer, why))
            with closing(events):  # type: ignore[type-var]
                for event in events:
                    answer.add(event)
                    with view_errors:
                        observer.answer(answer)
        except ApiError as error:
            if mended or answer.has_blocks:
                raise
            request, mended = _mend(answer, error, connection, observer), True
        else:
            rounds += 1
            request = _next_request(answer, rounds, may_go_on)


def _next_request(answer: AnswerBuilder, rounds: int, may_go_on: MayGoOn) -> JSON | None:
    """Return the request that goes on with a paused answer after so many rounds; None where it ended."""
    if answer.stop_reason != "pause_turn":
        return None
    if rounds == MAX_ROUNDS:
        problem = f"Claude paused {MAX_ROUNDS} times. To go on: answer.ask('go on')"
        answer.outcome = replace(answer.outcome, problem=problem)
        return None
    may_go_on(answer)
    notes = (note for note in answer.outcome.notes if note != PAUSED.format(rounds))
    answer.outcome = replace(answer.outcome, notes=(*notes, PAUSED.format(rounds + 1)))
    turn = {"role": "assistant", "content": sent_back(answer.snapshot().blocks)}
    request = {**answer.asked.request, "messages": [*answer.asked.request["messages"], turn]}
    return in_container(request, answer.container) if answer.container else request


def fetch_files(
    answer: AnswerBuilder, connection: TurnConnection, observer: Observer, view_errors: ViewErrors | None = None
) -> None:
    """Download the files of the steps that ended, also of an answer that was stopped or cut."""
    origins, asked = answer.expect_files(), answer.asked
    if not origins:
        return

    def on_file(record: FileRecord) -> None:
        answer.add_file(record)
        with view_errors or ViewErrors():
            observer.answer(answer)

    if isinstance(answer.outcome.error, NoConnection):
        connection.files.expect_generated(origins, on_file)
        return
    with recorded(answer):
        try:
            error = connection.files.download_generated(origins, (asked.question, asked.sources), on_file)
        except KeyboardInterrupt:  # `Stopped` is an NbfilesError, too
            raise
        except NbfilesError as problem:
            error = problem
        if error and not answer.outcome.problem:
            answer.outcome = replace(answer.outcome, problem=str(error))


def finish(answer: AnswerBuilder) -> None:
    """Say how long the turn took, and of its last request that it may have been charged, where it failed."""
    outcome, error = answer.outcome, answer.outcome.error
    unreported = outcome.unreported + (error is not None and error.perhaps_done)
    answer.outcome = replace(outcome, unreported=unreported, seconds=answer.seconds)


def _note_repeat(answer: AnswerBuilder, why: str) -> None:
    """Say that something may have been charged for which there is nothing to show."""
    notes = dict.fromkeys([*answer.outcome.notes, ASKED_TWICE.format(why)])
    answer.outcome = replace(answer.outcome, notes=tuple(notes), unreported=answer.outcome.unreported + 1)


def _mend(answer: AnswerBuilder, error: ApiError, connection: TurnConnection, observer: Observer) -> JSON:
    """Return the request without what the API refused it for, or raise its error; nothing was paid yet."""
    asked = answer.asked
    if isinstance(error, FileGone):
        answer.asked = replace(asked, request=connection.files.heal(asked.request, observer.uploads, asked.attached))
    elif _container_is_gone(asked.request, error):
        notes = (*asked.notes, NEW_CONTAINER)
        answer.asked = replace(asked, request=in_new_container(asked.request), notes=notes)
    else:
        raise error
    return answer.asked.request


def _container_is_gone(request: JSON, error: ApiError) -> bool:
    return container_id(request) is not None and error.status in (400, 404, 410) and "container" in str(error).lower()
