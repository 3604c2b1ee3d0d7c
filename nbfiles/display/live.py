"""What a person sees while nbfiles works: uploads, waiting, the growing answer, each in one output."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from nbfiles.asking.answer import Answer
from nbfiles.asking.each import Row
from nbfiles.display import answer as answers
from nbfiles.display import artifacts, each, files, front
from nbfiles.display.painter import Painter
from nbfiles.filing.transfer import Progress
from nbfiles.session import Watcher

DOING = {
    "text": "Writing …",
    "thinking": "Thinking …",
    "redacted_thinking": "Thinking …",
    "server_tool_use": "Writing and running code …",
}


class Live(Watcher):
    """Shows what the session tells it; use it with `with`, and the last state is what remains."""

    def __init__(self) -> None:
        self._uploads = Painter()
        self._answers = Painter()
        self._answer: Answer | None = None
        self._rows: tuple[Progress, ...] = ()
        self._began = 0.0
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Paint what is finished, and the charts below it."""
        self._uploads.finish()
        if answer := self._answer:
            self._answers.offer(lambda: answers.bundle(answer))
        self._answers.finish()
        if answer:
            artifacts.show_pictures(answer.files)
            front.mark_shown(answer)

    def uploads(self, rows: Sequence[Progress]) -> None:
        """Show how far uploads are."""
        self._rows = tuple(rows)
        self._began = self._began or time.monotonic()
        self._offer_uploads()

    def answer(self, answer: Answer) -> None:
        """Show the answer so far, with what is going on in words; its first words at once."""
        last = answer.blocks[-1]["type"] if answer.blocks else "thinking"
        first, self._answer = not self._begun and last == "text" and bool(answer.text), answer
        self._begun |= first
        self._answers.offer(lambda: answers.growing(answer, DOING.get(last, "Working …")), at_once=first)

    def each(self, rows: Sequence[Row], note: str) -> None:
        """Show how far the files are that are each asked about."""
        now = tuple(rows)
        self._answers.offer(lambda: each.bundle(now, note))

    def waiting(self, seconds: float, why: str) -> None:
        """Show that a busy server is asked again in `seconds`."""
        doing = f"{why} Trying again in {seconds:.0f} s."
        if any(not row.ended for row in self._rows):
            self._offer_uploads(doing)
            return
        shown = self._answer or Answer(model="Claude")
        self._answers.offer(lambda: answers.growing(shown, doing))

    def _offer_uploads(self, waiting: str = "") -> None:
        rows, seconds = self._rows, time.monotonic() - self._began
        self._uploads.offer(lambda: files.progress(rows, seconds, waiting))
