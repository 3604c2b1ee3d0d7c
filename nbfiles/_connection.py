"""Everything of one destination: how it is reached, its files, models, skills, conversations and answers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from nbfiles import destinations
from nbfiles._client import Client
from nbfiles._files import filenames
from nbfiles._files.file_tokens import ESTIMATED, LOCAL
from nbfiles._files.store import FileStore
from nbfiles._files.upload_cache import UploadCache
from nbfiles._files.workspace import RemoteWorkspace
from nbfiles._messages.conversations import Conversations
from nbfiles._messages.costs import Billing
from nbfiles._messages.models import Models
from nbfiles._messages.observer import NOBODY, Observer
from nbfiles._messages.per_file import FinishedRows
from nbfiles._messages.skills import Skills
from nbfiles.destinations import Destination
from nbfiles.errors import BadInput, Spelled

if TYPE_CHECKING:
    from nbfiles.server.embedded import Embedded

ELSEWHERE = "Set NBFILES_DATA_DIR to a folder of yours before starting Jupyter. To see more, type: "
DOCTOR = Spelled("nbfiles.doctor()", "%nbfiles doctor")


class Connection:
    """One destination, and all that is kept for it.

    1. `Session` makes it when the destination is first used; nothing is started or sent.
    2. The first request makes the client, and starts what runs in this kernel for the destination.
    3. Each call captures it, and works with `observed_by(observer)`: the same connection, whose waits are
       reported to the observer of that call.
    4. `close` ends client and server; files keep their names, and the next request connects again.
    """

    def __init__(
        self,
        destination: Destination,
        data_dir: Path,
        variables: Callable[[], Mapping[str, object]] = dict,
        client: Client | None = None,
    ) -> None:
        self.destination = destination
        self.models = Models(lambda: self.client.models())
        self.billing = Billing(destination.billing)
        self.conversations = Conversations()
        self.asked_about: set[str] = set()  # file_ids of which the prompt cache may hold the contents
        self.finished = FinishedRows(filenames.key)  # of `--each`, until they are asked afresh or their file goes
        self._observer = NOBODY
        self._link = _Link(destination, data_dir / "server", client)
        cache = UploadCache(data_dir, destination.scope)
        counting = LOCAL if destination.runs_own_code else ESTIMATED
        self.files = FileStore(lambda: self.client, cache, variables, counting)

    @property
    def client(self) -> Client:
        """The client, made at the first request; its waits are reported to the observer."""
        return self._link.client_for(self._observer)

    @property
    def workspace(self) -> RemoteWorkspace:
        """All files of the workspace, whoever put them there."""
        return RemoteWorkspace(self.files.index)

    @property
    def skills(self) -> Skills:
        """The skills of the workspace."""
        return Skills(lambda: self.client.skills())

    def observed_by(self, observer: Observer) -> Connection:
        """Return this connection for one call, whose waits are reported to its observer."""
        view = copy(self)
        view._observer = observer
        view.files = self.files.reached_by(partial(self._link.client_for, observer))  # holds no view, which holds it
        return view

    def close(self) -> None:
        """Close the client and stop the server; the files stay in the workspace."""
        self._link.close()
        self.files.index.cache.close()


class _Link:
    """The client of a destination and the server that runs for it, both made once, at the first request."""

    def __init__(self, destination: Destination, folder: Path, client: Client | None) -> None:
        self._destination = destination
        self._folder = folder
        self._client = client
        self._server: Embedded | None = None
        self._lock = threading.Lock()

    def client(self) -> Client:
        with self._lock:
            if self._client is None:
                kind = destinations.kind_of(self._destination.name)
                starts = kind.server and self._destination.base_url is None
                destination = self._started(kind.server) if starts else self._destination
                client: Client = resolve_name(kind.client)(destination)
                self._client = client
            return self._client

    def client_for(self, observer: Observer) -> Client:
        """Return the client, whose waits are reported to an observer."""
        client = self.client()
        return client if observer is NOBODY else client.reporting_to(observer.waiting)

    def _started(self, server: str) -> Destination:
        """Start what runs in this kernel, and return where it listens."""
        try:
            embedded: Embedded = resolve_name(server)(self._folder)
        except (OSError, sqlite3.Error) as problem:
            why = getattr(problem, "strerror", None) or str(problem).partition(";")[0]
            why = why.replace(str(self._folder.parent), "the data folder")
            raise BadInput(f"The local server cannot keep files here: {why}. {ELSEWHERE}", DOCTOR) from None
        self._server = embedded
        return replace(self._destination, base_url=embedded.base_url, api_key=embedded.key, socket=embedded.socket_path)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
            if self._server is not None:
                self._server.stop()
            self._client = self._server = None
