"""One kernel: which destination is in use, the notebook's variables, what was spent, and the last answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nbfiles import destinations
from nbfiles._connection import Connection
from nbfiles._files.upload_call import UploadOptions
from nbfiles._messages.answer import Answer, AnswerActions
from nbfiles._messages.costs import Costs
from nbfiles._messages.observer import NOBODY, Observer
from nbfiles._messages.options import AskDefaults
from nbfiles._messages.per_file import FileResult
from nbfiles._messages.request import AskRequest
from nbfiles._messages.service import AskService
from nbfiles._messages.token_estimate import RequestPlan
from nbfiles.close_matches import close_matches
from nbfiles.config import Settings, credentials, read
from nbfiles.destinations import Destination
from nbfiles.errors import BadInput, Spelled, Stopped
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord, typed


@redacted_repr
@dataclass(frozen=True)
class LastAnswers:
    """The answers of the last cell: one, or one for each file that was asked about on its own."""

    by_file: Mapping[str, Answer] = field(default_factory=dict)
    plain: Answer | None = None

    def pick(self, name: str | None, python: str, magic: str) -> Answer | None:
        """Return the only answer, or that about a file; None where nothing was asked yet.

        Raises BadInput where it is not clear which one is meant; `python` and `magic` are what to type then,
        with `{}` for the name of the file, and without it.
        """
        if name is None:
            if len(self.by_file) < 2:
                return next(iter(self.by_file.values()), self.plain)
            file = next(iter(self.by_file))
            example = Spelled(f"nbfiles.{python.format(repr(file))}", f"{magic} {typed(file)}")
            message = f"The last cell asked about {len(self.by_file)} files separately. Type, for example: "
            raise BadInput(message, example)
        if name in self.by_file:
            return self.by_file[name]
        if self.plain is not None and name in self.plain.sources:
            return self.plain
        names = list(self.by_file) or list(self.plain.sources if self.plain else ())
        close = close_matches(name, names)
        hint = f" Did you mean “{close[0]}”?" if close else f" It asked about {', '.join(names)}." if names else ""
        raise BadInput(f"The last cell did not ask about “{name}”.{hint}")


class Session:
    """One kernel's files and questions.

    1. `use` names a destination; its Connection is made at its first use, and kept.
    2. Each call captures the connection in use and reports to its observer, so that another destination may
       be chosen in the middle of it.
    3. `ask` and `ask_each` send what AskService makes of a request; `last` holds what came.
    4. `close` ends all connections; files, conversations and costs stay.
    """

    def __init__(self, settings: Settings | None = None, variables: Callable[[], Mapping[str, object]] = dict) -> None:
        self.settings = settings or read()
        self._given = settings is not None
        self.variables = variables  # of the notebook
        self.costs = Costs()
        self.defaults = AskDefaults()
        self.last = LastAnswers()
        self._destination: Destination | None = None  # that of the settings, until another one is chosen
        self._connections: dict[tuple[str, str], Connection] = {}  # by name and workspace
        self._lock = threading.Lock()

    def use(self, destination: str, key_from: str | None = None) -> None:
        """Send requests to another destination from now on; each has its own files.

        Parameters
        ----------
        destination
            `local`, `claude`, or the URL of a server that speaks the API.
        key_from
            The environment variable whose key is sent there.

        Raises
        ------
        BadInput
            Where there is no such destination, or where the key may not go there.

        """
        if not self._given:
            self.settings = replace(self.settings, credentials=credentials())  # they may have been set meanwhile
        self._destination = destinations.find(destination, self.settings, key_from)

    @property
    def connection(self) -> Connection:
        """The connection in use."""
        with self._lock:
            if self._destination is None:
                self._destination = destinations.find(self.settings.use, self.settings)
            destination = self._destination
            key = destination.name, destination.scope
            if key not in self._connections:
                self._connections[key] = Connection(destination, self.settings.data_dir, lambda: self.variables())
            return self._connections[key]

    @connection.setter
    def connection(self, connection: Connection) -> None:
        with self._lock:
            self._destination = connection.destination
            self._connections[self._destination.name, self._destination.scope] = connection

    def ask(self, request: AskRequest, observer: Observer = NOBODY, actions: AnswerActions | None = None) -> Answer:
        """Ask about files and return the answer.

        Parameters
        ----------
        request
            The question, names of files, and options.
        observer
            Who watches: the states of files, the answer as it grows.
        actions
            What the answer's own `ask` and `show` call.

        Returns
        -------
        Answer
            The whole answer.

        Raises
        ------
        NbfilesError
            When an answer had begun, its `answer` holds what arrived.

        """
        answer = self._service(observer).run(request, observer, actions)
        self.last = LastAnswers(plain=answer)
        if answer.error:
            raise answer.error from None
        return answer

    def ask_each(
        self, request: AskRequest, observer: Observer = NOBODY, actions: AnswerActions | None = None
    ) -> list[FileResult]:
        """Ask the same of every file; rows that are done are kept.

        Parameters
        ----------
        request
            The question, names of files, and options.
        observer
            Who watches: the states of files, the answer as it grows.
        actions
            What the answers' own `ask` and `show` call.

        Returns
        -------
        list of FileResult
            A row for each file, failed ones too.

        Raises
        ------
        NbfilesError
            Before the first question.
        Stopped
            When the user stops; its `answer` are the finished rows.

        """
        try:
            rows = self._service(observer).run_each(request, observer, actions)
        except Stopped as stopped:
            self._remember_rows(stopped.answer or ())
            raise
        self._remember_rows(rows)
        return rows

    def plan(self, request: AskRequest, *, each: bool = False) -> RequestPlan:
        """Return what `ask`, or `ask_each`, would send and cost; sends and uploads nothing.

        Parameters
        ----------
        request
            The question, names of files, and options.
        each
            Whether every file is asked about separately, as in `ask_each`.

        Returns
        -------
        RequestPlan
            Files, blocks, tokens and US dollars.

        """
        service = self._service(NOBODY)
        return service.plan_each(request) if each else service.plan(request)

    def upload(
        self, sources: Sequence[Any], options: UploadOptions | None = None, observer: Observer = NOBODY
    ) -> list[FileRecord]:
        """Upload files and what can be one.

        Parameters
        ----------
        sources
            Paths, globs, URLs, names of variables, or objects of the notebook.
        options
            The name, the expiry, and how folders are read.
        observer
            Who watches: the states of files, the answer as it grows.

        Returns
        -------
        list of FileRecord
            A record for each file, in order.

        Raises
        ------
        NbfilesError
            Where a file cannot be uploaded; those that were finished are kept.

        """
        return self.connection.observed_by(observer).files.upload(sources, observer.uploads, options)

    def upload_text(
        self, text: str, name: str, options: UploadOptions | None = None, observer: Observer = NOBODY
    ) -> FileRecord:
        """Upload text as a file.

        Parameters
        ----------
        text
            What is in the file.
        name
            What the file is called.
        options
            The expiry, and whether it is uploaded again.
        observer
            Who watches: the states of files, the answer as it grows.

        Returns
        -------
        FileRecord
            The record of the file.

        """
        return self.connection.observed_by(observer).files.upload_text(text, name, observer.uploads, options)

    def download(self, names: Sequence[str], to: Path | None = None, observer: Observer = NOBODY) -> list[FileRecord]:
        """Download files that code made.

        Parameters
        ----------
        names
            Names of generated files, or globs over them.
        to
            The folder to save them in; `nbfiles_out` by default.
        observer
            Who watches: the states of files, the answer as it grows.

        Returns
        -------
        list of FileRecord
            A record for each file, with its `path`.

        """
        return self.connection.observed_by(observer).files.download(names, to)

    def close(self) -> None:
        """Close the connections and stop the embedded server; the files stay in the workspace."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            connection.close()

    def _service(self, observer: Observer) -> AskService:
        return AskService(self.connection.observed_by(observer), self.costs, self.defaults)

    def _remember_rows(self, rows: Sequence[FileResult]) -> None:
        answers = {row.name: row.cited or row.answer for row in rows}
        self.last = LastAnswers({name: answer for name, answer in answers.items() if answer})
