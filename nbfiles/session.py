"""The only place where the parts meet: one Session per kernel, from names and questions to answers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from nbfiles import destinations
from nbfiles._client import Client
from nbfiles._files import downloads_folder
from nbfiles._files.download import MOST_AT_ONCE, Download
from nbfiles._files.references import mentioned, replaced
from nbfiles._files.sources import paths
from nbfiles._files.store import FileStore
from nbfiles._files.transfer import Progress
from nbfiles._files.upload import UploadOptions
from nbfiles._files.upload_cache import UploadCache
from nbfiles._files.workspace import RemoteWorkspace
from nbfiles._messages.answer import Answer, AnswerActions
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.options import AskOptions
from nbfiles._messages.per_file import FileResult
from nbfiles._messages.request import AskRequest
from nbfiles._messages.service import AskService
from nbfiles._messages.token_estimate import RequestPlan
from nbfiles.config import Settings, read
from nbfiles.destinations import Destination
from nbfiles.errors import BadInput, FileGone, NbfilesError, UnknownName
from nbfiles.records import JSON, FileRecord

if TYPE_CHECKING:
    from nbfiles.server.embedded import Embedded

ELSEWHERE = "Set NBFILES_DATA_DIR to a folder of yours before starting Jupyter; %nbfiles doctor tells more."


class Observer:
    """What a view is told while the session works; this one looks away."""

    def uploads(self, rows: Sequence[Progress]) -> None:
        """Show how far uploads are."""

    def answer(self, answer: AnswerBuilder) -> None:
        """Show the answer so far, which is `answer.snapshot()`."""

    def each(self, rows: Sequence[FileResult], note: str) -> None:
        """Show how far the files are that are each asked about."""

    def waiting(self, seconds: float, why: str) -> None:
        """Show that a busy server is asked again in `seconds`."""


# Who watches this call, in its thread and in those that it starts.
_NOBODY = Observer()
_watching: ContextVar[Observer] = ContextVar("watching", default=_NOBODY)


@contextmanager
def _watched(watcher: Observer | None) -> Iterator[Observer]:
    """Tell a watcher of waits until the call is over; only a thread that it leaves behind keeps it."""
    token = _watching.set(watcher or Observer())
    try:
        yield _watching.get()
    finally:
        _watching.reset(token)


class Session:
    """One kernel's files and questions.

    1. `use` names the place; its client is made at the first request.
    2. `library` turns words into that place's files, uploading what is new.
    3. `asker` sends them with a question and folds the events into an Answer, told to the watcher.
    4. Files that code made are downloaded into `nbfiles_out/` and join the library.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or read()
        self.place = self.settings.use
        self.asker = AskService(self)
        self.namespace: Mapping[str, object] = {}  # the notebook's variables
        self._lock = threading.RLock()  # what is made at its first use is made once
        self._endpoints: dict[str, Destination] = {}
        self._clients: dict[str, Client] = {}
        self._libraries: dict[str, FileStore] = {}
        self._server: Embedded | None = None

    def use(self, place: str) -> None:
        """Send requests to `local`, `claude` or a URL from now on; each place has its own files."""
        destinations.find(place, self.settings)
        self.place = place

    @property
    def destination(self) -> Destination:
        """Where requests go, as far as it is known before anything is started or asked."""
        return destinations.find(self.place, self.settings)

    @property
    def endpoint(self) -> Destination:
        """Where requests go; the embedded server is started where it is the place."""
        return self._endpoint(self.place)

    @property
    def client(self) -> Client:
        """The client of the place in use."""
        return self._client(self.place)

    @property
    def library(self) -> FileStore:
        """The files of the place in use; an upload goes on to it though the place is changed meanwhile."""
        place = self.place
        with self._lock:
            if place not in self._libraries:
                ledger = UploadCache(self.settings.data_dir, destinations.find(place, self.settings).scope)
                library = FileStore(lambda: self._client(place), ledger, lambda: self.namespace)
                self._libraries[place] = library
            return self._libraries[place]

    @property
    def cabinet(self) -> RemoteWorkspace:
        """The whole workspace of the place in use."""
        return RemoteWorkspace(self.library.index)

    def upload(
        self, words: Sequence[Any], options: UploadOptions | None = None, watcher: Observer | None = None
    ) -> list[FileRecord]:
        """Upload what the words name; raises what the library raises, after what was finished is kept."""
        with _watched(watcher) as told:
            return self.library.upload(words, told.uploads, options)

    def upload_text(
        self, text: str, name: str, options: UploadOptions | None = None, watcher: Observer | None = None
    ) -> FileRecord:
        """Upload text as a file called `name`."""
        with _watched(watcher) as told:
            return self.library.upload_text(text, name, told.uploads, options)

    def ask(
        self,
        question: str,
        words: Sequence[str] = (),
        *,
        variables: Mapping[str, Any] | None = None,
        watcher: Observer | None = None,
        after: Answer | None = None,
        actions: AnswerActions | None = None,
        keep: Callable[[Answer], None] = lambda _answer: None,
        **options: Any,
    ) -> Answer:
        """Ask about files; `after` goes on with an earlier answer's conversation.

        `variables` are for `{{name}}` in the question, `options` those of `asking.options.Options`; `actions`
        are what the answer's own `ask` and `show` call; `keep` gets what arrived before the last of it is
        shown. Raises NbfilesError; when an answer had begun, its `answer` holds what arrived.
        """
        query = AskRequest(question, words, AskOptions(**options), variables, after)
        with _watched(watcher) as told:
            return self.asker.ask(query, told.answer, actions, keep)

    def ask_each(
        self,
        question: str,
        words: Sequence[str],
        *,
        variables: Mapping[str, Any] | None = None,
        watcher: Observer | None = None,
        **options: Any,
    ) -> list[FileResult]:
        """Ask the same of every file; returns a row each, failed ones too. Rows that are done are kept."""
        query = AskRequest(question, words, AskOptions(**options), variables)
        with _watched(watcher) as told:
            return self.asker.ask_each(query, told.each)

    def plan(
        self,
        question: str,
        words: Sequence[str] = (),
        *,
        each: bool = False,
        variables: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> RequestPlan:
        """Return what `ask`, or `ask_each`, would send and cost; sends and uploads nothing."""
        query = AskRequest(question, words, AskOptions(**options), variables)
        return self.asker.plan_each(query) if each else self.asker.plan(query)

    def download(self, words: Sequence[str], to: Path | None = None) -> list[FileRecord]:
        """Download files that code made, by name, into `to` (default `nbfiles_out`)."""
        records = [record for word in words for record in self.library.made_by_code(word)]
        arrived: dict[str, FileRecord] = {}
        folder, wanted = to or Path(downloads_folder.OUT_FOLDER), {r.file_id: r.origin for r in records}
        fetching = Download(self.library.index, folder, lambda r: arrived.update({r.file_id: r}))
        for error in fetching.run(wanted):
            raise error
        return [arrived[file_id] for file_id in wanted]

    def close(self) -> None:
        """Close the connections and stop the embedded server; the files stay in the workspace."""
        for client in self._clients.values():
            client.close()
        for library in self._libraries.values():
            library.index.cache.close()
        if self._server:
            self._server.stop()
        self._clients, self._endpoints, self._server = {}, {}, None

    def _endpoint(self, place: str) -> Destination:
        with self._lock:
            if place not in self._endpoints:
                destination, server = destinations.find(place, self.settings), destinations.kind_of(place).server
                self._endpoints[place] = self._started(destination, server) if server else destination
            return self._endpoints[place]

    def _client(self, place: str) -> Client:
        with self._lock:
            if place not in self._clients:
                client: Client = resolve_name(destinations.kind_of(place).client)(
                    self._endpoint(place), lambda left, why: _watching.get().waiting(left, why)
                )
                self._clients[place] = client
            return self._clients[place]

    def _started(self, destination: Destination, server: str) -> Destination:
        """Start what runs in this kernel for a destination, and return where it listens."""
        try:
            embedded: Embedded = resolve_name(server)(self.settings.data_dir / "server")
        except (OSError, sqlite3.Error) as problem:
            why = getattr(problem, "strerror", None) or str(problem).partition(";")[0]
            why = why.replace(str(self.settings.data_dir), "the data folder")
            raise BadInput(f"The local server cannot keep files here: {why}. {ELSEWHERE}") from None
        self._server = embedded
        return replace(destination, base_url=embedded.base_url, api_key=embedded.key, socket=embedded.socket_path)

    def stream(self, request: JSON, on_repeat: Callable[[str], None]) -> Iterator[JSON]:
        """Send a Messages request and yield its events; `on_repeat` is told before one is repeated."""
        return self.client.stream(request, on_repeat=on_repeat)

    def model_list(self) -> Sequence[JSON]:
        """List the models of the place in use."""
        return self.client.models()

    def skill_list(self) -> Sequence[JSON]:
        """List the skills of the place in use."""
        return self.client.skills()

    def records(self) -> list[FileRecord]:
        """Return every file of the place in use."""
        return list(self.library.registry)

    def resolve(self, words: Sequence[str], *, as_text: bool = False) -> list[FileRecord]:
        """Turn words into files, uploading what is new; tables `as_text` for who asks without code."""
        return self.library.resolve(words, _watching.get().uploads, as_text=as_text)

    def peek(self, words: Sequence[str], *, as_text: bool = False) -> list[FileRecord]:
        """Turn words into files without uploading; what is new has a file_id that begins with `new `."""
        records: list[FileRecord] = []
        for word in words:
            named = self.library.registry.find(word)
            found = [named] if named else self.library.registry.match(word)
            if not found and not self.library.is_source(word):
                raise UnknownName(self.library.registry.unknown(word, paths.neighbours(word)))
            records += found or paths.unsent(word)
        return [self.library.text_to_be(record) for record in records] if as_text else records

    def sent_text(self, record: FileRecord) -> Path:
        """Return the text that was sent of a converted file; raises UnusableFile."""
        return self.library.sent_text(record)

    def fetch(self, answer: AnswerBuilder, tell: Callable[[FileRecord], None]) -> list[NbfilesError]:
        """Download what an answer's code made, told one by one in any thread; returns what went wrong."""
        asked = answer.asked
        folder = downloads_folder.folder_of(asked.question, asked.sources[0] if asked.sources else "")
        return Download(self.library.index, folder, tell, MOST_AT_ONCE).run(answer.expect_files())

    def heal(self, request: JSON) -> JSON:
        """Return a request with what is gone uploaded again; raises FileGone where nothing can be done."""
        fresh = self.library.revive(mentioned(request), _watching.get().uploads)
        if not fresh:
            raise FileGone("A file of this question is gone from the workspace. Upload it again: %upload")
        return replaced(request, fresh)


_current: Session | None = None


def current_session() -> Session:
    """Return this kernel's session, made on first use."""
    global _current
    if _current is None:
        _current = Session()
    return _current


def disconnect() -> None:
    """Close this kernel's connections and its server; names stay, and the next request connects again."""
    if _current is not None:
        _current.close()
