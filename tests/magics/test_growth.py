"""A call that has ended leaves nothing behind that only the garbage collector frees."""

import gc
from collections import Counter

import pytest

from nbfiles import current_session

CELLS = [
    "%upload penguins.csv --again",
    "%%ask_file bzip2-manual.pdf\nWhat is a block?",
    "%%ask_file penguins.csv --code\nDescribe it.",
    "%%ask_file bzip2-manual.pdf --each\nWhat is a block?",
    "%files --all",
    "%files rm penguins.csv --yes",
    "%nbfiles models",
]


def collect():
    """Free all garbage, also what only the finalizers of other garbage set free."""
    while gc.collect():
        pass


@pytest.fixture
def collected():
    """Return a function that counts by type what only the garbage collector finds, of ours and of the client's."""

    def count() -> Counter[str]:
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        kinds = Counter(f"{type(one).__module__}.{type(one).__name__}" for one in gc.garbage)
        gc.garbage.clear()
        collect()  # the cycles that were shown
        return Counter({k: n for k, n in kinds.items() if k.split(".")[0] in ("nbfiles", "httpx2", "httpcore2")})

    collect()
    gc.disable()
    yield count
    gc.set_debug(0)
    gc.enable()


@pytest.mark.parametrize("cell", CELLS)
def test_what_a_call_used_is_freed_when_it_ends(shell, collected, cell):
    for _ in range(2):  # what is made once, is made by the first
        shell.run(cell if "rm" not in cell else "%upload penguins.csv\n" + cell)
        left = collected()
    assert left == {}


def alive(kind: str) -> int:
    gc.collect()
    return sum(f"{type(one).__module__}.{type(one).__name__}" == f"nbfiles.{kind}" for one in gc.get_objects())


def test_answers_of_one_kind_are_one_line_of_the_bill(shell):
    before = alive("_messages.costs.CostEntry")
    for _ in range(3):
        shell.run("%%ask_file penguins.csv\nHow many rows?")
    assert alive("_messages.costs.CostEntry") == before + 1
    assert current_session().costs.total().answers == 3
