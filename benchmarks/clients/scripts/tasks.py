"""What the Python scripts share. A task is a function that raises where the client does not do it.

Usage of every script: SCRIPT URL KEY SAMPLES. It prints one line of JSON for each task.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

URL, KEY, SAMPLES = sys.argv[1], sys.argv[2], Path(sys.argv[3])
os.environ |= {"ANTHROPIC_BASE_URL": URL, "ANTHROPIC_API_KEY": KEY}

MODEL = "claude-sonnet-5-5"
FORCED = "claude-opus-4-8"  # the newest models refuse a forced tool
PDF, IMAGE = SAMPLES / "bzip2-manual.pdf", SAMPLES / "flower.jpg"
ASKED = "Can bzip2recover repair damaged files?"
QUOTED = "bzip2recover"  # stands in every good answer to that
BILL = "Read this. Vendor: Northwind\nTotal: 1,234.50"
WEATHER = "What is the current weather in Paris?"
CODE = "```python\nimport os\nopen(os.path.join(os.environ['OUTPUT_DIR'], 'n.txt'), 'w').write('42')\n```"
TOO_LARGE = 34_000_000  # characters; a request may have 32 MB

_tasks: list[tuple[str, str, str, Callable[[], object]]] = []


def task(name: str, case: str = "", *, theirs: str = "") -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a task; `theirs` says why it fails although the server does as documented, and where that stands."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        _tasks.append((name, case, theirs, function))
        return function

    return register


def lacks(name: str, why: str) -> None:
    """Say that a client has no such thing, and where that stands."""
    print(json.dumps({"task": name, "theirs": why}))


def run() -> None:
    """Do the tasks in their order, and say of each how it went."""
    loop = asyncio.new_event_loop()
    for name, case, theirs, function in _tasks:
        said = {"task": name, "case": case, "theirs": theirs, "ok": True}
        try:
            result = function()
            if inspect.isawaitable(result):
                loop.run_until_complete(result)
        except Exception as problem:  # noqa: BLE001 - whatever a client raises is what is to be shown
            said |= {"ok": False, "error": f"{type(problem).__name__}: {problem}"[:2000]}
        print(json.dumps(said), flush=True)


def holds(condition: object, seen: object) -> None:
    """Raise with what was seen where a condition does not hold."""
    if not condition:
        raise ValueError(f"unexpected: {str(seen)[:1000]}")


def fails(call: Callable[[], object], *classes: type[Exception], saying: str = "") -> None:
    """Require that a call raises one of the classes."""
    try:
        result = call()
    except classes as problem:
        holds(saying in str(problem), problem)
        return
    raise ValueError(f"no error, but {str(result)[:1000]}")


def in_base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
