"""Draw what questions cost, and tables about models and skills."""

from __future__ import annotations

from collections.abc import Iterable

from nbfiles._display import formatting
from nbfiles._display.tables import CELL_WIDTH, TextTable
from nbfiles._messages import pricing
from nbfiles._messages.costs import CostReport, CostTotal
from nbfiles._messages.models import Model, abilities
from nbfiles._messages.options import EFFORTS
from nbfiles._messages.skills import Skill
from nbfiles._messages.token_estimate import RequestPlan

MAKERS = {
    "anthropic": "Anthropic",
    "custom": "this workspace",
    "anthropic_example": "Anthropic, as an example",
}
NOT_REPORTED = "Container time is not included: the API does not report it."


def plan(plan: RequestPlan) -> TextTable:
    """Return a plan as a table."""
    files = ", ".join(f"{name} ({kind}, {formatting.size(size)})" for name, kind, size in plan.files)
    dollars = plan.dollars
    price = "cost unknown" if dollars is None else " to ".join(dict.fromkeys(map(formatting.money, dollars)))
    rows = {
        "files": files or "none",
        **({"in the conversation": ", ".join(plan.attached)} if plan.attached else {}),
        "would be uploaded": ", ".join(plan.uploads) or "nothing",
        "variables": ", ".join(plan.variables) or "none",
        "blocks": ", ".join(plan.blocks),
        "tokens in": _tokens(plan),
        "tokens out": f"at most {plan.max_tokens:,}",
        "price": price,
        "model": plan.model,
        "would be sent to": plan.sent_to,
    }
    more = ["Code may run several rounds, each of which costs again."] if "container" in rows["blocks"] else []
    return TextTable(("dry run", ""), tuple(rows.items()), (*plan.notes, *more, "Nothing was sent.", _source()))


def _tokens(plan: RequestPlan) -> str:
    low, high = plan.tokens
    return f"{low:,}, as the local server counts" if low == high else f"{low:,} to {high:,}, estimated here"


def skills(listed: Iterable[Skill]) -> TextTable:
    """Return skills as a table."""
    rows = tuple((skill.id, skill.name, MAKERS.get(skill.source, skill.source)) for skill in listed)
    return TextTable(("skill", "name", "made by"), rows, ("To use some: %%ask_file data.csv --skill xlsx,pptx",))


def totals(report: CostReport, budget: float | None) -> TextTable:
    """Return what was spent, by model, thread and file."""
    groups = {"model": report.by_model, "thread": report.by_thread, "file": report.by_file}
    rows = [row for kind, group in groups.items() for row in _rows(kind, group)]
    left = f"Budget: ${budget:.2f}." if budget is not None else "No budget is set: %nbfiles set budget=2.00"
    headers = ("by", "", "answers", "uncached in", "cache write", "cache read", "out", "cost")
    free = report.total.cost is not None and not report.total.cost.total
    notes = (left, *_perhaps(report.unreported), *(() if free else (NOT_REPORTED, _source())))
    return TextTable(headers, (*rows, *_rows("total", [report.total])), notes, width=CELL_WIDTH)


def _perhaps(unreported: int) -> tuple[str, ...]:
    """Return a note on requests that may have been charged and are not in the table."""
    if not unreported:
        return ()
    requests = "1 request" if unreported == 1 else f"{unreported:,} requests"
    return (f"{requests} failed after being sent and may have been charged as well: not in the table.",)


def models(listed: Iterable[Model], default: str, *, at_list_prices: bool = True) -> TextTable:
    """Return the models as a table; list prices are those of Anthropic's own hosts."""
    rows = tuple(_model(model, at_list_prices) for model in listed)
    headers = ("model", "context", "longest answer", "in / out per million", "can", "ends")
    return TextTable(
        headers, rows, (f"The default is {default}: %nbfiles set model=NAME", *([_source()] if at_list_prices else []))
    )


def _rows(kind: str, group: Iterable[CostTotal]) -> Iterable[tuple[str, ...]]:
    for total in group:
        usage = total.usage
        yield (
            kind,
            "" if kind == "total" else total.name,
            f"{total.answers:,}",
            f"{usage.input_tokens:,}",
            f"{usage.cache_write_tokens:,}",
            f"{usage.cache_read_tokens:,}",
            f"{usage.output_tokens:,}",
            formatting.money(None if total.cost is None else total.cost.total),
        )


def _model(model: Model, at_list_prices: bool) -> tuple[str, ...]:
    able = [label for need, label in abilities().items() if need in model.can]
    efforts = [level for level in EFFORTS if f"effort:{level}" in model.can]
    return (
        model.id,
        f"{model.max_input_tokens:,}",
        f"{model.max_tokens:,}",
        pricing.listed(model.id) if at_list_prices else "not known",
        ", ".join([*able, *([f"effort {' / '.join(efforts)}"] if efforts else [])]),
        model.retires_at[:10] if model.retires_at else _lifecycle(model),  # the day is enough of a time
    )


def _lifecycle(model: Model) -> str:
    return "no date" if model.lifecycle == "active" else model.lifecycle


def _source() -> str:
    return f"Prices of {pricing.AS_OF}, from {pricing.SOURCE}"
