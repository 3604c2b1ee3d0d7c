"""The sandbox engine: runs the code of the question, or a built-in profile of its data files."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nbfiles.server import ids
from nbfiles.server.engines.sandbox import office, tables
from nbfiles.server.engines.sandbox.container import CELL_SECONDS, CellLimits, Container
from nbfiles.server.engines.sandbox.outcome import outcome
from nbfiles.server.engines.sandbox.runs import MOST_BYTES, Runs
from nbfiles.server.engines.sandbox.steps import MOST_RUNS, Step, steps
from nbfiles.server.messages.fenced import PYTHON
from nbfiles.server.messages.parts import NOTE, ContainerPart, Part, StopPart, TextPart, ThinkingPart
from nbfiles.server.messages.query import DataFile, Query
from nbfiles.server.rules.sizes import FILE_LIMIT
from nbfiles.server.storage.store import Store

LIFE = 24 * 3600  # seconds without use after which a container expires
MOST_ALIVE = 4  # Pythons kept for the next turn; each holds its data in memory
MOST_BUSY = 8  # calls that run at the same time; each may take gigabytes


class Sandbox:
    """Runs code in containers, and keeps the last few alive for the next turn."""

    note = NOTE

    def __init__(
        self,
        store: Store,
        *,
        cell_seconds: int = CELL_SECONDS,
        file_limit: int = FILE_LIMIT,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._cell_seconds = cell_seconds
        self._most_bytes = most_bytes
        self._file_limit = file_limit
        self._store = store
        self._alive: OrderedDict[str, Container] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(MOST_BUSY)

    def can(self, query: Query) -> bool:
        """Return whether there is something to run."""
        return query.tool is not None and bool(query.data_files or query.skills or steps(query.question, query.tool))

    def answer(self, query: Query, stop: threading.Event, before: Sequence[Part]) -> Iterator[Part]:
        """Yield the calls, their results, and the findings in words, unless a schema is filled with them."""
        for part in self._answer(query, stop, before):
            if query.schema is None or not isinstance(part, TextPart):
                yield part

    def _answer(self, query: Query, stop: threading.Event, before: Sequence[Part]) -> Iterator[Part]:
        assert query.tool is not None
        container_id = query.container_id or ids.new("container")
        expires_at = time.time() + LIFE
        self._store.keep_container(container_id, expires_at)
        yield ContainerPart(container_id, expires_at)
        if query.documents or query.pictures:
            yield TextPart("\n\n")
        with self._container(container_id) as container:
            names = dict(zip(container.files.put(query.data_files), query.data_files, strict=True))
            container.files.mount(query.skills)
            runs = Runs(container, self._store, query.tool, stop, self._file_limit, self._most_bytes)
            todo = steps(query.question, query.tool)
            if todo:
                yield from _run_steps(runs, todo[query.calls :], query.calls)
                return
            names_asked = _asked_about(names, query.question)
            report = office.Report(_title(names_asked, query))
            report.add("".join(part.text for part in before if isinstance(part, TextPart)))
            yield from tables.answer(runs, names_asked, query.question, report)
            yield from office.answer(runs, query, report)

    def close(self) -> None:
        """Kill every Python."""
        with self._lock:
            for container in self._alive.values():
                container.close()
            self._alive.clear()

    @contextmanager
    def _container(self, container_id: str) -> Iterator[Container]:
        """Lend a container for one answer; the least recently used one beyond the limit is closed."""
        with self._lock:
            container = self._alive.pop(container_id, None) or self._new(container_id)
            self._alive[container_id] = container
            for old in list(self._alive.values())[:-MOST_ALIVE]:
                if not old.lock.locked():
                    self._alive.pop(old.id).close()
        with container.lock:
            yield container

    def _new(self, container_id: str) -> Container:
        folder, cache = self._store.containers / container_id, self._store.root / "matplotlib"
        return Container(container_id, folder, cache, self._turns, CellLimits(seconds=self._cell_seconds))


def _run_steps(runs: Runs, todo: tuple[Step, ...], count: int) -> Iterator[Part]:
    """Run the code of the question step by step; many steps pause, and the next request goes on."""
    for step in todo[:MOST_RUNS]:
        count += 1
        yield ThinkingPart(f"Local server: a fixed plan, no reasoning. Step {count}: run the code of the question.")
        yield from runs.run(step)
        if runs.stop.is_set():
            return
    if todo[MOST_RUNS:]:
        yield StopPart("pause_turn")
        return
    what = f"the {count} steps" if count > 1 else "the Python" if todo[0].tool == PYTHON else "the code"
    summary = outcome(runs.content, runs.names, runs.reason, runs.elsewhere)
    yield TextPart(f"It ran {what} of the question. {summary}")


def _title(names: list[str], query: Query) -> str:
    """Return what a report is called: as the first file or document."""
    labels = [*names, *(document.label for document in query.documents)]
    return labels[0].rsplit(".", 1)[0].replace("_", " ").capitalize() if labels else "Report"


def _asked_about(files: dict[str, DataFile], question: str) -> list[str]:
    """Return the files that the question names, or those that came with it, or all."""
    text = question.lower()
    named = [name for name in files if name.lower() in text]
    return named or [name for name, file in files.items() if file.is_new] or list(files)
