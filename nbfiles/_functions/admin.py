"""Doors for Python: where requests go, with what, and what they cost."""

from __future__ import annotations

from importlib.metadata import version
from typing import Unpack

from nbfiles._display import costs
from nbfiles._display.tables import Status, TextTable
from nbfiles._functions.kernel import current_session
from nbfiles._functions.validation import validate_call
from nbfiles._messages import export as ejecting
from nbfiles._messages.options import SettingKeywords
from nbfiles.errors import BadInput, Spelled


@validate_call
def use(destination: str) -> Status:
    """Send requests to `local` (the embedded server), `claude`, or a URL from now on."""
    current_session().use(destination)
    return status()


def configure(**settings: Unpack[SettingKeywords]) -> Status:
    """Set what questions get by default: `model`, `max_tokens`, `effort`, `budget` (US dollars, per kernel).

    None takes a setting back. Raises BadInput for a name or a value that does not fit.
    """
    current_session().asker.configure(settings)
    return status()


def cost() -> TextTable:
    """Return what was spent so far, by model, thread and file, as a table."""
    asker = current_session().asker
    return costs.totals(asker.bill, asker.defaults.budget)


def models() -> TextTable:
    """Return the models of the place in use: limits, prices and what each can do, as a table."""
    asker = current_session().asker
    asker.models.choose()
    return costs.models(asker.models.all(), asker.defaults.model or asker.models.default)


def skills() -> TextTable:
    """Return the skills that a question can use, Anthropic's and custom ones, as a table."""
    return costs.skills(current_session().asker.skills.all())


def eject() -> str:
    """Return the plain Anthropic SDK code that does what the last question did."""
    session = current_session()
    if session.asker.last is None:
        ask = Spelled("nbfiles.ask()", "%%ask_file")
        raise BadInput("There is no question yet to write code for. Ask one with ", ask, ".")
    return ejecting.code(session.asker.last, session.records())


def status() -> Status:
    """Return where requests go, with which model, and what was spent so far. Sends nothing."""
    session = current_session()
    spent, defaults = session.asker.bill.total(), session.asker.defaults
    return Status(
        destination=session.destination.about,
        credentials="looked for by the Anthropic SDK" if session.destination.needs_key else "none needed",
        model=(defaults.model or session.asker.models.default)
        + (f", effort {defaults.effort}" if defaults.effort else ""),
        files=len(session.library.registry),
        tokens=(spent.usage.total_in, spent.usage.output_tokens),
        cost=None if spent.cost is None else spent.cost.total,
        budget=defaults.budget,
        versions=tuple(f"{name} {version(name)}" for name in ("nbfiles", "anthropic", "ipython")),
    )
