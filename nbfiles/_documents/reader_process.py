"""The limited child: a program that reads foreign files, one after the other, as `reader_pool` asks it to.

A job is a line of JSON and the bytes that it announces, on the standard input; the answer is of the same form.
A line `{"began": true}` comes before it, so that a job that was never begun can be given to another child. Each job
runs within the limits of its row, which count from where the job before it ended.
"""

from __future__ import annotations

import errno
import json
import os
import select
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from nbfiles._documents.reader_table import READERS, DocumentError, Limits, ReaderError, ReaderResult, ReaderRow
from nbfiles.errors import UnusableFile

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

IDLE_S = 300  # without a job, after which a child ends; the next job starts another
MOST_MB = 150  # of memory; a child that has more ends after its job, so that one at rest is small
MORE = "it holds more than fits into a question"
LOOK_EVERY_MS = 1000  # between two looks whether the parent is still there
Message = dict[str, Any]


def main() -> None:
    """Read jobs from the standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Stop is for the kernel, which then ends this process
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    os.putenv("RUST_BACKTRACE", "0")  # it is made of debugging symbols, which do not fit into the limits
    parent = _Parent()
    while _has_job() and (job := receive(jobs)):
        send(answers, {"began": True})
        with parent:
            answer, data = _answer(*job)
        answer["last"] = answer.get("last", False) or _memory_mb() > MOST_MB
        send(answers, answer, data)
        if answer["last"]:
            return


def send(pipe: IO[bytes], message: Message, data: bytes = b"") -> None:
    """Write a message and its bytes."""
    pipe.write(json.dumps(message | {"bytes": len(data)}).encode() + b"\n")
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes], most: int | None = None) -> tuple[Message, bytes] | None:
    """Read a message of at most `most` bytes and what belongs to it; None where the pipe ended or this is none."""
    line = pipe.readline(-1 if most is None else most)
    try:
        message: Message = json.loads(line)
        size = int(message["bytes"])
    except (ValueError, LookupError, TypeError, RecursionError):  # cut off, or written by what took the child over
        return None
    if most is not None and size > most:
        return None
    data = pipe.read(size)
    return (message, data) if len(data) == size else None


class _Parent:
    """Ends this process while a job runs when the parent is gone; between two jobs the standard input ends."""

    def __init__(self) -> None:
        self._at_work = threading.Event()
        self._parent = os.getppid()
        if os.name == "posix":
            threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> None:
        self._at_work.set()

    def __exit__(self, *_: object) -> None:
        self._at_work.clear()

    def _watch(self) -> None:
        ended = select.poll()
        ended.register(0, 0)  # nothing but the end of the input counts: the next job may be there already
        while self._at_work.wait():
            if ended.poll(LOOK_EVERY_MS) or os.getppid() != self._parent:
                os._exit(1)


def _has_job() -> bool:
    """Wait for a job, and not for ever where the system can."""
    return os.name != "posix" or bool(select.select([0], [], [], IDLE_S)[0])


def _answer(job: Message, data: bytes) -> tuple[Message, bytes]:
    """Run a job, and return what came of it."""
    row = READERS[job["reader"]]
    source = Path(job["source"]) if job["source"] else data
    try:
        reply = _limited(row, source, job["arguments"])
    except (DocumentError, UnusableFile) as error:
        return {"error": type(error).__name__, "message": str(error)}, b""
    except BaseException as error:  # noqa: BLE001 - readers fail in any way on a broken file
        return _problem(error, row.limits), b""
    if len(reply.data) > row.limits.output_bytes:
        return {"problem": MORE, "last": True}, b""
    return {"value": reply.value}, reply.data


def _problem(error: BaseException, limits: Limits) -> Message:
    """Return in words what went wrong; `last` where nobody knows in what state it leaves this process."""
    match error:
        case ReaderError():
            return {"problem": str(error)}
        case ImportError():
            return {"missing": error.name or "", "last": True}
        case MemoryError():
            return {"problem": f"it needs more than {limits.data_bytes // 10**6} MB of memory to read", "last": True}
        case OSError(errno=errno.EFBIG):
            return {"problem": MORE}
    is_panic = not isinstance(error, Exception)  # of a library in Rust
    return {"problem": f"it is broken ({type(error).__name__})", "last": is_panic}


def _limited(row: ReaderRow, source: Path | bytes, arguments: Message) -> ReaderResult:
    function = getattr(import_module(f"nbfiles._documents.readers.{row.module}"), row.function)
    before = limit(row.limits)
    try:
        result = function(source, **arguments)
    finally:
        _restore(before)
    return result if isinstance(result, ReaderResult) else ReaderResult(result)


def limit(limits: Limits) -> dict[int, tuple[int, int]]:
    """Bound memory, time and output of this process for one job, where the system can; return what was before.

    Only the soft limits change: the next job gets its own. Processor time counts from the start of the process.
    """
    if resource is None:
        return {}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # A library that an earlier job loaded has set memory aside, though it may use none of it: pyarrow more than 100 MB.
    address, data = (now - before for now, before in zip(_mapped(), _MAPPED_AT_START, strict=True))
    bounds = {
        resource.RLIMIT_DATA: limits.data_bytes + data,
        resource.RLIMIT_AS: limits.address_bytes + address,
        resource.RLIMIT_CPU: int(usage.ru_utime + usage.ru_stime) + 1 + limits.cpu_s,
        resource.RLIMIT_FSIZE: limits.output_bytes,
        resource.RLIMIT_CORE: 0,
    }
    before = {name: resource.getrlimit(name) for name in bounds}
    for name, bound in bounds.items():
        most = before[name][1]
        resource.setrlimit(name, (bound if most == resource.RLIM_INFINITY else min(bound, most), most))
    return before


def _restore(before: dict[int, tuple[int, int]]) -> None:
    for name, bounds in before.items():
        resource.setrlimit(name, bounds)


def _mapped() -> tuple[int, int]:
    """Return the bytes of memory that this process has mapped, and of those that it may write to; 0 if unknown."""
    try:
        pages = Path("/proc/self/statm").read_text().split()
    except OSError:
        return 0, 0
    size = os.sysconf("SC_PAGE_SIZE")
    return int(pages[0]) * size, int(pages[5]) * size


_MAPPED_AT_START = _mapped()


def _memory_mb() -> float:
    """Return the memory that this process has; its peak, where only that is known, and nothing where neither is.

    On Linux the peak begins with that of the process that started this one, so it tells nothing there.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 10**6
    except (OSError, ValueError):
        pass
    if resource is None:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (10**6 if sys.platform == "darwin" else 1000)
