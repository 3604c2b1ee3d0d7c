"""Show what a person sees while nbfiles works: uploads, waiting, the growing answer, each in one output."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from nbfiles._display import answer as answers
from nbfiles._display import generated_files, output, progress_tables
from nbfiles._display.status_line import TICK_S, Clock, status_line
from nbfiles._display.streaming import PartialView, StreamingOutput
from nbfiles._display.throttle import Throttle
from nbfiles._messages.answer import Answer
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.observer import Observer
from nbfiles._messages.per_file import FileResult
from nbfiles._messages.prepared import PreparedRequest
from nbfiles.errors import Spelled, Stopped
from nbfiles.records import Progress

# A page that is reloaded gets no more outputs of a cell that runs (docs/frontends.md).
RELOADED = "after a reload of the page"
SHOW_AGAIN = Spelled("answer.show()", "%nbfiles show")
NOT_YET = Answer(asked=PreparedRequest())  # where nothing is known but that it takes long


def _is_silent(answer: AnswerBuilder) -> bool:
    """Return whether nothing arrives of an answer for the moment."""
    return not answer.has_begun or answer.block_type == "server_tool_use"


class LiveProgress(Observer):
    """Show progress as the session reports it; use it with `with`, and the last state is what remains."""

    def __init__(self, *, asking: bool = False, keep: Callable[[Answer], None] | None = None) -> None:
        self._keep = keep
        self._asking = asking
        self._uploads_shown = False
        uploads = output.Output()
        self._uploads = Throttle(uploads)
        self._answers = Throttle(StreamingOutput(above=[uploads]))
        self._answer: AnswerBuilder | None = None
        self._rows: tuple[Progress, ...] = ()
        self._each: tuple[tuple[FileResult, ...], str] | None = None
        self._over = False
        self._uploads_began = 0.0
        self._text_began = False
        self._phase: tuple[object, ...] = ()
        self._since = time.monotonic()
        self._told = 0.0  # when a wait was last shown
        self._clock = Clock()

    def __enter__(self) -> Self:
        self._clock.start(self._tick)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Paint what is finished, and the charts below it."""
        self._over = True
        self._clock.stop()
        self._uploads.flush()  # the output below closes it
        answer = self._answer.snapshot() if self._answer else None
        if answer and self._keep:
            self._keep(answer)
        if answer:
            self._answers.offer(lambda: answers.bundle(answer))
        self._answers.finish()
        self._say_problem(answer)
        if answer:
            generated_files.show_pictures(answer)
            output.mark_shown(answer)

    def _say_problem(self, answer: Answer | None) -> None:
        """Print the answer where it could not be painted, or say that the progress could not."""
        if answer and self._answers.problem:
            output.write(answers.unformatted(answer, self._answers.problem).plain)
        elif problem := self._answers.problem or self._uploads.problem:
            output.write(f"The progress could not be shown ({type(problem).__name__}).")

    def uploads(self, rows: Sequence[Progress]) -> None:
        """Show how far uploads are, below those of this cell that are over: a question uploads one after the other."""
        names = {row.name for row in rows}
        self._rows = (*(row for row in self._rows if row.ended and row.name not in names), *rows)
        self._uploads_began = self._uploads_began or time.monotonic()
        if not self._over and self._worth_an_output():
            self._offer_uploads()

    def _worth_an_output(self) -> bool:
        """Return whether uploads are worth an output: not what was there already, or what an error says."""
        states = {row.state for row in self._rows}
        if self._uploads_shown:
            return True
        if self._asking and states <= {"waiting", "already there"}:
            return False
        return not (len(self._rows) == 1 and states <= {"waiting", "failed"})

    def answer(self, answer: AnswerBuilder) -> None:
        """Show the answer so far, with what is going on in words; its first words at once."""
        first, self._answer = not self._text_began and answer.has_text, answer
        self._text_began |= first
        if answer.phase != self._phase:
            self._phase, self._since = answer.phase, time.monotonic()
        if not self._over and answer.has_begun:
            self._answers.offer(self._answer_so_far, at_once=first)

    def _tick(self) -> None:
        """Count the seconds of what shows nothing else: a silent server, an upload, code that runs."""
        if self._over or time.monotonic() - self._told < 2 * TICK_S:
            return
        if any(not row.ended for row in self._rows):
            self._offer_uploads()
        elif self._asking and not self._each and (self._answer is None or _is_silent(self._answer)):
            self._answers.offer(self._answer_so_far)

    def _answer_so_far(self) -> PartialView:
        """Return the answer so far, with what Claude is doing and for how long."""
        seconds = time.monotonic() - self._since
        if self._answer is None:
            return answers.partial_view(NOT_YET, f"Asking the server, {seconds:.0f} s …")
        answer, asking = self._answer.snapshot(), f"Asking {self._answer.asked.sent_to}"
        status = status_line(answer, self._answer.partial_input) if self._answer.has_begun else asking
        counted = f"{status}, {seconds:.0f} s …" if seconds >= TICK_S else f"{status} …"
        return answers.partial_view(answer, f"{counted} · {RELOADED}: {SHOW_AGAIN}")

    def each(self, rows: Sequence[FileResult], note: str) -> None:
        """Show how far the files are that are each asked about."""
        self._each = now = tuple(rows), note
        if not self._over:
            self._answers.offer(lambda: progress_tables.answer_table(*now))

    def waiting(self, seconds: float, why: str) -> None:
        """Show that a busy server is asked again in `seconds`; ends the wait of what nobody waits for."""
        if self._over:
            raise Stopped("Nobody waits for this request any more.")
        message, self._told = f"{why} Trying again in {seconds:.0f} s.", time.monotonic()
        if any(not row.ended for row in self._rows):
            self._offer_uploads(message)
            return
        if self._each:
            rows, note = self._each
            self._answers.offer(lambda: progress_tables.answer_table(rows, f"{note} {message}".strip()))
            return
        answer = self._answer.snapshot() if self._answer else NOT_YET
        self._answers.offer(lambda: answers.partial_view(answer, message), at_once=True)

    def _offer_uploads(self, waiting: str = "") -> None:
        self._uploads_shown = True
        rows, seconds = self._rows, time.monotonic() - self._uploads_began
        self._uploads.offer(lambda: progress_tables.upload_table(rows, seconds, waiting, next_step=not self._asking))
