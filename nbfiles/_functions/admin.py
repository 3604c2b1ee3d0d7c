"""Doors for Python: where requests go, with what, and what they cost."""

from __future__ import annotations

from importlib.metadata import version
from typing import Unpack

from nbfiles._display import costs
from nbfiles._display.tables import Status, TextTable
from nbfiles._functions.kernel import current_session, file_name
from nbfiles._functions.validation import validate_call
from nbfiles._messages import export
from nbfiles._messages.options import SettingKeywords
from nbfiles.errors import BadInput, Spelled
from nbfiles.records import FileRecord


@validate_call
def use(destination: str) -> Status:
    """Send requests to `local` (the embedded server), `claude`, or a URL from now on."""
    current_session().use(destination)
    return status()


def configure(**settings: Unpack[SettingKeywords]) -> Status:
    """Set what questions get by default: `model`, `max_tokens`, `effort`, `budget` (US dollars, per kernel).

    None takes a setting back. Raises BadInput for a name or a value that does not fit.
    """
    session = current_session()
    session.defaults = session.defaults.changed(settings)
    return status()


def cost() -> TextTable:
    """Return what was spent so far, by model, thread and file, as a table."""
    session = current_session()
    return costs.totals(session.costs, session.defaults.budget)


def models() -> TextTable:
    """Return the models of the destination in use: limits, prices and what each can do, as a table."""
    session = current_session()
    choices = session.connection.models
    choices.choose()
    return costs.models(choices.all(), session.defaults.model or choices.default)


def skills() -> TextTable:
    """Return the skills that a question can use, Anthropic's and custom ones, as a table."""
    return costs.skills(current_session().connection.skills.all())


@validate_call
def eject(name: str | FileRecord | None = None) -> str:
    """Return the plain Anthropic SDK code that does what the last question did.

    Parameters
    ----------
    name
        The file whose question is meant, where the last cell asked about several separately.

    Returns
    -------
    str
        A Python program with nothing of nbfiles in it.

    Raises
    ------
    BadInput
        Where there was no question yet, or a file of it is not on this machine.

    """
    session = current_session()
    answer = session.last.pick(file_name(name), "eject({})", "%nbfiles eject")
    if answer is None:
        ask = Spelled("nbfiles.ask()", "%%ask_file")
        raise BadInput("There is no question yet to write code for. Ask one with ", ask, ".")
    return export.code(answer, session.connection.files.registry)


def status() -> Status:
    """Return where requests go, with which model, and what was spent so far. Sends nothing."""
    session = current_session()
    spent, defaults = session.costs.total(), session.defaults
    return Status(
        place=session.connection.destination.about,
        credentials="looked for by the Anthropic SDK" if session.connection.destination.needs_key else "none needed",
        model=(defaults.model or session.connection.models.default)
        + (f", effort {defaults.effort}" if defaults.effort else ""),
        files=len(session.connection.files.registry),
        tokens=(spent.usage.total_in, spent.usage.output_tokens),
        cost=None if spent.cost is None else spent.cost.total,
        budget=defaults.budget,
        versions=tuple(f"{name} {version(name)}" for name in ("nbfiles", "anthropic", "ipython")),
    )
