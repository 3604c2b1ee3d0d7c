"""The sandbox engine: runs the code of the question, or a built-in profile of its data files."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from nbfiles.server.engines.sandbox import office, tables
from nbfiles.server.engines.sandbox.container import Container
from nbfiles.server.engines.sandbox.outcome import outcome
from nbfiles.server.engines.sandbox.runs import Runs
from nbfiles.server.engines.sandbox.steps import MOST_RUNS, PYTHON, Step, steps
from nbfiles.server.messages.parts import ContainerPart as Used
from nbfiles.server.messages.parts import Part, Stop, Text, Thinking
from nbfiles.server.messages.query import DataFile, Query
from nbfiles.server.storage import ids
from nbfiles.server.storage.store import Store

LIFE = 24 * 3600  # seconds without use after which a container expires
MOST_ALIVE = 4  # Pythons kept for the next turn; each holds its data in memory
MOST_BUSY = 8  # calls that run at the same time; each may take gigabytes


class Sandbox:
    """Runs code in containers, and keeps the last few alive for the next turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._alive: OrderedDict[str, Container] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(MOST_BUSY)

    def wanted(self, ask: Query) -> bool:
        """Tell whether there is something to run."""
        return ask.tool is not None and bool(ask.data_files or ask.skills or steps(ask.question, ask.tool))

    def answer(self, ask: Query, stop: threading.Event, quoted: str = "") -> Iterator[Part]:
        """Yield the calls, what they gave, and the findings in words; `quoted` is what documents told."""
        assert ask.tool is not None
        container_id = ask.container_id or ids.new("container")
        expires_at = time.time() + LIFE
        self._store.keep_container(container_id, expires_at)
        yield Used(container_id, expires_at)
        if ask.documents or ask.pictures:
            yield Text("\n\n")
        with self._container(container_id) as container:
            names = dict(zip(container.put(ask.data_files), ask.data_files, strict=True))
            container.mount(ask.skills)
            runs = Runs(container, self._store, ask.tool, stop)
            todo = steps(ask.question, ask.tool)
            if todo:
                yield from _given(runs, todo[ask.calls :], ask.calls)
                return
            asked = _asked_about(names, ask.question)
            report = office.Report(_title(asked, ask))
            report.add(quoted)
            yield from tables.answer(runs, asked, ask.question, report)
            yield from office.answer(runs, ask, report)

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
        return Container(container_id, folder, cache, self._turns)


def _given(runs: Runs, todo: tuple[Step, ...], done: int) -> Iterator[Part]:
    """Run the code of the question step by step; many steps pause, and the next request goes on."""
    for step in todo[:MOST_RUNS]:
        done += 1
        yield Thinking(f"Local server: this is no reasoning. Step {done}: run the code as it was given.")
        yield from runs.run(step)
        if runs.stop.is_set():
            return
    if todo[MOST_RUNS:]:
        yield Stop("pause_turn")
        return
    what = f"the {done} steps" if done > 1 else "the Python" if todo[0].tool == PYTHON else "the code"
    said = outcome(runs.content, runs.names)
    yield Text(f"Local server: ran {what} of the question, does not reason. {said}")


def _title(names: list[str], ask: Query) -> str:
    """Return what a report is called: as the first file or document."""
    labels = [*names, *(document.label for document in ask.documents)]
    return labels[0].rsplit(".", 1)[0].replace("_", " ").capitalize() if labels else "Report"


def _asked_about(files: dict[str, DataFile], question: str) -> list[str]:
    """Return the files that the question names, or those that came with it, or all."""
    asked = question.lower()
    named = [name for name in files if name.lower() in asked]
    return named or [name for name, file in files.items() if file.is_new] or list(files)
