"""What a person sees while nbfiles works: uploads, waiting, the growing answer, each in one output."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from nbfiles.asking.answer import Answer
from nbfiles.display import answer as answers
from nbfiles.display import files, front
from nbfiles.filing.transfer import Progress
from nbfiles.session import Watcher

PAINTS_A_SECOND = 10  # faster repaints flicker and flood the kernel's output channel
PAINT_SHARE = 0.2  # of the time; a long answer is repainted less often than a short one

DOING = {
    "text": "Writing …",
    "thinking": "Thinking …",
    "redacted_thinking": "Thinking …",
    "server_tool_use": "Writing and running code …",
}


class Live(Watcher):
    """Shows what the session tells it, at most PAINTS_A_SECOND times a second; use it with `with`."""

    def __init__(self) -> None:
        self._uploads = front.Output()
        self._answers = front.Output()
        self._rows: Sequence[Progress] = ()
        self._answer: Answer | None = None
        self._next_paint = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Paint what is finished, and the charts below it."""
        if self._rows:
            self._uploads.paint(files.progress(self._rows))
            self._uploads.close()
        if self._answer:
            self._answers.paint(answers.bundle(self._answer))
            self._answers.close()
            answers.show_pictures(self._answer)
            front.mark_shown(self._answer)

    def uploads(self, rows: Sequence[Progress]) -> None:
        """Show how far uploads are."""
        self._rows = rows = tuple(rows)
        if self._due():
            self._paint(self._uploads, lambda: files.progress(rows))

    def answer(self, answer: Answer) -> None:
        """Show the answer so far, with what is going on in words."""
        self._answer = answer
        if self._due():
            last = answer.blocks[-1]["type"] if answer.blocks else "thinking"
            self._paint(self._answers, lambda: answers.bundle(answer, DOING.get(last, "Working …")))

    def waiting(self, seconds: float, why: str) -> None:
        """Show that a busy server is asked again in `seconds`."""
        shown = self._answer or Answer(model="Claude")
        self._paint(self._answers, lambda: answers.bundle(shown, f"{why} Trying again in {seconds:.0f} s."))

    def _due(self) -> bool:
        return time.monotonic() >= self._next_paint

    def _paint(self, output: front.Output, make: Callable[[], front.Bundle]) -> None:
        started = time.monotonic()
        output.paint(make())
        cost = time.monotonic() - started
        self._next_paint = started + max(1 / PAINTS_A_SECOND, cost / PAINT_SHARE)
