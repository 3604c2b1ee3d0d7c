"""The sandbox engine: runs the question's Python, or a built-in profile of its data files."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbfiles.server import filenames, ids
from nbfiles.server.ask import Ask, DataFile
from nbfiles.server.engines import findings, profile
from nbfiles.server.engines.container import CellStopped, Container
from nbfiles.server.engines.prose import escaped, listed
from nbfiles.server.pieces import Code, Piece, Result, Text
from nbfiles.server.pieces import Container as Used
from nbfiles.server.store import Store

LIFE = 24 * 3600  # seconds without use after which a container expires
MOST_ALIVE = 4  # Pythons kept for the next turn; each holds its data in memory
PRINTED_LINES, PRINTED_WIDTH = 40, 200  # of what a cell printed; the result block has it all
MOST_PROFILES = 3  # data files that one answer looks at
RAN = "Local server: ran the Python of the question, does not reason."
PROFILED = "Local server: ran its built-in profile, does not reason."
DEMO_PACKAGES = ("pandas", "matplotlib")


def _frames() -> str:
    return Path(__file__).with_name("frames.py").read_text(encoding="utf-8")


class Sandbox:
    """Runs code in containers, and keeps the last few alive for the next turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._alive: OrderedDict[str, Container] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, ask: Ask, stop: threading.Event) -> Iterator[Piece]:
        """Yield the code, what it gave, and the findings in words."""
        container_id = ask.container_id or ids.new("container")
        expires_at = time.time() + LIFE
        self._store.keep_container(container_id, expires_at)
        yield Used(container_id, expires_at)
        if ask.documents or ask.pictures:
            yield Text("\n\n")
        with self._container(container_id) as container:
            names = dict(zip(container.put(ask.data_files), ask.data_files, strict=True))
            if ask.code is not None:
                yield from self._run_theirs(container, ask.code, stop)
            else:
                yield from self._profiles(container, _asked_about(names, ask.question), ask.question, stop)

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
        return Container(container_id, self._store.containers / container_id, self._store.root / "matplotlib")

    def _run_theirs(self, container: Container, code: str, stop: threading.Event) -> Iterator[Piece]:
        call = ids.new("srvtoolu")
        yield Code(call, code)
        content, names = self._run(container, code, stop)
        yield Result(call, content)
        yield Text(f"{RAN} {_outcome(content, names)}")

    def _profiles(
        self, container: Container, names: list[str], question: str, stop: threading.Event
    ) -> Iterator[Piece]:
        for name in names[:MOST_PROFILES]:
            yield from self._profile(container, name, question, stop)
        if names[MOST_PROFILES:]:
            yield Text(f"\n\nNot looked at: {escaped(listed(names[MOST_PROFILES:]))}.")

    def _profile(
        self, container: Container, name: str, question: str, stop: threading.Event
    ) -> Iterator[Piece]:
        try:
            known = container.ask(f"{_frames()}\nimport matplotlib\nresult = describe({name!r})", stop)
        except CellStopped as problem:
            yield Text(f"{PROFILED} **{escaped(name)}** could not be read: {problem}.")
            return
        if "problem" in known:
            yield Text(f"{PROFILED} {_why_not(name, known)}")
            return
        table = known["result"]
        charts = profile.plan(table, question)
        code, call = profile.code(table, charts), ids.new("srvtoolu")
        yield Code(call, code)
        content, names = self._run(container, code, stop)
        yield Result(call, content)
        if content.get("return_code") != 0:
            yield Text(f"{PROFILED} {_outcome(content, names)}")
            return
        facts = self._facts(container, charts, stop)
        yield Text(f"{PROFILED}\n\n{findings.words(table, charts, facts)}")

    def _facts(
        self, container: Container, charts: list[profile.Chart], stop: threading.Event
    ) -> list[dict[str, Any]]:
        """Return the numbers behind each chart; none when Python cannot tell."""
        plan = [{"kind": chart.kind, "x": chart.x, "y": chart.y} for chart in charts]
        try:
            told = container.ask(f"{_frames()}\nresult = facts(cells['df'], {plan!r})", stop)
        except CellStopped:
            return []
        return list(told.get("result", ()))

    def _run(
        self, container: Container, code: str, stop: threading.Event
    ) -> tuple[dict[str, Any], list[str]]:
        """Run a cell; return the result block's content and the names of the files it made."""
        before = container.snapshot()
        try:
            ran = container.run(code, stop)
        except CellStopped as problem:
            return {"type": "code_execution_tool_result_error", "error_code": str(problem)}, []
        made = container.made(before)
        outputs = [{"type": "code_execution_output", "file_id": self._keep(path)} for path in made]
        return {"type": "code_execution_result", **ran, "content": outputs}, [path.name for path in made]

    def _keep(self, path: Path) -> str:
        """Copy a file that code made into the store."""
        staged = self._store.staging()
        shutil.copyfile(path, staged)
        staged.chmod(0o600)
        name = filenames.repaired(path.name)
        mime_type = filenames.by_extension(name)
        return self._store.add(staged, filename=name, mime_type=mime_type, downloadable=True).id


def _asked_about(files: dict[str, DataFile], question: str) -> list[str]:
    """Return the files that the question names, or those that came with it, or all."""
    asked = question.lower()
    named = [name for name in files if name.lower() in asked]
    return named or [name for name, file in files.items() if file.is_new] or list(files)


def _outcome(content: dict[str, Any], made: list[str]) -> str:
    """Say how a cell ended."""
    if content["type"] == "code_execution_tool_result_error":
        late = content["error_code"] == "execution_time_exceeded"
        return (
            "It was stopped at its time limit."
            if late
            else "Python ended unexpectedly, perhaps out of memory."
        )
    if content["return_code"] != 0:
        last = content["stderr"].strip().rsplit("\n", 1)[-1]
        return f"It failed: {escaped(last) or 'exit code ' + str(content['return_code'])}"
    wrote = f"It wrote {escaped(listed(made))}." if made else "It wrote no files to `$OUTPUT_DIR`."
    return f"{wrote}{_printed(content['stdout'])}"


def _printed(text: str) -> str:
    """Repeat the first lines of what a cell printed, in a fence longer than any inside."""
    lines = text.rstrip().splitlines()
    if not lines:
        return ""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    shown = "\n".join(line[:PRINTED_WIDTH] for line in lines[:PRINTED_LINES])
    more = f"\n\n… and {len(lines) - PRINTED_LINES:,} more lines." if len(lines) > PRINTED_LINES else ""
    return f" It printed:\n\n{fence}\n{shown}\n{fence}{more}"


def _why_not(name: str, known: dict[str, Any]) -> str:
    """Say why a file was not profiled."""
    if known["problem"] in ("ModuleNotFoundError", "ImportError"):
        package = known["name"] or known["message"]
        if package in DEMO_PACKAGES:
            return f"It needs {package}, which is not installed: `pip install 'nbfiles[demo]'`"
        return f"**{escaped(name)}** needs a package that is not installed: {escaped(known['message'])}"
    return f"**{escaped(name)}** is not a table that pandas can read: {escaped(known['message'][:200])}"
