"""A container: a directory with the files of a conversation, and one living Python in it.

1. `_open` starts the program of worker.py there, confined; 2. `run` runs one cell in it, and
`ask` lets the server look at its variables; 3. `close` kills it with all it has started. The directory stays,
so a container that is opened again has its files, but not its variables.
"""

from __future__ import annotations

import json
import os
import signal
import site
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nbfiles.server.confinement.command import Mechanism, TreeLimits, command
from nbfiles.server.confinement.mechanisms import best
from nbfiles.server.confinement.plan import NOT_CONFINED, NOT_COUNTED, TOO_MANY, TOO_MUCH_DISK, TOO_MUCH_MEMORY
from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox import fonts, replies
from nbfiles.server.engines.sandbox.container_files import ContainerFiles
from nbfiles.server.json_types import JsonObject

CELL_SECONDS = 90  # wall clock and processor time of one cell, as the newest tool version documents
LOOK_EVERY = 0.1  # seconds between two looks whether the client is still there
WAIT_SECONDS = 30  # seconds that a call waits for its turn when too many run

_WINDOWS = (
    "SYSTEMROOT",
    "COMSPEC",
    "PATHEXT",
)  # without the first, no program with sockets or random numbers starts there
_PROGRAM, _STARTUP = Path(__file__).with_name("worker.py"), Path(__file__).with_name("startup")
_TIMED_OUT = (-24, 128 + 24)  # SIGXCPU, of the process itself and as the supervisor tells it
_ENDING = 15  # seconds that the supervisor may take to end everything
_REASONS = {
    NOT_CONFINED: "the sandbox could not be set up",
    TOO_MANY: "it started more processes than the sandbox allows",
    TOO_MUCH_MEMORY: "it took more memory than the sandbox allows",
    TOO_MUCH_DISK: "it wrote more to disk than the sandbox allows",
    NOT_COUNTED: "the sandbox could not count its processes and files (a folder may not be listed, a path be too long)",
}

_SPOILED = "it closed what its replies come through, or wrote into it"


class CellStopped(Exception):
    """A call did not finish; the message is the documented error code, `reason` says more if more is known."""

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(code)
        self.reason = reason


def spoiled() -> CellStopped:
    """Return what a call ends with whose reply is none that a program of ours gives."""
    return CellStopped("unavailable", _SPOILED)


@dataclass(frozen=True)
class CellLimits:
    """How long a call may take, and may wait for its turn, in seconds; and what all processes may take together."""

    seconds: int = CELL_SECONDS
    wait: int = WAIT_SECONDS
    tree: TreeLimits = field(default_factory=TreeLimits)
    clock: Callable[[], float] = time.monotonic


class Container:
    """One directory and the Python that lives in it."""

    def __init__(
        self,
        container_id: str,
        root: Path,
        cache: Path,
        turns: threading.BoundedSemaphore,
        limits: CellLimits | None = None,
        mechanism: Mechanism | None = None,
    ) -> None:
        self._limits = limits or CellLimits()
        self._mechanism = mechanism or best()
        self._turns = turns
        self.id = container_id
        self.files = ContainerFiles(root)
        self._cache = cache
        self.lock = threading.Lock()  # one cell at a time
        self._replies = replies.Replies()
        self._process: subprocess.Popen[str] | None = None

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
        _end(process, supervised=self._mechanism is not Mechanism.NONE)
        self._replies.drop()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # a command that nobody reads any more
                    pipe.close()

    def _command(self, command: JsonObject, stop: threading.Event, seconds: int) -> JsonObject:
        if not self._turns.acquire(timeout=self._limits.wait):
            raise CellStopped("too_many_requests")
        try:
            return self._commanded(command, stop, seconds)
        finally:
            self._turns.release()
            fonts.build(self._cache, self.files.settings)

    def _commanded(self, command: JsonObject, stop: threading.Event, seconds: int) -> JsonObject:
        process = self._process or self._open()
        call = self._replies.next_call(asks=command["do"] == "ask")
        command = {**command, "call": call, "seconds": seconds, "printed": str(self.files.tmp)}
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
                reply = self._replies.get(LOOK_EVERY)
            except replies.Nothing:
                continue
            except replies.Malformed:
                self.close()
                raise spoiled() from None
            if reply is not None:
                return reply
            raise self._epitaph()
        self.close()
        raise CellStopped("execution_time_exceeded")

    def _epitaph(self) -> CellStopped:
        """Say why Python ended by itself."""
        code = _exit_code(self._process) if self._process else 0
        self.close()
        if code in _TIMED_OUT:
            return CellStopped("execution_time_exceeded")
        return spoiled() if code is None else CellStopped("unavailable", _REASONS.get(code, ""))

    def _open(self) -> subprocess.Popen[str]:
        self.files.make_folders()
        fonts.share(self._cache, self.files.settings, self.files.root)
        self._process = subprocess.Popen(
            command(
                # -P: the directory of worker.py must not shadow the standard library (profile.py would).
                ["-P", str(_PROGRAM)],
                self._mechanism,
                self._limits.tree,
                readable=[_PROGRAM, _STARTUP],
                writable=[self.files.folder, self.files.tmp],
            ),
            cwd=self.files.folder,
            env=_environment(self.files),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._replies = replies.Replies(self._process.stdout)
        return self._process


def _environment(files: ContainerFiles) -> dict[str, str]:
    """Return a clean environment: no keys, no proxies, no user configuration."""
    of_windows = {name: os.environ[name] for name in _WINDOWS if name in os.environ}
    return of_windows | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),  # `python3` is this one
        "HOME": str(files.tmp),  # not where uploads lie: one called .config is not settings
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(files.tmp)),  # the last two on Windows
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONSAFEPATH": "1",  # an upload called like a module is data, and not imported
        "PYTHONPATH": str(_STARTUP),
        "PYTHONUSERBASE": site.getuserbase(),  # pandas may be installed with --user
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(files.settings),
        "OPENBLAS_NUM_THREADS": "1",
        "INPUT_DIR": str(files.folder),
        "OUTPUT_DIR": str(files.outputs),
    }


def _ours(do: str, program: Program) -> JsonObject:
    return {"do": do, "code": program.text, "inputs": program.inputs}


def _exit_code(process: subprocess.Popen[str]) -> int | None:
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:  # it closed its output, but lives
        return None


def _end(process: subprocess.Popen[str], *, supervised: bool) -> None:
    """End a supervisor, which then ends what is below it; where there is none, a group of processes."""
    if supervised:
        process.terminate()
        try:
            process.wait(_ENDING)
        except subprocess.TimeoutExpired:  # it was stopped, or is no more itself
            process.kill()
    elif hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
