"""A kernel of many minutes, whose server fails in one request of twenty: does it end where it began.

    python benchmarks/soak.py [MINUTES] [--control | --without-out] [--seed N]

Rounds of everything: upload, ask, conversation, each file, code, download, list, clean, budget, another destination,
Stop. Every minute it prints the memory of the kernel, its threads, sockets and files; at the end what grew in a round
(a line through the second half), and what was wrong with what was shown. The server and what spoils its replies are in
this process, not in the kernel's.

IPython keeps every cell and every result. `--control` runs cells without nbfiles that show as much, `--without-out`
forgets the results after each round: what still grows then is nbfiles'.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression

import psutil
from faulty_kernel import REFUSED, Faulty, RandomFaults, Tally, faulty_kernel, late, refusal

from tests import spoiled
from tests.kernels import Cell
from tests.waiting import until

SHARE = 0.05
FAULTS = [
    *(refusal(spoiled.busy), refusal(spoiled.slow_down), refusal(spoiled.busy), refusal(spoiled.slow_down)),
    *(spoiled.Unread(), spoiled.lost, spoiled.torn, spoiled.halved, spoiled.short, spoiled.broken, late),
    spoiled.refused(500, "api_error"),
]
CODE = "```python\nimport os\nopen(os.environ['OUTPUT_DIR'] + '/made.csv', 'w').write('a,b\\n{n},2\\n')\n```"
CONTROL = """
from IPython.display import display
class Refused(Exception):
    def _render_traceback_(self):
        return [str(self)]
def show(paints, chars, error):
    bundle = {'text/plain': 'x' * (chars // 2), 'text/html': 'y' * (chars // 2)}
    handle = display(bundle, raw=True, display_id=True) if paints else None
    for _ in range(paints - 1):
        handle.update(bundle, raw=True)
    if error:
        raise Refused(error)
"""


@dataclass(frozen=True)
class Step:
    """A cell of a round: how many questions it asks, and a pattern of what it shows if nothing fails."""

    name: str
    cell: str
    questions: int = 0
    shows: str = ""


def steps(n: int) -> list[Step]:
    """Return the cells of round `n`, whose files and questions are new."""
    secret = f"zebra{n}"
    question = f"What is the password of round {n}?"
    return [
        Step("upload", f"%upload note-{n}.txt", shows=f"note-{n}.txt"),
        Step("ask", f"%%ask_file note-{n}.txt -o ans\n{question}", 1, secret),
        Step("thread", f"%%ask_file note-{n}.txt -t talk --fresh\n{question}", 1, secret),
        Step("thread", "%%ask_file -t talk\nWhat is the password?", 1, "password|turn 1"),  # the first may have failed
        Step("each", f"%%ask_file note-{n}.txt other-{n}.txt --each\n{question}", 2, "2 of 2|done"),
        Step("code", f"%%ask_file data-{n}.csv --code\n{CODE.format(n=n)}", 1, "made"),
        Step("download", f"%download made*.csv --to out-{n}"),
        Step("read", f"print(*[p.read_text() for p in __import__('pathlib').Path('out-{n}').glob('*')])"),
        Step("list", "%files"),
        Step("list all", "%files --all"),
        Step("budget", f"%%ask_file note-{n}.txt --budget 0.000001\nWhat else?", 0, REFUSED),
        Step("use local", "%nbfiles use local"),
        Step("ask local", f"%%ask_file note-{n}.txt\n{question}", 0, secret),
        Step("clean local", "%files clean --older-than 0h --yes"),
        Step("return", "session.connection = remote"),
        Step("drop", "%thread drop talk"),
    ]


CLEAN = [Step("clean", "%files clean --older-than 0h --yes")]
FORGET = "%reset -f out\n%reset -f in"


def write_files(folder: Path, n: int) -> None:
    (folder / f"note-{n}.txt").write_text(f"The password of round {n} is zebra{n}.\nIt rains.\n")
    (folder / f"other-{n}.txt").write_text(f"The password of the other {n} is lion{n}.\n")
    (folder / f"data-{n}.csv").write_text(f"x,y\n{n},1\n{n},2\n")


@dataclass
class Soak:
    """Rounds in one kernel, and what was measured after each."""

    here: Faulty
    faults: RandomFaults
    tally: Tally = field(default_factory=Tally)
    memory: list[tuple[int, float]] = field(default_factory=list)  # round, KB
    round: int = 0
    faults_before: int = 0  # this round

    def __post_init__(self) -> None:
        self.process = psutil.Process(self.here.kernel.manager.provisioner.pid)

    def run_round(self) -> list[Cell]:
        """Run all steps once, and return their cells."""
        self.round += 1
        self.faults_before = self.faults.count
        write_files(self.here.folder / "work", self.round)
        ran = [self.step(step) for step in steps(self.round)]
        ran += [self.stop(), *map(self.step, CLEAN)]
        return ran

    def step(self, step: Step) -> Cell:
        """Run one step."""
        before = self.here.questions()
        cell = self.here.kernel.run(step.cell)
        asked = self.here.questions() - before
        self.tally.look_at(f"round {self.round}, {step.name}", cell, asked, step.questions, step.shows)
        if self.faults.count == self.faults_before:
            self.tally.look_for_refusal(f"round {self.round}, {step.name}", cell, step.shows)
        return cell

    def stop(self) -> Cell:
        """Press Stop while a question waits for a silent server."""
        self.faults.next = [spoiled.silent]
        cell = stopped_at_request(self.here, f"%%ask_file note-{self.round}.txt\nWhy in round {self.round}?")
        self.tally.look_at(f"round {self.round}, Stop", cell, 1, 1, REFUSED)
        return cell

    def measure(self) -> None:
        """Note the memory of the kernel that is no file's: USS jumps when another process ends that shared some."""
        self.memory.append((self.round, _anonymous_kb(self.process.pid)))

    def status(self) -> str:
        """Return a line about the kernel as it is now."""
        memory, anonymous = self.process.memory_info(), _anonymous_kb(self.process.pid) / 1000
        sockets, files = len(self.process.net_connections("all")), len(self.process.open_files())
        left = sum(path.is_file() for path in (self.here.folder / "tmp").rglob("*"))
        return (
            f"{self.round:5} rounds, RSS {memory.rss / 1e6:6.1f} MB, anonymous {anonymous:6.1f} MB, "
            f"{self.process.num_threads()} threads, {sockets} sockets, {files} files open, {left} temporary files"
        )

    def growth(self) -> float:
        """Return by how many KB the kernel grew in a round, by least squares over the second half."""
        half = self.memory[len(self.memory) // 2 :]
        return linear_regression(*zip(*half, strict=True)).slope if len(half) > 1 else float("nan")


def _anonymous_kb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def stopped_at_request(here: Faulty, text: str) -> Cell:
    """Run a cell, press Stop when its first request has reached the server, and return the cell."""
    before, kernel, cell = len(here.front.passed), here.kernel, Cell()
    messages = kernel.messages(text)
    cell.see(*next(messages))
    until(lambda: len(here.front.passed) > before, alive=kernel.manager.is_alive)
    kernel.manager.interrupt_kernel()
    for message in messages:
        cell.see(*message)
    return cell


def control_round(here: Faulty, cells: list[tuple[str, Cell]]) -> None:
    """Show what the cells of a round showed, without nbfiles."""
    for text, cell in cells:
        chars = sum(len(str(output)) for output in cell.outputs.values())
        error = cell.error["evalue"] if cell.error else ""
        here.kernel.run(f"{text!r}\nshow({cell.paints}, {chars}, {error!r})")


def run(minutes: float, seed: int, kind: str) -> None:
    with faulty_kernel() as here:
        here.front.faults = faults = RandomFaults(FAULTS, SHARE, seed)
        soak = Soak(here, faults)
        cells = soak.run_round()
        begin = next_line = time.monotonic()
        while time.monotonic() < begin + 60 * minutes:
            soak.measure()
            if time.monotonic() >= next_line:
                print(soak.status(), flush=True)
                next_line += 60
            one_round(soak, kind, cells)
        report(soak)


def one_round(soak: Soak, kind: str, cells: list[Cell]) -> None:
    if kind != "control":
        soak.run_round()
        here = soak.here
        if kind == "without out":
            here.kernel.run(FORGET)
        return
    if soak.round == 1:
        soak.here.kernel.run(CONTROL)
    soak.round += 1
    texts = [step.cell for step in steps(soak.round)]
    control_round(soak.here, list(zip([*texts, "stop", "clean"], cells, strict=True)))


def report(soak: Soak) -> None:
    print(soak.status())
    print(f"{soak.faults.count} faults; growth {soak.growth():.1f} KB a round; of {soak.tally.cells} cells: ", end="")
    print(soak.tally.counts())
    print(*soak.tally.lines(), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="?", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--control", dest="kind", action="store_const", const="control", default="")
    kinds.add_argument("--without-out", dest="kind", action="store_const", const="without out")
    options = parser.parse_args()
    run(options.minutes, options.seed, options.kind)


if __name__ == "__main__":
    main()
