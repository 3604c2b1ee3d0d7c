"""What was spent, by model, thread and file, and what may still be: the budgets of a cell and of the kernel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from nbfiles._files.file_tokens import Range
from nbfiles._messages import token_estimate
from nbfiles._messages.answer import Answer, Usage
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.pricing import Cost, split
from nbfiles.errors import BadInput, Spelled
from nbfiles.options import spelled
from nbfiles.private_values import redacted_repr

CELL, KERNEL = "the budget of this cell", "the kernel's budget"
KEPT = "What had arrived is kept."
NO_THREAD = "no thread"
NO_FILE = "no file"


@redacted_repr
@dataclass(frozen=True, slots=True)
class CostEntry:
    """A line of the bill: answers by one model at one place, about the same files in the same thread.

    `cost` is None where a price is unknown. `unreported` requests may have been charged beside it, and of
    `answers` something arrived.
    """

    model: str
    place: str
    thread: str
    files: tuple[str, ...]
    usage: Usage
    cost: Cost | None
    unreported: int = 0
    answers: int = 1

    @property
    def key(self) -> Hashable:
        """What answers have in common that are one line of the bill."""
        return self.model, self.place, self.thread, self.files

    def __add__(self, other: CostEntry) -> CostEntry:
        cost = None if self.cost is None or other.cost is None else _added([self.cost, other.cost])
        return replace(
            self,
            usage=self.usage + other.usage,
            cost=cost,
            unreported=self.unreported + other.unreported,
            answers=self.answers + other.answers,
        )


@redacted_repr
@dataclass(frozen=True, slots=True)
class CostTotal:
    """The sum of several answers; `cost` is None where one of them has an unknown price."""

    name: str
    answers: int
    usage: Usage
    cost: Cost | None


@redacted_repr
@dataclass(frozen=True, slots=True)
class CostReport:
    """What was spent: the sum of everything, and a sum for each model at its place, conversation and file.

    `unreported` requests may have been charged, and no sum holds them.
    """

    total: CostTotal
    by_model: Sequence[CostTotal]
    by_thread: Sequence[CostTotal]
    by_file: Sequence[CostTotal]
    unreported: int


class Billing:
    """How a destination bills: at "list" prices, "free", or "unknown"; as its row in the table says.

    Of a server that is "unknown", an answer may say that the local server of nbfiles gave it, which is free.
    `current` is what the last answer said, for plans.
    """

    def __init__(self, kind: str) -> None:
        self._kind = self.current = kind

    def of(self, answer: Answer) -> str:
        """Return how an answer is billed."""
        return "free" if self._kind == "unknown" and answer.local else self._kind

    def learn(self, answer: Answer) -> None:
        """Take what an answer says of its server; one that never began says nothing."""
        if answer.blocks:
            self.current = self.of(answer)


def cost_of(answer: Answer, billing: str) -> Cost | None:
    """Return what an answer cost so far, None where the price is unknown; `billing` is how it is billed.

    What was refused before it began, or never reached a server, used and cost nothing.
    """
    unused = answer.usage == Usage() and not answer.blocks and not answer.unreported
    if unused or billing == "free":
        return Cost()
    return split(answer.model, answer.usage) if billing == "list" else None


class Costs:
    """The bill of every answer of this kernel, complete or not: tokens that arrived are paid for."""

    def __init__(self) -> None:
        self._items: dict[Hashable, CostEntry] = {}
        self._lock = threading.Lock()  # answers of `--each` come from several threads

    def add(self, answer: Answer, billing: str) -> float | None:
        """Put an answer on the bill and return its cost in dollars; `billing` is how it is billed."""
        cost = cost_of(answer, billing)
        files = answer.sources or (NO_FILE,)
        thread = answer.thread or NO_THREAD
        who, answered = (answer.by, answer.sent_to), bool(answer.blocks) or answer.usage != Usage()
        entry = CostEntry(*who, thread, files, answer.usage, cost, answer.unreported, int(answered))
        with self._lock:
            earlier = self._items.get(entry.key)
            self._items[entry.key] = earlier + entry if earlier else entry
        return None if cost is None else cost.total

    @property
    def unreported(self) -> int:
        """How many requests may have been charged that no answer and no sum holds."""
        return sum(item.unreported for item in self._entries())

    def total(self) -> CostTotal:
        """Return the sum of everything."""
        return _sum("total", self._entries())

    def report(self) -> CostReport:
        """Return the sums; an answer about several files counts for each of them."""
        by_model = self._by(lambda item: (_who(item.model, item.place),))
        by_thread = self._by(lambda item: (item.thread,))
        return CostReport(self.total(), by_model, by_thread, self._by(lambda item: item.files), self.unreported)

    def _by(self, keys: Callable[[CostEntry], Iterable[str]]) -> list[CostTotal]:
        groups: dict[str, list[CostEntry]] = {}
        for item in filter(lambda entry: entry.answers, self._entries()):
            for key in keys(item):
                groups.setdefault(key, []).append(item)
        return [_sum(name, items) for name, items in groups.items()]

    def _entries(self) -> list[CostEntry]:
        with self._lock:
            return list(self._items.values())


def afford(
    most: float | None, budget: float | None, spent: float | None, what: str, state: str = "Nothing was sent."
) -> None:
    """Raise BadInput where an answer that may cost `most` dollars would break the budget of `what`."""
    if budget is None:
        return
    if most is None or spent is None:
        raise BadInput(
            f"The price is not known, so {what} of ${budget:.2f} cannot be held. {state} ",
            "Take a model that ",
            Spelled("nbfiles.models()", "%nbfiles models"),
            " shows with a price, or leave the budget out.",
        )
    if spent + most > budget:
        past = f", and ${spent:.4f} is spent already" if spent else ""
        raise BadInput(
            f"This may cost up to ${most:.4f}{past}: more than {what} of ${budget:.2f}. {state} "
            "Allow more, or bound the answer: ",
            spelled(AskKeywords, "max_tokens", 4000),
        )


class Budget:
    """What one cell and the kernel may spend, in US dollars; None is as much as they want."""

    def __init__(self, costs: Costs, cell: float | None, kernel: float | None, billing: Billing) -> None:
        self._costs, self._cell, self._kernel, self._billing = costs, cell, kernel, billing
        self._at_start = self._spent() or 0.0  # what the kernel had spent before the cell

    @property
    def limited(self) -> bool:
        """Whether there is a budget at all."""
        return self._cell is not None or self._kernel is not None

    def check(self, plans: Sequence[token_estimate.RequestPlan]) -> None:
        """Raise BadInput where what is planned, all of it together, may break a budget."""
        most = [plan.dollars[1] for plan in plans if plan.dollars]
        total = sum(most) if len(most) == len(plans) else None
        afford(total, self._cell, 0.0, CELL)
        afford(total, self._kernel, self._spent(), KERNEL)

    def check_more(self, builder: AnswerBuilder) -> None:
        """Raise BadInput where another request for a paused answer may break a budget."""
        answer, last = builder.snapshot(), builder.usage - builder.earlier_usage
        context = last.total_in + last.output_tokens
        tokens = Range(context, context)
        billing, most_tokens = self._billing.of(answer), answer.request["max_tokens"]
        dollars = token_estimate.price(answer.model, tokens, most_tokens, billing, cached=False)
        so_far, before = cost_of(answer, billing), self._spent()
        spent = None if so_far is None or before is None else so_far.total + before
        most = dollars and dollars[1]
        afford(most, self._cell, None if spent is None else spent - self._at_start, CELL, KEPT)
        afford(most, self._kernel, spent, KERNEL, KEPT)

    def _spent(self) -> float | None:
        cost = self._costs.total().cost
        return cost.total if cost else None


def _who(model: str, place: str) -> str:
    """Return who answered and where: `claude-sonnet-5-5, Claude (api.anthropic.com)`."""
    return place[:1].upper() + place[1:] if place.lower().startswith(model.lower()) else f"{model}, {place}"


def _sum(name: str, items: Iterable[CostEntry]) -> CostTotal:
    items = list(items)
    usage = sum((item.usage for item in items), Usage())
    prices = [item.cost for item in items if item.cost is not None]
    answers = sum(item.answers for item in items)
    return CostTotal(name, answers, usage, _added(prices) if len(prices) == len(items) else None)


def _added(prices: Sequence[Cost]) -> Cost:
    return Cost(*map(sum, zip(*prices, strict=True))) if prices else Cost()
