"""Say in a few words what Claude does at this moment: models that run code write nothing for minutes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextvars import copy_context

from nbfiles._display import block_views, formatting
from nbfiles._display.code_steps import ACTIONS, OTHER_ACTION
from nbfiles._messages.answer import Answer
from nbfiles._messages.block_values import ToolCall
from nbfiles._messages.code_steps import CodeStep

TICK_S = 1.0  # seconds are counted in whole ones
_CREATES = re.compile(r'"create".*?"path"\s*:\s*"([^"\\]{1,200})"')  # in input that is not whole yet


def status_line(answer: Answer, partial_input: str = "") -> str:
    """Return what goes on, from the last block that has arrived and the input of a tool call so far."""
    if answer.files:
        return f"Fetched {answer.files[-1].name}, {len(answer.files)} of {formatting.files(len(answer.origins()))}"
    if answer.stop_reason not in (None, "pause_turn") or answer.problem:
        return "Fetching the files" if answer.origins() else "Finishing"
    return block_views.status(answer, answer.blocks[-1].type if answer.blocks else "thinking", partial_input)


def step(answer: Answer, partial_input: str) -> str:
    """Return what the newest step does, or what is written for it."""
    number, call = len(answer.code), answer.blocks[-1]
    if partial_input or not (isinstance(call, ToolCall) and call.input):
        lines = partial_input.count("\\n") + 1
        file = _CREATES.search(partial_input)
        written = file[1] if file else "code"
        return f"Step {number}: writing {written}, {lines} line{'s' if lines > 1 else ''}"
    newest = answer.code[-1]
    return f"Step {number}: {_edit(newest).lower()} {newest.path}" if newest.path else f"Step {number}: running"


def result(answer: Answer, _partial_input: str) -> str:
    """Return what came of the newest step."""
    return _result(answer.code[-1]) if answer.code else "Working"


def _edit(step: CodeStep) -> str:
    return ACTIONS.get(step.action, OTHER_ACTION)[1]


def _result(step: CodeStep) -> str:
    if step.path and step.error:
        return f"{_edit(step)} {step.path} failed"
    if step.path:
        return f"{ACTIONS.get(step.action, OTHER_ACTION)[0]} {step.path}"
    return (
        f"Reading the results, {formatting.files(len(step.file_ids))} made" if step.file_ids else "Reading the results"
    )


class Clock:
    """Call a function once a second, in a thread of its own, from `start` to `stop`."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, tick: Callable[[], None]) -> None:
        """Begin to call `tick`, unless it runs."""
        if self._thread is None:
            self._over.clear()
            # The context holds which cell the output belongs to.
            self._thread = threading.Thread(target=copy_context().run, args=(self._run, tick), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End; no tick comes after this."""
        if self._thread is not None:
            self._over.set()
            self._thread.join()
            self._thread = None

    def _run(self, tick: Callable[[], None]) -> None:
        while not self._over.wait(TICK_S):
            tick()
