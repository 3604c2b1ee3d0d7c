"""What can go wrong on the way to a server, against everything that speaks to it, in a real kernel.

    python benchmarks/faults.py [--always | --skip N]  every operation × every fault of docs/security.md
    python benchmarks/faults.py kills [N]       kill the kernel N times at a random moment of an operation
    python benchmarks/faults.py interrupts [N]  press Stop N times at a random moment

A fault spoils the first reply of an operation, with `--skip 1` the second, with `--always` all of them: a download has
several. In the matrix, `ok` is a right answer, `.` an error of nbfiles in one line; U is an untyped error, L one of
more than three lines, W something wrong, R a question or an upload that was repeated without a word. Waits are of a
few seconds; nothing else differs from what a user has.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psutil
from common import table
from faulty_kernel import Faulty, RandomFaults, Tally, faulty_kernel, kernel_at, refusal, text_of

from tests import spoiled
from tests.kernels import Cell
from tests.waiting import until

FAST = "connect_s=2, read_s=4, silence_s=2, slow_s=2, retry_s=0.5, first_backoff_s=0.01"
STATUSES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    422: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    500: "api_error",
    503: "api_error",
}
CODED = {"file_expired": 404, "storage_quota_exceeded": 400, "file_not_downloadable": 400}
SPOILED = (
    *("lost", "silent", "halved", "torn", "short", "mid_event", "unmeasured", "stalled", "pinging", "trickling"),
    *("login_page", "empty", "other_json", "broken", "garbled", "inflated", "error_event", "bad_index"),
    *("unknown_event", "unknown_delta", "without_start", "twice_started", "littered", "without_last_blank"),
)
SECRET = "The password of {n} is zebra{n}. It rains.\n"
MAKE = "```python\nimport os\nopen(os.environ['OUTPUT_DIR'] + '/made.csv', 'w').write('a,b\\n{n},2\\n')\n```"
SUM = "```python\nimport pandas as pd\nprint('sum', pd.read_csv('data.csv')['x'].sum())\n```"
MADE = b"a,b\n0,2\n"
WHOLE = re.compile(rb"a,b\n\d+,2\n")


def faults() -> dict[str, Any]:
    """Return every fault by name."""
    by_status = {str(status): refusal(spoiled.refused(status, kind)) for status, kind in STATUSES.items()}
    by_code = {code: refusal(spoiled.refused(status, "error", code)) for code, status in CODED.items()}
    refusals = {name: refusal(getattr(spoiled, name)) for name in ("busy", "slow_down", "spend_limit", "moved")}
    early = spoiled.Unread(spoiled.refused(413, "request_too_large")(spoiled.Reply()))
    after = {f"{status}, done": spoiled.refused(status, "api_error") for status in (500, 502, 504)}
    rest = {name: getattr(spoiled, name) for name in SPOILED}
    return by_status | by_code | refusals | {"413, early": early, "reset": spoiled.Unread()} | after | rest


@dataclass(frozen=True)
class Operation:
    """A cell, what is run before it, how many questions and uploads it sends, and what it shows if it works.

    `{n}` is another number each time. `check` returns what is wrong behind its back.
    """

    cell: str
    before: str = "pass"
    questions: int = 0
    uploads: int = 0
    shows: str = ""
    check: Callable[[Faulty, int, Cell], str] = lambda _here, _n, _cell: ""


def check_download(here: Faulty, n: int, cell: Cell) -> str:
    """Return what is wrong with the files of a download: it is whole or absent."""
    contents = [path.read_bytes() for path in (here.folder / "work" / f"out-{n}").rglob("*") if path.is_file()]
    expected = [] if cell.error else [MADE]
    return "" if contents == expected else f"saved: {contents}"


def check_made(here: Faulty, n: int, cell: Cell) -> str:
    """Return what is wrong with a file of an answer: it arrived whole, or is named with what to type."""
    contents = [path.read_bytes() for path in (here.folder / "work" / "nbfiles_out").rglob("*") if path.is_file()]
    if broken := [content for content in contents if not WHOLE.fullmatch(content)]:
        return f"saved: {broken}"
    said = cell.error or MADE.replace(b"0", str(n).encode()) in contents or "%download" in text_of(cell)
    return "" if said else f"did not arrive: {text_of(cell)!r}"


def check_deleted(here: Faulty, n: int, cell: Cell) -> str:
    """Return what is wrong with a file that is said to be deleted: it is there."""
    names = text_of(here.kernel.run("%files --all"))
    return f"rm-{n}.txt is there" if not cell.error and f"rm-{n}.txt" in names else ""


def write(name: str) -> str:
    return f"from pathlib import Path; _ = Path('{name}').write_text({SECRET!r})"


OPERATIONS = {
    "upload": Operation("%upload up-{n}.txt", write("up-{n}.txt"), uploads=1, shows="up-{n}.txt"),
    "ask": Operation("%%ask_file note.txt -o ans\nWhat is the password? {n}", questions=1, shows="zebra0"),
    "code": Operation(f"%%ask_file data.csv --code\n{SUM}\n{{n}}", questions=1, shows="sum 9"),
    "make": Operation(f"%%ask_file data.csv --code\n{MAKE}\n{{n}}", questions=1, shows="made", check=check_made),
    "thread": Operation("%%ask_file -t talk\nWhat is the password? {n}", questions=1, shows="zebra0"),
    "each": Operation(
        "%%ask_file note.txt --each --fresh\nWhat is the password? {n}", questions=1, shows="done|failed"
    ),
    "download": Operation("%download made.csv --to out-{n}", shows="made", check=check_download),
    "list": Operation("%files --all", shows="note.txt|The first 100"),
    "rm": Operation(
        "%files rm rm-{n}.txt --yes", write("rm-{n}.txt") + "\n%upload rm-{n}.txt", shows="Deleted", check=check_deleted
    ),
    "plan": Operation("%%ask_file note.txt --dry-run\nWhat is the password? {n}", shows="note.txt"),
    "models": Operation(
        "%nbfiles models", "remote.models = type(remote.models)(lambda: remote.client.models())", shows="claude"
    ),
}
PREPARE = [
    write("note.txt").replace("{n}", "0"),
    "_ = Path('data.csv').write_text('x,y\\n4,1\\n5,2\\n')",
    "%upload note.txt data.csv",
    f"%%ask_file data.csv --code\n{MAKE.replace('{n}', '0')}",
    "%%ask_file note.txt -t talk\nWhat is the password?",
    "%%ask_file note.txt --each\nWhat is the password?",  # imports pandas, which no Stop can end
]


@dataclass
class Matrix:
    """Operations in one kernel, each with each fault."""

    here: Faulty
    always: bool
    skip: int = 0
    tally: Tally = field(default_factory=Tally)
    number: int = 0

    def run(self, name: str, operation: Operation, fault_name: str, fault: Any) -> str:
        """Run an operation with a fault, and return its letter."""
        self.number += 1
        n, front, kernel = self.number, self.here.front, self.here.kernel
        kernel.run(filled(operation.before, n))
        before, uploads, kinds = self.here.questions(), self.here.uploads(), self.tally.lines()
        front.faults = RandomFaults([fault], 1, 1) if self.always else [None] * self.skip + [fault]
        cell = kernel.run(filled(operation.cell, n))
        front.faults = []
        where = f"{name}, {fault_name}"
        asked, sent = self.here.questions() - before, self.here.uploads() - uploads
        self.tally.look_at(where, cell, asked, operation.questions, filled(operation.shows, n))
        self.tally.look_at_uploads(where, cell, sent, operation.uploads)
        # A file that the server calls expired is gone for whoever wanted to delete it.
        wrong = operation.check(self.here, n, cell) if fault_name != "file_expired" else ""
        if wrong:
            self.tally.wrong.append(f"{where}: {wrong}")
        return letter(cell, [line for line in self.tally.lines() if line not in kinds])


def filled(text: str, n: int) -> str:
    return text.replace("{n}", str(n))


def letter(cell: Cell, problems: list[str]) -> str:
    kinds = {line.partition(":")[0] for line in problems}
    marks = {"untyped": "U", "long": "L", "wrong": "W", "unreported": "R"}
    return "".join(mark for kind, mark in marks.items() if kind in kinds) or (
        "." if cell.error or "failed" in text_of(cell) else "ok"
    )


def matrix(*, always: bool, skip: int) -> None:
    with faulty_kernel(FAST) as here:
        prepare(here)
        run = Matrix(here, always, skip)
        rows = [["fault", *OPERATIONS]]
        for fault_name, fault in faults().items():
            rows.append([fault_name, *(run.run(name, one, fault_name, fault) for name, one in OPERATIONS.items())])
            print(*rows[-1], flush=True)
        table(*rows)
        print(f"{run.tally.cells} cells: {run.tally.counts()}")
        print(*run.tally.lines(), sep="\n")


def prepare(here: Faulty) -> None:
    for cell in PREPARE:
        failed = here.kernel.run(cell).error
        assert failed is None, failed


def started(here: Faulty, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Start a cell, and return its messages when it speaks to the server, or is about to end."""
    before, messages = len(here.front.passed), here.kernel.messages(text)
    next(messages)
    deadline = time.monotonic() + random.random()
    until(lambda: len(here.front.passed) > before or time.monotonic() > deadline)
    time.sleep(random.choice([0, 0.001, 0.01, 0.1]))
    return messages


def interrupts(count: int) -> None:
    """Press Stop at random moments: the cell ends in one line, and nothing of it stays open."""
    tally, slowest, ended = Tally(), (0.0, ""), 0
    with faulty_kernel(FAST) as here:
        prepare(here)
        here.front.faults = slow = RandomFaults([held], 0.5, 1)
        for n in range(count):
            name, operation = random.choice(list(OPERATIONS.items()))
            slow.share = 0
            here.kernel.run(filled(operation.before, n))
            slow.share = 0.5
            cell, messages = Cell(), started(here, filled(operation.cell, n))
            here.kernel.manager.interrupt_kernel()
            pressed = time.monotonic()
            for message in messages:
                cell.see(*message)
            slowest, ended = max(slowest, (time.monotonic() - pressed, name)), ended + (cell.error is None)
            slow.share = 0
            tally.look_at(f"{n}, {name}", cell, 0, 0)
            if left := still_open(here):
                tally.wrong.append(f"{n}, {name}: still open: {left}")
    print(f"{count} interrupts, {ended} after the end of the cell; the slowest took {slowest[0]:.1f} s ({slowest[1]})")
    print(f"{tally.elsewhere} came while IPython ran its own code; {tally.counts()}", *tally.lines(), sep="\n")


def held(reply: spoiled.Reply) -> spoiled.Reply:
    """Return a reply that comes after a while, so that Stop finds its call waiting."""
    time.sleep(0.5)
    return reply


OPEN = """
import json, os, threading
_links = [f'/proc/self/fd/{n}' for n in os.listdir('/proc/self/fd')]
_here = [f for f in (os.readlink(l) for l in _links if os.path.lexists(l)) if f.startswith(os.getcwd())]
print(json.dumps(_here + [t.name for t in threading.enumerate() if '(run)' in t.name]))
"""


def still_open(here: Faulty) -> list[str]:
    """Return which of the user's files and which threads of calls are open."""
    text = text_of(here.kernel.run(OPEN))
    names: list[str] = json.loads(text)
    return names


def kills(count: int) -> None:
    """Kill the kernel at random moments: the next one finds every file whole, and nothing of the last one."""
    tally = Tally()
    with faulty_kernel(FAST) as here:
        prepare(here)
        for n in range(count):
            name, operation = random.choice(list(OPERATIONS.items()))
            here.kernel.run(filled(operation.before, n))
            started(here, filled(operation.cell, n))
            psutil.Process(here.kernel.manager.provisioner.pid).send_signal(signal.SIGKILL)
            here.kernel.stop()
            here.kernel = kernel_at(here, FAST)
            after_kill(here, tally, f"{n}, {name}", filled(operation.shows, n) if name == "upload" else "")
            prepare(here)
        parts = sweep_parts(here, tally)
    print(f"{parts} parts of downloads stayed until the next download into their folder")
    print(f"{count} kills: {tally.counts()}", *tally.lines(), sep="\n")


def sweep_parts(here: Faulty, tally: Tally) -> int:
    """Let a minute pass for what killed kernels left, download beside each part, and return how many there were."""
    parts = list((here.folder / "work").rglob(".*.part"))
    for part in parts:
        os.utime(part, (0, 0))
        here.kernel.run(f"%download made.csv --to {part.parent}")
        if part.exists():
            tally.wrong.append(f"{part.name} is there after another download")
    return len(parts)


def after_kill(here: Faulty, tally: Tally, where: str, uploaded: str) -> None:
    cells = [
        here.kernel.run(cell) for cell in ("%files --all", "%upload note.txt", f"%upload {uploaded or 'note.txt'}")
    ]
    for cell in cells:
        tally.look_at(where, cell, 0, 0)
        if "list of what was uploaded" in text_of(cell):
            tally.wrong.append(f"{where}: {text_of(cell)}")
    for path in (here.folder / "work").glob("*out*/**/*"):
        if path.is_file() and path.suffix != ".part" and not WHOLE.fullmatch(path.read_bytes()):
            tally.wrong.append(f"{where}: {path.name} is not whole")
    left = [path.name for path in (here.folder / "tmp").iterdir() if path.name.startswith("nbfiles-")]
    if len(left) > 1:  # one may be this kernel's
        tally.wrong.append(f"{where}: left behind: {left}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["matrix", "kills", "interrupts"], default="matrix")
    parser.add_argument("count", nargs="?", type=int, default=50)
    parser.add_argument("--always", action="store_true")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    run = {"matrix": partial(matrix, always=options.always, skip=options.skip), "kills": partial(kills, options.count)}
    (run | {"interrupts": partial(interrupts, options.count)})[options.what]()


if __name__ == "__main__":
    main()
