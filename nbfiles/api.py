"""Doors for Python: functions over this kernel's session; the magics call nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython

from nbfiles import places
from nbfiles.asking import eject as ejecting
from nbfiles.asking import tables
from nbfiles.asking.answer import Answer, Citation, Doors
from nbfiles.display import answer, bill, cited, front
from nbfiles.display import files as files_view
from nbfiles.display import threads as threads_view
from nbfiles.display.listing import Listing
from nbfiles.display.live import Live
from nbfiles.display.safe import escape
from nbfiles.display.status import Status
from nbfiles.errors import BadInput
from nbfiles.filing.uploading import Options, seconds
from nbfiles.records import Files
from nbfiles.session import Session
from nbfiles.session import current_session as session_of_kernel


def current_session() -> Session:
    """Return this kernel's session, which may use the notebook's variables as files."""
    session = session_of_kernel()
    session.namespace = getattr(get_ipython(), "user_ns", {})
    return session


def upload(
    *sources: Any,
    name: str | None = None,
    expires: str | None = None,
    again: bool = False,
    recursive: bool = False,
    hidden: bool = False,
) -> Files:
    """Upload files and return their records; bytes that are there are not sent again.

    `sources` are paths, globs, folders (with `recursive`; their hidden files with `hidden`), https URLs,
    names of the notebook's variables, and objects: frames, arrays, figures, images, bytes, open files.
    `name` is what the one file is called; `expires` is how long it lives, from `1h` to `90d`; `again`
    sends bytes that are there already. Raises UnusableFile for what cannot be uploaded; the other files
    are uploaded all the same.
    """
    lives = seconds(expires) if expires else None
    options = Options(lives, again=again, name=name, recursive=recursive, hidden=hidden)
    with Live() as live:
        records = Files(current_session().upload(sources, options, live))
        front.mark_shown(records)
    _say_problem()
    return records


def upload_text(text: str, name: str, *, expires: str | None = None, again: bool = False) -> Files:
    """Upload `text` as a file called `name`; the options are those of `upload`."""
    options = Options(seconds(expires) if expires else None, again=again)
    with Live() as live:
        records = Files([current_session().upload_text(text, name, options, live)])
        front.mark_shown(records)
    return records


def _say_problem() -> None:
    """Say once what is wrong with the list of earlier uploads."""
    ledger = current_session().library.desk.ledger
    if ledger.problem:
        front.show({"text/plain": ledger.problem, "text/html": f"<p>{escape(ledger.problem)}</p>"})
        ledger.problem = None


def ask(
    question: str,
    *names: str,
    model: str | None = None,
    code: bool | None = None,
    cite: bool | None = None,
    schema: Any = None,
    max_tokens: int | None = None,
    effort: str | None = None,
    thread: str | None = None,
    fresh: bool = False,
    budget: float | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Answer:
    """Ask Claude about files and return the answer, shown in the cell as it arrives.

    `names` are names of uploaded files, globs over them, or paths, which are uploaded on first use.
    `code` lets Claude run code on the files (by default: when there is data among them), `cite` asks for
    citations (by default: when the API can give them). `schema` is a Pydantic class or a short form such as
    `'vendor, total float'`, for `.data` and `.df()`. `thread` goes on with a named conversation, which
    `fresh` begins anew. `budget` is in US dollars. `variables` (such as `globals()`) are for `{{name}}` in
    the question, which is sent as it is without them. Raises NbfilesError; its `answer` holds what had
    arrived.
    """
    options = {"model": model, "code": code, "cite": cite, "schema": schema, "max_tokens": max_tokens}
    options |= {"effort": effort, "thread": thread, "fresh": fresh, "budget": budget}
    return _ask(None, question, names, variables=variables, **options)


def _ask(after: Answer | None, question: str, names: Sequence[str], **options: Any) -> Answer:
    with Live() as live:
        return current_session().ask(question, names, **options, after=after, watcher=live, doors=_Doors())


class _Doors(Doors):
    """How answers of this kernel go on and are shown."""

    def go_on(self, after: Answer, question: str, names: tuple[str, ...], **options: Any) -> Answer:
        return _ask(after, question, names, **options)

    def show(self, value: Answer | Citation) -> None:
        if isinstance(value, Citation):
            cited.show(value, current_session().library.registry.find(value.file))
        else:
            answer.show(value, again=True)


def ask_each(question: str, *names: str, variables: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """Ask the same of every file, several at a time, and return a pandas DataFrame with a row per file.

    Options are those of `ask`, without `thread`. A row has the fields of the `schema` or the `answer`, page
    and quote where it cites, `error`, tokens and dollars. Rows that are done are kept: asked again after a
    Stop, only the others are sent (`fresh` sends all). Raises NbfilesError before the first question.
    """
    tables.pandas()
    with Live() as live:
        rows = current_session().ask_each(question, names, variables=variables, watcher=live, **options)
    return tables.frame([row.cells() for row in rows])


def plan(question: str, *names: str, each: bool = False, **options: Any) -> Listing:
    """Return what `ask` (or `ask_each`) would send and cost, as a table; sends and uploads nothing.

    Options are those of `ask`.
    """
    return bill.plan(current_session().plan(question, names, each=each, **options))


def cite(number: int) -> None:
    """Show what mark `number` of the last answer cites: the page with the quote marked, or the passage."""
    last = current_session().asker.last
    citations = last.citations if last else ()
    if not 1 <= number <= len(citations):
        has = f"has the citations 1 to {len(citations)}" if citations else "has no citations"
        raise BadInput(f"There is no citation {number}: the last answer {has}.")
    citations[number - 1].show()


def threads() -> Listing:
    """Return the named conversations, as a table."""
    return threads_view.listing(current_session().asker.threads)


def show_thread(name: str) -> None:
    """Show every question and answer of a thread."""
    threads_view.show(current_session().asker.threads.get(name))


def fork_thread(name: str, new: str) -> Listing:
    """Begin thread `new` with the turns that thread `name` has, and go on with each in its own way."""
    current_session().asker.threads.fork(name, new)
    return threads()


def undo_thread(name: str) -> Listing:
    """Take back the last question and answer of a thread."""
    current_session().asker.threads.undo(name)
    return threads()


def drop_thread(name: str) -> Listing:
    """Forget a thread; its files stay."""
    current_session().asker.threads.drop(name)
    return threads()


def files() -> Files:
    """Return this kernel's files, in the order they came."""
    return Files(current_session().library.registry)


def download(*names: str, to: str | os.PathLike[str] | None = None) -> Files:
    """Download files that Claude's code made into `to` (default `nbfiles_out`), never over another file."""
    folder = Path(to) if to is not None else None
    return Files(current_session().download(names, folder))


def show(value: Answer | Files) -> None:
    """Show a value in the cell, unless the cell shows it already."""
    if isinstance(value, Answer):
        answer.show(value)
    else:
        files_view.show(value)


def use(place: str) -> Status:
    """Send requests to `local` (the embedded server), `claude`, or a URL from now on."""
    current_session().use(place)
    return status()


def configure(**settings: str | float | None) -> Status:
    """Set what questions get by default: `model`, `max_tokens`, `effort`, `budget` (US dollars, per kernel).

    None takes a setting back. Raises BadInput for a name or a value that does not fit.
    """
    current_session().asker.configure(settings)
    return status()


def cost() -> Listing:
    """Return what was spent so far, by model, thread and file, as a table."""
    asker = current_session().asker
    return bill.totals(asker.bill, asker.defaults.budget)


def models() -> Listing:
    """Return the models of the place in use: limits, prices and what each can do, as a table."""
    return bill.lineup(current_session().asker.models.all())


def eject() -> str:
    """Return the plain Anthropic SDK code that does what the last question did."""
    session = current_session()
    if session.asker.last is None:
        raise BadInput("There is no question yet to write code for. Ask one with %%ask_file.")
    return ejecting.code(session.asker.last, session.records())


def status() -> Status:
    """Return where requests go, with which model, and what was spent so far. Sends nothing."""
    session = current_session()
    credentials = {places.LOCAL: "none needed", places.CLAUDE: "found by the Anthropic SDK"}
    spent, defaults = session.asker.bill.total(), session.asker.defaults
    return Status(
        place=places.describe(session.place),
        credentials=credentials.get(session.place, "found by the Anthropic SDK"),
        model=defaults.model + (f", effort {defaults.effort}" if defaults.effort else ""),
        files=len(session.library.registry),
        tokens=(spent.usage.total_in, spent.usage.output_tokens),
        cost=None if spent.cost is None else spent.cost.total,
        budget=defaults.budget,
        versions=tuple(f"{name} {version(name)}" for name in ("nbfiles", "anthropic", "ipython")),
    )


__all__: Sequence[str] = (
    "ask",
    "ask_each",
    "cite",
    "configure",
    "cost",
    "current_session",
    "download",
    "eject",
    "files",
    "models",
    "plan",
    "status",
    "threads",
    "upload",
    "upload_text",
    "use",
)
