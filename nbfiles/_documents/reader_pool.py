"""Foreign bytes are read in a child with limits: one pool of such children for each kernel or server.

1. `read` takes a child that is at rest, or starts one; it stays for the next job, so that a page costs milliseconds.
2. The child reads within the limits of the reader's row (`reader_table`). Processor time decides; the clock ends only
   a child that used none for a minute, so that nothing is refused because the machine is busy.
3. A child that dies takes its job along, which is one line for a person; the next job gets another child.
4. A child ends with its parent: its standard input ends, also when the parent was killed.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbfiles._documents.reader_process import Message, receive, send
from nbfiles._documents.reader_table import READERS, DocumentError, Limits, MissingReader, PasswordNeeded, ReaderResult
from nbfiles.errors import UnusableFile

STUCK_S = 60.0  # without any processor time, after which a child waits for something that never comes
LEAST_CPU_S = 0.05  # of processor time in that minute; a child that only waits uses a few milliseconds
MOST_CHILDREN = max(2, min(4, os.cpu_count() or 2))  # at the same time; more would only share the processors
PIPE_BYTES = 1 << 20  # that a pipe holds, where the system can: a picture goes through it at once
HEAD_BYTES = 1_000_000  # of an answer besides what a reader may return: its JSON may be escaped

# This package itself, wherever it lies; its folder is searched for nothing else.
_HOME = str(Path(__file__).parents[2])
_START = (
    "import sys; home = sys.argv.pop(1); sys.path.insert(0, home); "
    "from nbfiles._documents import reader_process; sys.path.remove(home); reader_process.main()"
)
_ERRORS = {error.__name__: error for error in (DocumentError, PasswordNeeded, UnusableFile)}
_OFFICE_PACKAGES = ("docx", "lxml", "oxmsg", "pptx", "python_calamine")
_SIGXCPU = getattr(signal, "SIGXCPU", None)


class _NotBegun(Exception):
    """The child was gone before it took the job."""


class ReaderChild:
    """A child that reads one file at a time; it is ended after `stuck_s` seconds without processor time."""

    def __init__(self, stuck_s: float = STUCK_S) -> None:
        # -P: a file called docx.py beside the notebook must not be imported.
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, _HOME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=PIPE_BYTES,
            cwd=tempfile.gettempdir(),
        )
        assert process.stdin
        assert process.stdout
        self._process, self._jobs, self._answers = process, process.stdin, process.stdout
        self._stuck_s, self._was_stuck = stuck_s, False
        self.can_go_on = True

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def run(self, job: Message, data: bytes, limits: Limits) -> tuple[Message, bytes]:
        """Return the answer to a job; a problem with the file, in words, where the child died of it."""
        self.can_go_on = False
        over = threading.Event()
        watch = threading.Thread(target=self._end_when_stuck, args=(over,), daemon=True)
        watch.start()
        try:
            answer = self._exchange(job, data, limits)
        except _NotBegun:
            if not self._was_stuck:
                raise
            answer = None
        finally:
            over.set()
        if answer is None:
            return {"problem": self._cause_of_death(limits)}, b""
        self.can_go_on = not answer[0].get("last")
        return answer

    def close(self) -> None:
        """End the child."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._jobs, self._answers):
            with suppress(OSError):  # what was not sent yet
                pipe.close()

    def _exchange(self, job: Message, data: bytes, limits: Limits) -> tuple[Message, bytes] | None:
        try:
            send(self._jobs, job, data)
        except OSError:
            raise _NotBegun from None
        if receive(self._answers) is None:
            raise _NotBegun
        return receive(self._answers, 2 * limits.output_bytes + HEAD_BYTES)

    def _end_when_stuck(self, over: threading.Event) -> None:
        """End the child when `stuck_s` seconds bring it no processor time; it waits for a device or a network then."""
        if over.wait(self._stuck_s):
            return
        import psutil

        used = -1.0
        try:
            child = psutil.Process(self.pid)
            while (now := sum(child.cpu_times()[:2])) - used >= LEAST_CPU_S:
                used = now
                if over.wait(self._stuck_s):
                    return
        except psutil.NoSuchProcess:
            return
        self._was_stuck = True
        self._process.kill()

    def _cause_of_death(self, limits: Limits) -> str:
        self._process.kill()  # where it only said what is no answer
        code = self._process.wait()
        if self._was_stuck:
            return f"reading it made no progress for {self._stuck_s:.0f} s"
        if _SIGXCPU is not None and code == -_SIGXCPU:
            return f"it takes more than {limits.cpu_s} s of processor time to read"
        return f"its reader was stopped at its limits ({limits.data_bytes // 10**6} MB of memory)"


class ReaderPool:
    """The children of this process. Those at rest wait for the next job; at most `MOST_CHILDREN` work at once."""

    def __init__(self, stuck_s: float = STUCK_S) -> None:
        self._stuck_s = stuck_s
        self._slots = threading.BoundedSemaphore(MOST_CHILDREN)
        self._lock = threading.Lock()
        self._at_rest: list[ReaderChild] = []
        self._owner = os.getpid()
        atexit.register(self.close)

    def read(self, reader: str, source: Path | bytes, **arguments: Any) -> ReaderResult:
        """Return what a reader of READERS makes of a file, or of the bytes of one; raises what the reader raised.

        A DocumentError says in one line what is wrong where a reader could not cope, or was stopped at its limits.
        """
        path, sent = (str(source.absolute()), b"") if isinstance(source, Path) else (None, source)
        job = {"reader": reader, "source": path, "arguments": arguments}
        with self._slots:
            answer, data = self._answer(job, sent, READERS[reader].limits)
        if "value" in answer:
            return ReaderResult(answer["value"], data)
        raise _error(answer, f"“{source.name}”" if isinstance(source, Path) else "The document")

    def close(self) -> None:
        """End the children at rest."""
        if os.getpid() != self._owner:
            return  # a forked process has no children, and must not take its parent's away
        with self._lock:
            children, self._at_rest = self._at_rest, []
        for child in children:
            child.close()

    def pids(self) -> list[int]:
        """Return the process ids of the children at rest."""
        with self._lock:
            return [child.pid for child in self._at_rest]

    def _answer(self, job: Message, data: bytes, limits: Limits) -> tuple[Message, bytes]:
        """Run a job in a child; one that ended while it was at rest has not begun it, and a new one gets it."""
        while True:
            child, is_new = self._take()
            try:
                return child.run(job, data, limits)
            except _NotBegun:
                if is_new:
                    return {"problem": "its reader could not be started"}, b""
            finally:  # also when Stop comes
                self._give_back(child)

    def _take(self) -> tuple[ReaderChild, bool]:
        if os.getpid() != self._owner:  # a fork shares the pipes of its parent's children
            self.__init__(self._stuck_s)  # type: ignore[misc]
        with self._lock:
            if self._at_rest:
                return self._at_rest.pop(), False
        return ReaderChild(self._stuck_s), True

    def _give_back(self, child: ReaderChild) -> None:
        if not child.can_go_on:
            child.close()
            return
        with self._lock:
            self._at_rest.append(child)


def _error(answer: Message, name: str) -> Exception:
    """Return what a reader raised, or what is wrong with the file in one line."""
    if "error" in answer:
        return _ERRORS[answer["error"]](answer["message"])
    if "missing" in answer:
        package = answer["missing"]
        needed = package if package.partition(".")[0] not in _OFFICE_PACKAGES else '"nbfiles[office]"'
        return MissingReader(f"{name} needs a reader. Type: %pip install {needed}")
    return DocumentError(f"{name} cannot be read: {answer['problem']}.")


POOL = ReaderPool()
read = POOL.read
