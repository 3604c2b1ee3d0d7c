"""The program inside a container: runs cells of Python, keeping their variables, and shell commands.

It is started as a file of its own and imports nothing of nbfiles. Commands come in as JSON lines on
its standard input, replies go out on its standard output; what the cells print goes to two files.
When the input ends, because the server is gone, this process group is killed.
"""

from __future__ import annotations

import ast
import json
import linecache
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import IO, Any, TypeAlias

Record: TypeAlias = dict[str, Any]  # JSON
PRINTED_LIMIT = 100_000  # bytes of output that are returned; a runaway loop prints gigabytes
LONGEST_MESSAGE = 10_000  # characters of a problem
MEMORY = 4 * 1024**3  # bytes of address space; the real container has 5 GiB
READ_INPUTS = "import json, sys\ninputs = json.load(sys.stdin)\n"
FILE_SIZE = 1024**3  # bytes a file may have; what is over the limit of the Files API is not kept


def main() -> None:
    """Serve commands until the input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    commands = _commands(os.dup(0))
    _limit()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    cells: Record = {"__name__": "__main__", "__builtins__": __builtins__}
    own = os.getpid()
    while True:
        command = commands.get()
        reply = _answer(command, cells)
        if os.getpid() != own:  # a process that the cell forked ends with the cell, as it would end with a program
            os._exit(reply.get("return_code", 0))
        replies.write(json.dumps({"call": command["call"], **reply}, ensure_ascii=False) + "\n")
        replies.flush()


def _commands(handle: int) -> queue.SimpleQueue[Record]:
    """Read commands in a thread, which is also how this process learns that the server is gone."""
    commands: queue.SimpleQueue[Record] = queue.SimpleQueue()

    def read() -> None:
        with os.fdopen(handle, encoding="utf-8") as lines:
            for line in lines:
                commands.put(json.loads(line))
        _end()

    threading.Thread(target=read, daemon=True).start()
    return commands


def _end() -> None:
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(0)


def _limit() -> None:
    """Bound what a cell can take from the machine."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    limits = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_FSIZE: FILE_SIZE, resource.RLIMIT_CORE: 0}
    for kind, most in limits.items():
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS refuses some; the clock of the server still holds
            continue


def _limit_time(seconds: int) -> None:
    """Allow this much processor time from now on; the kernel ends the process after that."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, hard))


def _answer(command: Record, cells: Record) -> Record:
    _limit_time(command["seconds"])
    folder = Path(command["printed"])
    with (folder / "stdout").open("w+b") as out, (folder / "stderr").open("w+b") as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        if command["do"] == "ask":
            return _ask(command["code"], command["inputs"], cells)
        code = _return_code(command, cells)
        return {"return_code": code, "stdout": _read(out), "stderr": _read(err)}


def _return_code(command: Record, cells: Record) -> int:
    match command["do"]:
        case "shell":
            return shell(command["code"])
        case "script":
            return script(command["code"], command["inputs"])
    if "inputs" not in command:
        return run(command["code"], cells)
    cells["inputs"] = command["inputs"]
    return run(command["code"], cells, "program")


def shell(command: str) -> int:
    """Run a shell command; one that a signal ended has the return code that a shell gives it."""
    program = shutil.which("bash") or shutil.which("sh")
    if program is None:
        sys.stderr.write("There is no bash on this computer, so nothing was run. Ask with Python instead.\n")
        return 127  # as a shell says of a program that it does not find
    code = subprocess.run([program, "-c", command], check=False).returncode
    return code if code >= 0 else 128 - code


def script(code: str, inputs: object) -> int:
    """Run a program of the server's in a process of its own, which reads `inputs` from its standard input."""
    # -P: an upload called like a module is data, and not imported.
    command = [sys.executable, "-P", "-c", READ_INPUTS + code]
    return subprocess.run(command, input=json.dumps(inputs).encode(), check=False).returncode


def run(code: str, cells: Record, what: str = "cell") -> int:
    """Run one cell as an interactive prompt would: the value of a last expression is printed.

    Code that is called a cell may import the modules of the working folder, see startup/sitecustomize.py.
    """
    name = f"<{what} {cells.setdefault('__cells__', 0) + 1}>"
    cells["__cells__"] += 1
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    try:
        _execute(code, name, cells)
    except SystemExit as ended:
        return _exit_code(ended)
    except BaseException as problem:  # noqa: BLE001, whatever a cell raises belongs on its stderr
        _print_problem(problem)
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _execute(code: str, name: str, cells: Record) -> None:
    tree = ast.parse(code, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), cells)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), name, "eval"), cells)
        if value is not None:
            sys.stdout.write(f"{value!r}\n")


def _exit_code(ended: SystemExit) -> int:
    if ended.code is None or isinstance(ended.code, int):
        return (ended.code or 0) & 0xFF  # all that a program can say
    sys.stderr.write(f"{ended.code}\n")
    return 1


def _print_problem(problem: BaseException) -> None:
    """Print a traceback that begins in the cell, not in this program."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    traceback.print_exception(problem.with_traceback(trace))


def _ask(code: str, inputs: object, cells: Record) -> Record:
    """Run the server's own code, which sees the cells' variables as `cells`, and return its `result`."""
    own: Record = {"__name__": "nbfiles_question", "cells": cells, "inputs": inputs}
    try:
        exec(code, own)
    except Exception as problem:  # noqa: BLE001, the server puts it into words
        return {
            "problem": type(problem).__name__,
            "message": str(problem)[:LONGEST_MESSAGE],
            "name": name if isinstance(name := getattr(problem, "name", None), str) else None,
        }
    return {"result": own["result"]}


def _read(printed: IO[bytes]) -> str:
    size = printed.seek(0, os.SEEK_END)
    printed.seek(0)
    text = printed.read(PRINTED_LIMIT).decode("utf-8", "replace")
    more = size - PRINTED_LIMIT
    return text if more <= 0 else f"{text}\n… ({more:,} more bytes)\n"


if __name__ == "__main__":
    main()
