"""A container: a directory with the files of a conversation, and one living Python in it.

1. `open` starts the program of worker.py in the directory; 2. `run` runs one cell in it, and
`ask` lets the server look at its variables; 3. `close` kills it with all it has started. The directory stays,
so a container that is opened again has its files, but not its variables.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import site
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbfiles.server.engines.programs import Program
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.query import DataFile, LoadedSkill
from nbfiles.server.storage.store import private_directory

CELL_SECONDS = 90  # wall clock and processor time of one cell, as the newest tool version documents
LOOK_EVERY = 0.1  # seconds between two looks whether the client is still there
LONGEST_NAME = 250  # bytes; file systems take 255, and a second file of the name gets a number
SKILLS = "skills"  # the directory of custom ones
WAIT_SECONDS = 30  # seconds that a call waits for its turn when too many run

_PROGRAM = Path(__file__).with_name("worker.py")


class CellStopped(Exception):
    """A call did not finish; the message is the documented error code."""


@dataclass(frozen=True)
class CellLimits:
    """How long a call may take, and may wait for its turn, in seconds."""

    seconds: int = CELL_SECONDS
    wait: int = WAIT_SECONDS
    clock: Callable[[], float] = time.monotonic


class Container:
    """One directory and the Python that lives in it."""

    def __init__(
        self,
        container_id: str,
        folder: Path,
        cache: Path,
        turns: threading.BoundedSemaphore,
        limits: CellLimits | None = None,
    ) -> None:
        self._limits = limits or CellLimits()
        self._turns = turns
        self.id = container_id
        self.folder = private_directory(folder)
        self.outputs = private_directory(folder / "outputs")
        self._private = private_directory(folder / ".container")
        self._cache = private_directory(cache)
        self.lock = threading.Lock()  # one cell at a time
        self._replies: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[str] | None = None

    def put(self, files: Sequence[DataFile]) -> list[str]:
        """Copy uploads into the directory, unless they lie there, and return their names there."""
        for folder in (self.folder, self.outputs, self._private):
            private_directory(folder)  # code may have removed it
        index = self._private / "uploads.json"
        copied: dict[str, str] = json.loads(index.read_text()) if index.exists() else {}
        names: list[str] = []
        for file in files:
            name = _free_name(file.filename, {*names, self.outputs.name, self._private.name, SKILLS})
            names.append(name)
            if copied.get(name) != file.file_id:
                shutil.copyfile(file.path, self.folder / name)
                copied[name] = file.file_id
        index.write_text(json.dumps(copied))
        return names

    def mount(self, skills: Sequence[LoadedSkill]) -> None:
        """Copy the files of custom skills to skills/<name>, unless this version lies there."""
        for skill in skills:
            if skill.folder is not None:
                target = self.folder / SKILLS / skill.name
                mark = self._private / f"skill-{skill.version}"
                if not mark.exists():
                    shutil.rmtree(target, ignore_errors=True)
                    shutil.copytree(skill.folder, target)
                    mark.touch()

    def run(self, code: str, stop: threading.Event, seconds: int = 0) -> JsonObject:
        """Run a cell; returns stdout, stderr and return_code."""
        return self._command({"do": "run", "code": code}, stop, seconds or self._limits.seconds)

    def shell(self, code: str, stop: threading.Event) -> JsonObject:
        """Run a shell command; returns stdout, stderr and return_code."""
        return self._command({"do": "shell", "code": code}, stop, self._limits.seconds)

    def program(self, program: Program, stop: threading.Event, *, alone: bool) -> JsonObject:
        """Run a program of ours as a cell, or `alone` in a process of its own; returns as a cell does."""
        return self._command(_ours("script" if alone else "run", program), stop, self._limits.seconds)

    def ask(self, program: Program, stop: threading.Event) -> JsonObject:
        """Run a program of ours beside the cells and return its `result`, or the `problem` it had."""
        return self._command(_ours("ask", program), stop, self._limits.seconds)

    def close(self) -> None:
        """Kill the Python and everything that it started."""
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def new_files(self, before: dict[str, tuple[int, int]]) -> list[Path]:
        """Return the regular files at the top of the output directory that are new or changed."""
        now = self.snapshot()
        return [self.outputs / name for name in sorted(now) if before.get(name) != now[name]]

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Return the state of the output directory."""
        state: dict[str, tuple[int, int]] = {}
        if not self.outputs.is_dir():  # code may have removed it
            return state
        with os.scandir(self.outputs) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    state[entry.name] = (status.st_mtime_ns, status.st_size)
        return state

    def _command(self, command: JsonObject, stop: threading.Event, seconds: int) -> JsonObject:
        if not self._turns.acquire(timeout=self._limits.wait):
            raise CellStopped("too_many_requests")
        try:
            return self._commanded(command, stop, seconds)
        finally:
            self._turns.release()

    def _commanded(self, command: JsonObject, stop: threading.Event, seconds: int) -> JsonObject:
        process = self._process or self._open()
        command = {**command, "seconds": seconds, "printed": str(self._private)}
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(command) + "\n")
            process.stdin.flush()
        except OSError:
            self.close()
            raise CellStopped("unavailable") from None
        return self._reply(stop, self._limits.clock() + seconds)

    def _reply(self, stop: threading.Event, deadline: float) -> JsonObject:
        while not stop.is_set() and self._limits.clock() < deadline:
            try:
                line = self._replies.get(timeout=LOOK_EVERY)
            except queue.Empty:
                continue
            if line is not None:
                reply: JsonObject = json.loads(line)
                return reply
            raise CellStopped(self._epitaph())
        self.close()
        raise CellStopped("execution_time_exceeded")

    def _epitaph(self) -> str:
        """Say why Python ended by itself."""
        code = _exit_code(self._process) if self._process else 0
        self.close()
        return "execution_time_exceeded" if code == -getattr(signal, "SIGXCPU", 24) else "unavailable"

    def _open(self) -> subprocess.Popen[str]:
        self._replies = queue.SimpleQueue()
        self._process = subprocess.Popen(
            # -P: the directory of worker.py must not shadow the standard library (profile.py would).
            [sys.executable, "-P", str(_PROGRAM)],
            cwd=self.folder,
            env=_environment(self, self._private, self._cache),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,
        )
        reader = threading.Thread(target=_pump, args=(self._process, self._replies), daemon=True)
        reader.start()
        return self._process


def _environment(container: Container, private: Path, cache: Path) -> dict[str, str]:
    """Return a clean environment: no keys, no proxies, no user configuration."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),  # `python3` is this one
        "HOME": str(container.folder),
        "TMPDIR": str(private),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONUSERBASE": site.getuserbase(),  # pandas may be installed with --user
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(cache),  # shared: the font list takes seconds to build
        "OPENBLAS_NUM_THREADS": "1",
        "INPUT_DIR": str(container.folder),
        "OUTPUT_DIR": str(container.outputs),
    }


def _ours(do: str, program: Program) -> JsonObject:
    return {"do": do, "code": program.text, "inputs": program.inputs}


def _free_name(name: str, reserved: set[str]) -> str:
    """Return the name, or for a second file of the same name: data-2.csv."""
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    while len(f"{stem}{dot}{suffix}".encode()) > LONGEST_NAME:
        stem, suffix = (stem[:-1], suffix) if stem else (stem, suffix[:-1])
    name = f"{stem}{dot}{suffix}"
    return next(n for n in (name, *(f"{stem}-{k}{dot}{suffix}" for k in range(2, 1000))) if n not in reserved)


def _pump(process: subprocess.Popen[str], replies: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            replies.put(line)
    except ValueError:  # closed by `close`
        pass
    replies.put(None)


def _exit_code(process: subprocess.Popen[str]) -> int | None:
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:  # it closed its output, but lives
        return None


def _kill(process: subprocess.Popen[str]) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
