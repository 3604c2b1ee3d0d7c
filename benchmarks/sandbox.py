"""What code in the sandbox reaches, for each mechanism that works here; and how long a first answer takes.

`python benchmarks/sandbox.py` prints the table of docs/security.md.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nbfiles.server.confinement.command import Mechanism
from nbfiles.server.confinement.mechanisms import works
from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox.container import Container
from tests.server.inside import TRIES, targets

TIMES = 15
MECHANISMS = [mechanism for mechanism in Mechanism if works(mechanism)]


def container(folder: Path, mechanism: Mechanism) -> Container:
    return Container("benchmark", folder / "box", folder / "cache", threading.BoundedSemaphore(1), mechanism=mechanism)


def reached(mechanism: Mechanism) -> dict[str, bool]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with targets(folder) as inputs, closing(container(folder, mechanism)) as box:
            return dict(box.ask(Program(TRIES, inputs), threading.Event())["result"])


def start(mechanism: Mechanism, code: str) -> float:
    """Return the seconds from no Python to the end of a first cell."""
    with tempfile.TemporaryDirectory() as name, closing(container(Path(name), mechanism)) as box:
        begin = time.perf_counter()
        box.run(code, threading.Event())
        return time.perf_counter() - begin


def main() -> None:
    columns = {mechanism: reached(mechanism) for mechanism in MECHANISMS}
    print("| code tries to |", " | ".join(columns), "|")
    for name in next(iter(columns.values())):
        print(f"| {name} |", " | ".join("reached" if column[name] else "refused" for column in columns.values()), "|")
    # In turn, so that what else this machine does falls on all of them alike.
    for code in ("1", "import pandas"):
        seconds: dict[Mechanism, list[float]] = {mechanism: [] for mechanism in MECHANISMS}
        for _ in range(TIMES):
            for mechanism in MECHANISMS:
                seconds[mechanism].append(start(mechanism, code))
        print(f"{code}: " + ", ".join(f"{name} {statistics.median(s) * 1000:.0f} ms" for name, s in seconds.items()))


if __name__ == "__main__":
    main()
