"""What was spent: one line for each request, and totals by model, thread and file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nbfiles._messages.answer import Answer, Usage
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.pricing import Cost, split
from nbfiles.errors import BadInput
from nbfiles.options import spelled

NO_THREAD = "no thread"
NO_FILE = "no file"


@dataclass(frozen=True, slots=True)
class CostEntry:
    """One answer's part of the bill; `cost` is None where the price is unknown.

    `unreported` requests may have been charged beside it.
    """

    model: str
    thread: str
    files: tuple[str, ...]
    usage: Usage
    cost: Cost | None
    unreported: int = 0


@dataclass(frozen=True, slots=True)
class CostTotal:
    """The sum of several answers; `cost` is None where one of them has an unknown price."""

    name: str
    answers: int
    usage: Usage
    cost: Cost | None


def cost_of(answer: Answer, billing: str) -> Cost | None:
    """Return what an answer cost so far, None where the price is unknown; `billing` is the endpoint's."""
    return {"free": Cost(), "list": split(answer.model, answer.usage)}.get(billing)


class Costs:
    """Every answer of this kernel, complete or not: tokens that arrived are paid for."""

    def __init__(self) -> None:
        self._items: list[CostEntry] = []

    def add(self, answer: Answer, billing: str) -> float | None:
        """Put an answer on the bill and return its cost in dollars; `billing` is the endpoint's."""
        cost = cost_of(answer, billing)
        files = answer.sources or (NO_FILE,)
        thread = answer.thread or NO_THREAD
        self._items.append(CostEntry(answer.model, thread, files, answer.usage, cost, answer.outcome.unreported))
        return None if cost is None else cost.total

    @property
    def unreported(self) -> int:
        """How many requests may have been charged that no answer and no sum holds."""
        return sum(item.unreported for item in self._items)

    def total(self) -> CostTotal:
        """Return the sum of everything."""
        return _sum("total", self._items)

    def by_model(self) -> list[CostTotal]:
        """Return a sum for each model."""
        return self._by(lambda item: (item.model,))

    def by_thread(self) -> list[CostTotal]:
        """Return a sum for each thread."""
        return self._by(lambda item: (item.thread,))

    def by_file(self) -> list[CostTotal]:
        """Return a sum for each file; an answer about several counts for each of them."""
        return self._by(lambda item: item.files)

    def _by(self, keys: Callable[[CostEntry], Iterable[str]]) -> list[CostTotal]:
        groups: dict[str, list[CostEntry]] = {}
        for item in self._items:
            for key in keys(item):
                groups.setdefault(key, []).append(item)
        return [_sum(name, items) for name, items in groups.items()]


def afford(
    most: float | None, budget: float | None, spent: float | None, what: str, done: str = "Nothing was sent."
) -> None:
    """Raise BadInput where an answer that may cost `most` dollars would break the budget of `what`."""
    if budget is None:
        return
    if most is None or spent is None:
        raise BadInput(
            f"The price is not known, so {what} of ${budget:.2f} cannot be held. {done} "
            "Take a model that %nbfiles models shows with a price, or leave the budget out."
        )
    if spent + most > budget:
        past = f", and ${spent:.4f} is spent already" if spent else ""
        raise BadInput(
            f"This may cost up to ${most:.4f}{past}: more than {what} of ${budget:.2f}. {done} "
            "Allow more, or bound the answer: ",
            spelled(AskKeywords, "max_tokens", 4000),
        )


def _sum(name: str, items: Iterable[CostEntry]) -> CostTotal:
    items = list(items)
    usage = sum((item.usage for item in items), Usage())
    known = [item.cost for item in items if item.cost is not None]
    cost = Cost(*map(sum, zip(*known, strict=True))) if known else Cost()
    return CostTotal(name, len(items), usage, cost if len(known) == len(items) else None)
