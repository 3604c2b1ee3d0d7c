"""Where requests go, with what, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import Unpack

from nbfiles._display import costs
from nbfiles._display.tables import Status, TextTable
from nbfiles._functions.kernel import current_session, file_name
from nbfiles._functions.validation import validate_call
from nbfiles._messages import export
from nbfiles._messages.options import SettingKeywords
from nbfiles.credentials import NONE_SENT
from nbfiles.destinations import USE_LOCAL, Destination
from nbfiles.errors import BadInput, Spelled
from nbfiles.records import FileRecord
from nbfiles.session import Session


@validate_call
def use(destination: str, key_from: str | None = None) -> Status:
    """Send requests to another destination from now on; each has its own files.

    Parameters
    ----------
    destination
        `local` (the embedded server), `claude`, or a URL.
    key_from
        The environment variable whose key is sent there. Without it, what is in `ANTHROPIC_API_KEY` and the like
        goes to Anthropic's hosts and to `ANTHROPIC_BASE_URL`, and nowhere else.

    Returns
    -------
    Status
        Where requests go now, with which model, and what was spent.

    Raises
    ------
    BadInput
        For a destination that is not known, or would get the key unencrypted; for a variable that holds no key.

    """
    session = current_session()
    session.use(destination, key_from)
    return replace(status(), notes=_model_of_before(session))


def _model_of_before(session: Session) -> tuple[str, ...]:
    """Say that a model set before is asked for here too, where it may not be known here."""
    model, connection = session.defaults.model, session.connection
    if not model:
        return ()
    try:
        if not connection.models.check_name(model) and connection.destination.lists_models:
            return ()
    except BadInput as problem:
        return (str(problem),)
    default = Spelled("nbfiles.configure(model=None)", "%nbfiles set model=none")
    return (f"The model set before, {model}, is asked for here, too. For the default one, type: {default}",)


def configure(**settings: Unpack[SettingKeywords]) -> Status:
    """Set what later questions get by default.

    Parameters
    ----------
    **settings
        `model`, `max_tokens` (tokens), `effort`, `budget` (US dollars, for the whole kernel). None takes one back.

    Returns
    -------
    Status
        Where requests go, with which model, and what was spent.

    Raises
    ------
    BadInput
        For a setting that does not exist or does not fit, such as a model that the destination does not list;
        then nothing is set.

    """
    session = current_session()
    defaults = session.defaults.changed(settings)
    notes = session.connection.models.check_name(defaults.model) if settings.get("model") and defaults.model else ()
    session.defaults = defaults
    return replace(status(), notes=notes)


def cost() -> TextTable:
    """Return what was spent so far, by model, conversation and file.

    Returns
    -------
    TextTable
        Tokens and US dollars.

    """
    session = current_session()
    return costs.totals(session.costs.report(), session.defaults.budget)


def models() -> TextTable:
    """Return the models of the destination in use: limits, prices and what each can do.

    Returns
    -------
    TextTable
        A row per model; limits in tokens, prices in US dollars per million tokens.

    Raises
    ------
    NbfilesError
        Where the destination does not answer.

    """
    session = current_session()
    connection = session.connection
    connection.models.choose()
    default = session.defaults.model or connection.models.default
    listed = connection.destination.billing != "unknown"
    return costs.models(connection.models.all(), default, at_list_prices=listed)


def skills() -> TextTable:
    """Return the skills that a question can use, Anthropic's and custom ones.

    Returns
    -------
    TextTable
        A row per skill.

    Raises
    ------
    NbfilesError
        Where the destination does not answer.

    """
    return costs.skills(current_session().connection.skills.all())


@validate_call
def eject(name: str | FileRecord | None = None) -> str:
    """Return plain Anthropic SDK code that does what the last question did.

    Parameters
    ----------
    name
        The file whose answer is meant, where the last cell asked about several separately.

    Returns
    -------
    str
        A Python program with nothing of nbfiles in it, and no key.

    Raises
    ------
    BadInput
        Where nothing was asked yet, or a file of the question is not on this machine.

    """
    session = current_session()
    answer = session.last.pick(file_name(name), "eject({})", "%nbfiles eject")
    if answer is None:
        ask = Spelled("nbfiles.ask()", "%%ask_file")
        raise BadInput("There is no question yet to write code for. Ask one with ", ask, ".")
    return export.code(answer, session.connection.files.registry)


def status() -> Status:
    """Return where requests go, with which model, and what was spent so far. Sends nothing.

    Returns
    -------
    Status
        Tokens are counted in and out; the cost is in US dollars.

    """
    session = current_session()
    spent, defaults = session.costs.total(), session.defaults
    return Status(
        destination=session.connection.destination.about,
        credentials=_credentials(session.connection.destination),
        model=(defaults.model or session.connection.models.default)
        + (f", effort {defaults.effort}" if defaults.effort else ""),
        files=len(session.connection.files.registry),
        tokens=(spent.usage.total_in, spent.usage.output_tokens),
        cost=None if spent.cost is None else spent.cost.total,
        budget=defaults.budget,
        versions=tuple(f"{name} {version(name)}" for name in ("nbfiles", "anthropic", "ipython")),
    )


def _credentials(destination: Destination) -> str:
    """Return where the credentials come from that are sent."""
    if not destination.needs_key:
        return "none needed"
    if destination.credentials != NONE_SENT:
        return destination.credentials
    if destination.billing == "list":
        return f"{NONE_SENT}. Set ANTHROPIC_API_KEY before starting Jupyter, or type: {USE_LOCAL}"
    python = f"nbfiles.use({destination.base_url!r}, key_from='ENVVAR')"
    return f"{NONE_SENT}. To send a key: {Spelled(python, f'%nbfiles use {destination.base_url} --key-from ENVVAR')}"
