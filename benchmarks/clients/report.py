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
class Said:
    """One line of a script: `theirs` says why what fails, or is not there, is the client's own."""

    task: str
    ok: bool = False
    case: str = ""  # where a task has several
    error: str = ""
    theirs: str = ""


def show(said: Mapping[str, Sequence[Said]]) -> None:
    """Print everything."""
    tasks = dict.fromkeys([*TASKS, *(line.task for lines in said.values() for line in lines)])
    by_task = {task: [[line for line in lines if line.task == task] for lines in said.values()] for task in tasks}
    rows = [[task, *map(_cell, cells)] for task, cells in by_task.items() if any(cells)]
    table(["task", *said], *rows, ["all", *(_cell(lines) for lines in said.values())])
    print()
    for name, lines in said.items():
        for text, times in Counter(_failures(name, lines)).items():
            print(f"{text}{f' ({times} times)' if times > 1 else ''}")


def _cell(lines: Sequence[Said]) -> str:
    """Return how many of what a client can do went well; `-` is what it has not, `theirs` fails in the client."""
    tried = [line for line in lines if line.ok or line.error]
    if not tried:
        return "-" if lines else ""
    if len(tried) > 1:
        return f"{sum(line.ok for line in tried)}/{len(tried)}"
    return "ok" if tried[0].ok else "theirs" if tried[0].theirs else "FAILS"


def _failures(name: str, lines: Sequence[Said]) -> Iterator[str]:
    for line in lines:
        if line.ok:
            continue
        case = line.case.partition("[")[0]
        where = f"{name}, {line.task}{f' ({case})' if case else ''}"
        theirs = f" | Not ours: {line.theirs}" if line.theirs else ""
        yield f"{where}: {_shortened(line.error) or 'it has none'}{theirs}"


def _shortened(text: str) -> str:
    words = re.sub(r"\b([a-z]+_)011C\w+", r"\1…", " ".join(text.split()))  # ids differ from time to time
    return words if len(words) <= WIDTH else f"{words[:WIDTH]} …"
