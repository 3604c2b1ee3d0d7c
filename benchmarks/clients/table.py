"""What the clients' scripts said, as a table task × client, and a line for everything that failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.common import table

TASKS = (
    *("question", "stream", "system", "turns", "file id", "inline PDF", "image", "citations"),
    *("tool, forced", "tool, auto", "tool loop", "structured", "count", "models", "files", "batches", "code"),
    *("error: bad model", "error: too large"),
)
WIDTH = 300  # characters that are shown of a failure


@dataclass(frozen=True)
class TaskResult:
    """One line of a script: `theirs` says why what fails, or is not there, is the client's own."""

    task: str
    ok: bool = False
    case: str = ""  # where a task has several
    error: str = ""
    theirs: str = ""


def show(results: Mapping[str, Sequence[TaskResult]]) -> None:
    """Print everything."""
    tasks = dict.fromkeys([*TASKS, *(result.task for of_one in results.values() for result in of_one)])
    by_task = {task: [_of_task(task, of_one) for of_one in results.values()] for task in tasks}
    rows = [[task, *map(_cell, cells)] for task, cells in by_task.items() if any(cells)]
    totals = [["all", *map(_cell, results.values())], ["fail for us", *map(_ours, results.values())]]
    table(["task", *results], *rows, *totals)
    print()
    for client, of_one in results.items():
        for text, times in Counter(_failures(client, of_one)).items():
            print(f"{text}{f' ({times} times)' if times > 1 else ''}")


def _of_task(task: str, results: Sequence[TaskResult]) -> list[TaskResult]:
    return [result for result in results if result.task == task]


def _ours(results: Sequence[TaskResult]) -> str:
    return str(sum(bool(result.error) and not result.theirs for result in results))


def _cell(results: Sequence[TaskResult]) -> str:
    """Return how many of what a client can do went well; `-` is what it has not, `theirs` fails in the client."""
    tried = [result for result in results if result.ok or result.error]
    if not tried:
        return "-" if results else ""
    if len(tried) > 1:
        return f"{sum(result.ok for result in tried)}/{len(tried)}"
    return "ok" if tried[0].ok else "theirs" if tried[0].theirs else "FAILS"


def _failures(client: str, results: Sequence[TaskResult]) -> Iterator[str]:
    for result in results:
        if not result.ok:
            case = result.case.partition("[")[0]
            theirs = f" | Not ours: {result.theirs}" if result.theirs else ""
            error = _shortened(result.error) or "it has none"
            yield f"{client}, {result.task}{f' ({case})' if case else ''}: {error}{theirs}"


def _shortened(text: str) -> str:
    words = re.sub(r"\b([a-z]+_)011C\w+", r"\1…", " ".join(text.split()))  # ids differ from time to time
    return words if len(words) <= WIDTH else f"{words[:WIDTH]} …"
