"""A real kernel whose server fails as networks and servers do, and what is wrong with what its cells showed."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from common import HERE, world

sys.path.insert(0, str(HERE.parent))

from nbfiles import errors
from nbfiles.server.embedded import start
from tests import faulty, spoiled
from tests.kernels import Cell, Kernel
from tests.scripted import Reply

QUESTION, UPLOAD = "POST /v1/messages", "POST /v1/files"
OWN = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.NbfilesError)}
REPEATED = re.compile("once more|twice|both times")  # how an output says that a question was sent again
MOST_LINES = 3  # of an error
REFUSED = "(?!)"  # what is shown by a cell that must fail: nothing
# Destination and clock of a paid API, so that budgets and the limit of requests count; waits of a fraction of a second.
SET_UP = """
%cd -q {folder}
%load_ext nbfiles
import nbfiles
from nbfiles import _client
from nbfiles._connection import Connection
from nbfiles.destinations import Destination
_client.DEFAULTS = _client.Timeouts({timeouts})
session = nbfiles.current_session()
session.connection = remote = Connection(
    Destination('Claude', 'list', base_url={url!r}, api_key={key!r}, name='claude'),
    session.settings.data_dir, session.variables)
"""
FAST = "first_backoff_s=0.01, retry_s=5"


def late(reply: Reply) -> Reply:
    """Return the whole reply, after a while."""
    time.sleep(0.3)
    return reply


def refusal(fault: spoiled.Fault) -> spoiled.Refused:
    """Return a fault that answers before anything is carried out."""
    return spoiled.Refused(fault(Reply()))


class RandomFaults(list[Any]):
    """Faults for a front that never run out: each request has this share of a chance of one of `kinds`.

    `next` are those that come first.
    """

    def __init__(self, kinds: list[Any], share: float, seed: int) -> None:
        super().__init__()
        self.next: list[Any] = []
        self.share = share
        self.count = 0
        self._kinds, self._random = kinds, Random(seed)

    def __bool__(self) -> bool:
        return True

    def pop(self, _index: object = 0) -> Any:
        """Return the fault of the next request, or None."""
        if self.next:
            return self.next.pop(0)
        if self._random.random() >= self.share:
            return None
        self.count += 1
        return self._random.choice(self._kinds)


@dataclass
class Tally:
    """What was wrong in the cells that were looked at, each with a line that says where."""

    cells: int = 0
    elsewhere: int = 0  # interrupted in code of IPython, before nbfiles was called or after it had returned
    untyped: list[str] = field(default_factory=list)
    long: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unreported: list[str] = field(default_factory=list)

    def look_at(self, where: str, cell: Cell, questions: int, expected: int, shows: str = "") -> None:
        """Judge one cell: `questions` reached the server, `expected` were asked; it `shows` this if nothing failed."""
        self.cells += 1
        text = text_of(cell)
        if is_elsewhere(cell):
            self.elsewhere += 1
            return
        if cell.error and cell.error["ename"] not in OWN:
            self.untyped.append(f"{where}: {cell.error['ename']}: {cell.error['evalue']}")
        if "Traceback (most recent call last)" in text:
            self.untyped.append(f"{where}: a traceback was printed")
        if cell.error and len("\n".join(cell.error["traceback"]).splitlines()) > MOST_LINES:
            self.long.append(f"{where}: {cell.error['ename']}")
        if not cell.error and not re.search(shows, text):
            self.wrong.append(f"{where}: not shown: {shows}: {text[-300:]!r}")
        if questions > expected and not REPEATED.search(text):
            self.unreported.append(f"{where}: {questions} questions for {expected}: {text[-300:]!r}")

    def look_at_uploads(self, where: str, cell: Cell, sent: int, expected: int) -> None:
        """Note files that were sent more often than was said."""
        if sent > expected and not re.search("cop(y|ies)|once more", text := text_of(cell)):
            self.unreported.append(f"{where}: {sent} uploads for {expected}: {text[-300:]!r}")

    def look_for_refusal(self, where: str, cell: Cell, shows: str) -> None:
        """Note a cell that failed although no reply was spoiled."""
        if cell.error and shows != REFUSED:
            self.wrong.append(f"{where}: refused without a fault: {cell.error['evalue']}")

    def counts(self) -> str:
        """Return the sums."""
        return (
            f"untyped {len(self.untyped)}, over {MOST_LINES} lines {len(self.long)}, wrong {len(self.wrong)}, "
            f"unreported repeats {len(self.unreported)}"
        )

    def lines(self) -> list[str]:
        """Return every single one."""
        kinds = {"untyped": self.untyped, "long": self.long, "wrong": self.wrong, "unreported": self.unreported}
        return [f"{kind}: {line}" for kind, lines in kinds.items() for line in lines]


def is_elsewhere(cell: Cell) -> bool:
    """Return whether Stop came while no code of nbfiles ran."""
    stopped = cell.error is not None and cell.error["ename"] == "KeyboardInterrupt"
    return stopped and "/nbfiles/" not in "".join(cell.error["traceback"])


def text_of(cell: Cell) -> str:
    """Return everything that a cell showed in the end, as text."""
    shown = [output.get("text/plain", "") for output in cell.outputs.values()]
    error = [f"{cell.error['ename']}: {cell.error['evalue']}"] if cell.error else []
    return "\n".join([*shown, *error])


@dataclass
class Faulty:
    """A kernel, the front that it speaks to, the key that its server wants, and the folder in which all are."""

    kernel: Kernel
    front: faulty.Front
    key: str
    folder: Path
    env: dict[str, str]

    def questions(self) -> int:
        """Return how many questions have reached the server."""
        return self._passed(QUESTION)

    def uploads(self) -> int:
        """Return how many files have reached the server."""
        return self._passed(UPLOAD)

    def _passed(self, line: str) -> int:
        return sum(passed.partition("?")[0] == line for passed in self.front.passed)


def kernel_at(here: Faulty, timeouts: str) -> Kernel:
    """Start a kernel in the same folder, where the one before is dead or was never there."""
    kernel = Kernel(**here.env)
    work, url = here.folder / "work", here.front.url
    failed = kernel.run(SET_UP.format(folder=work, url=url, key=here.key, timeouts=timeouts)).error
    assert failed is None, failed
    return kernel


@contextmanager
def faulty_kernel(timeouts: str = FAST) -> Iterator[Faulty]:
    """Start a server, a front and a kernel in a folder of their own; in the kernel, `remote` is the connection."""
    with world() as env:
        folder = Path(env["NBFILES_DATA_DIR"]).parent
        for name in ("tmp", "work"):
            (folder / name).mkdir()
        server = start(folder / "server", tcp=True)
        try:
            with faulty.faulty(server.base_url) as front:
                here = Faulty(None, front, server.key, folder, env | {"TMPDIR": str(folder / "tmp")})  # type: ignore[arg-type]
                here.kernel = kernel_at(here, timeouts)
                try:
                    yield here
                finally:
                    here.kernel.stop()
        finally:
            server.stop()
