"""Budgets, of a cell and of the kernel: held before each request, with the number."""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles._files.file_tokens import Range
from nbfiles._messages import token_estimate
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.costs import Costs, afford, cost_of

CELL, KERNEL = "the budget of this cell", "the kernel's budget"
KEPT = "What had arrived is kept."


class Budget:
    """What the running cell and the kernel may spend, in dollars; None is as much as they want."""

    def __init__(self, bill: Costs) -> None:
        self._bill = bill
        self._cell: float | None = None
        self._kernel: float | None = None
        self._at_start = 0.0  # what the kernel had spent before the cell

    def begin(self, cell: float | None, kernel: float | None) -> bool:
        """Begin a cell; tell whether there is a budget to hold."""
        self._cell, self._kernel, self._at_start = cell, kernel, self._spent() or 0.0
        return cell is not None or kernel is not None

    def hold(self, plans: Sequence[token_estimate.RequestPlan]) -> None:
        """Raise BadInput where what is planned, all of it together, may break a budget."""
        most = [plan.dollars[1] for plan in plans if plan.dollars]
        total = sum(most) if len(most) == len(plans) else None
        afford(total, self._cell, 0.0, CELL)
        afford(total, self._kernel, self._spent(), KERNEL)

    def hold_more(self, builder: AnswerBuilder, billing: str) -> None:
        """Raise BadInput where another request for a paused answer may break a budget."""
        answer, last = builder.snapshot(), builder.usage - builder.earlier_usage
        context = last.total_in + last.output_tokens
        tokens = Range(context, context)
        dollars = token_estimate.price(answer.model, tokens, answer.request["max_tokens"], billing, cached=False)
        so_far, before = cost_of(answer, billing), self._spent()
        spent = None if so_far is None or before is None else so_far.total + before
        most = dollars and dollars[1]
        afford(most, self._cell, None if spent is None else spent - self._at_start, CELL, KEPT)
        afford(most, self._kernel, spent, KERNEL, KEPT)

    def _spent(self) -> float | None:
        cost = self._bill.total().cost
        return cost.total if cost else None
