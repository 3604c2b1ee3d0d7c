"""One turn: the request goes out, snapshots of the answer come back, pauses go on by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

from nbfiles.asking.answer import JSON, Answer
from nbfiles.asking.content import whole_blocks
from nbfiles.asking.stream import fold

MAX_ROUNDS = 10  # the API pauses after about ten tool calls; a hundred are enough for one question

Stream = Callable[[JSON], Iterator[JSON]]


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


def _continued(answer: Answer) -> JSON:
    turn = {"role": "assistant", "content": whole_blocks(answer)}
    request = {**answer.request, "messages": [*answer.request["messages"], turn]}
    return {**request, "container": answer.container} if answer.container else request
