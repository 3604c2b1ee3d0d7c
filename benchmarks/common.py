"""What the benchmarks share: clean processes and kernels, medians, and a table."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from jupyter_client.manager import start_new_kernel

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "notebooks" / "samples"
SENT_AT = re.compile(rb"sent-at-(\d+)")  # what loopback.py puts into an answer's first words


@contextmanager
def world(**more: str) -> Iterator[dict[str, str]]:
    """Give an environment without the user's keys, settings and files, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder:
        names = {"ANTHROPIC_CONFIG_DIR": "anthropic", "NBFILES_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
        own = {name: str(Path(folder) / part) for name, part in names.items()}
        # With PYTHONDONTWRITEBYTECODE, every start would compile what an installed package has compiled.
        mine = ("ANTHROPIC_", "NBFILES_", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
        yield kept | own | {"NBFILES_USE": "local"} | more


def child(script: str, *args: str, env: Mapping[str, str]) -> Any:
    """Run `benchmarks/SCRIPT ARGS` in a fresh process and return the JSON it prints last."""
    command = [sys.executable, str(HERE / script), *args]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def serving(script: str, *args: str, env: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Keep a server running that prints where it is as JSON, and ends when its input does."""
    command = [sys.executable, str(HERE / script), *args]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.communicate()


@dataclass(frozen=True)
class Ran:
    """What a cell left in `result`, the bytes it sent to the notebook, and seconds to its first words."""

    result: Any
    shown: int
    first_words: float | None


@contextmanager
def kernel(env: Mapping[str, str]) -> Iterator[Any]:
    """Start a real kernel and give a function that runs a cell in it."""
    quiet = {"stderr": subprocess.DEVNULL}  # a warning about TCP each
    manager, client = start_new_kernel(kernel_name="python3", env=dict(env), **quiet)

    def answer_to(request: str) -> Any:
        while True:  # a slow start leaves answers to questions of its own
            message = client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def run(code: str) -> Ran:
        request = client.execute(code, user_expressions={"result": "result"})
        shown, first, idle = 0, None, False
        while not idle:
            frames = client.iopub_channel.socket.recv_multipart()
            now = time.monotonic_ns()
            sent = SENT_AT.search(b"".join(frames)) if first is None else None
            first = (now - int(sent[1])) / 1e9 if sent else first
            message = client.session.deserialize(client.session.feed_identities(frames)[1])
            if message["parent_header"].get("msg_id") != request:
                continue
            shown += sum(map(len, frames)) if message["msg_type"] not in ("status", "execute_input") else 0
            idle = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
        reply = answer_to(request)
        if reply["status"] != "ok":
            raise RuntimeError("\n".join(reply["traceback"]))
        text = reply["user_expressions"]["result"]["data"]["text/plain"]
        return Ran(ast.literal_eval(text), shown, first)

    try:
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def middle(values: Sequence[float | None]) -> float:
    """Return the median of the values that are there."""
    return median(value for value in values if value is not None)


def table(*rows: Sequence[object]) -> None:
    """Print rows in columns, the first row as their heads."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        print("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]))
