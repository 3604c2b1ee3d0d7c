"""The only place where the parts meet: one Session per kernel, from names and questions to answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbfiles import places
from nbfiles.asking import content, prices
from nbfiles.asking.answer import Answer, Usage, output_file_ids
from nbfiles.asking.turn import snapshots
from nbfiles.client import Client
from nbfiles.errors import BadInput, FileGone, NbfilesError, Stopped
from nbfiles.filing import artifacts
from nbfiles.filing.healing import mentioned, replaced
from nbfiles.filing.ledger import Ledger
from nbfiles.filing.library import Library
from nbfiles.filing.transfer import Progress
from nbfiles.filing.uploading import Options
from nbfiles.records import Endpoint, FileRecord, Files
from nbfiles.settings import DEFAULT_MAX_TOKENS, DEFAULT_MODEL, Settings, read

if TYPE_CHECKING:
    from nbfiles.server.embedded import Embedded


GoOn = Callable[..., Answer]


class Watcher:
    """What a view is told while the session works; this one looks away."""

    def uploads(self, rows: Sequence[Progress]) -> None:
        """Show how far uploads are."""

    def answer(self, answer: Answer) -> None:
        """Show the answer so far."""

    def waiting(self, seconds: float, why: str) -> None:
        """Show that a busy server is asked again in `seconds`."""


class Session:
    """One kernel's files and questions.

    1. `use` names the place; its client is made at the first request.
    2. `library` turns words into that place's files, uploading what is new.
    3. `ask` sends them with a question and folds the events into an Answer, told to the watcher.
    4. Files that code made are downloaded into `nbfiles_out/` and join the library.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or read()
        self.place = self.settings.use
        self.model = DEFAULT_MODEL
        self.usage = Usage()
        self.cost: float | None = 0.0
        self.namespace: Mapping[str, object] = {}  # the notebook's variables
        self._watcher = Watcher()
        self._endpoints: dict[str, Endpoint] = {}
        self._clients: dict[str, Client] = {}
        self._libraries: dict[str, Library] = {}
        self._server: Embedded | None = None

    def use(self, place: str) -> None:
        """Send requests to `local`, `claude` or a URL from now on; each place has its own files."""
        if place != places.LOCAL:
            places.endpoint(place, self.settings)
        self.place = place

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go; the embedded server is started where it is the place."""
        if self.place not in self._endpoints:
            local = self.place == places.LOCAL
            self._endpoints[self.place] = (
                self._local() if local else places.endpoint(self.place, self.settings)
            )
        return self._endpoints[self.place]

    @property
    def client(self) -> Client:
        """The client of the place in use."""
        if self.place not in self._clients:
            client = Client(self.endpoint, lambda left, why: self._watcher.waiting(left, why))
            self._clients[self.place] = client
        return self._clients[self.place]

    @property
    def library(self) -> Library:
        """The files of the place in use."""
        if self.place not in self._libraries:
            ledger = Ledger(self.settings.data_dir, places.scope(self.place, self.settings))
            self._libraries[self.place] = Library(lambda: self.client, ledger, lambda: self.namespace)
        return self._libraries[self.place]

    def upload(
        self, words: Sequence[Any], options: Options | None = None, watcher: Watcher | None = None
    ) -> list[FileRecord]:
        """Upload what the words name; raises what the library raises, after what was finished is kept."""
        self._watcher = watcher or Watcher()
        return self.library.upload(words, self._watcher.uploads, options)

    def upload_text(
        self, text: str, name: str, options: Options | None = None, watcher: Watcher | None = None
    ) -> FileRecord:
        """Upload text as a file called `name`."""
        self._watcher = watcher or Watcher()
        return self.library.upload_text(text, name, self._watcher.uploads, options)

    def ask(
        self,
        question: str,
        words: Sequence[str] = (),
        *,
        model: str | None = None,
        code: bool | None = None,
        max_tokens: int | None = None,
        watcher: Watcher | None = None,
        after: Answer | None = None,
        go_on: GoOn | None = None,
    ) -> Answer:
        """Ask about files; `after` goes on with an earlier answer's conversation.

        `code` is decided by the files unless given; `go_on` is what the answer's own `ask` calls.
        Raises NbfilesError; when an answer had begun, its `answer` holds what arrived.
        """
        self._watcher = watcher or Watcher()
        if not question.strip():
            raise BadInput("The question is empty. Write it below the %%ask_file line, or behind the names.")
        if max_tokens is not None and max_tokens < 1:
            raise BadInput(f"--max-tokens takes a whole number from 1, not {max_tokens}.")
        records = self.library.resolve(words, self._watcher.uploads)
        with_code = code if code is not None else _wants_code(records, after)
        request = content.request(
            question,
            content.blocks(records, code=with_code, asked_for=bool(code)),
            model=model or (after.request["model"] if after else self.model),
            max_tokens=max_tokens or DEFAULT_MAX_TOKENS,
            code=with_code,
            after=after,
        )
        every = [*self.library.registry, *records]
        return self._run(
            Answer(
                question=question,
                sources=tuple(record.name for record in records) or (after.sources if after else ()),
                documents=content.names_of_documents(every, request["messages"]),
                model=request["model"],
                by=places.LOCAL_NAME if self.place == places.LOCAL else request["model"],
                sent_to=self.endpoint.label,
                request=request,
                go_on=go_on or self._go_on,
            )
        )

    def download(self, words: Sequence[str], to: Path | None = None) -> list[FileRecord]:
        """Download files that code made, by name, into `to` (default `nbfiles_out`)."""
        registry = self.library.registry
        records = [record for word in words for record in registry.match(word) or [registry.get(word)]]
        for record in records:
            if not record.made_by_code:
                raise BadInput(
                    f"“{record.name}” is a file of yours: the API gives back only what Claude's code made."
                )
        return [self.library.fetch(record.file_id, to or Path(artifacts.OUT_FOLDER)) for record in records]

    def close(self) -> None:
        """Close the connections and stop the embedded server; the files stay in the workspace."""
        for client in self._clients.values():
            client.close()
        if self._server:
            self._server.stop()
        self._clients, self._endpoints, self._server = {}, {}, None

    def _local(self) -> Endpoint:
        from nbfiles.server.embedded import start

        server = self._server = start(self.settings.data_dir / "server")
        return Endpoint(places.LOCAL_NOTE, "free", server.base_url, server.key, server.socket_path)

    def _go_on(self, after: Answer, question: str, words: Sequence[str], **options: Any) -> Answer:
        return self.ask(question, words, after=after, **options)

    def _run(self, answer: Answer) -> Answer:
        started, problem = time.monotonic(), None
        error: NbfilesError | None = None
        try:
            for answer in self._steps(answer):  # noqa: B020 - the last snapshot is the answer
                self._watcher.answer(answer)
        except KeyboardInterrupt:
            error = Stopped("Stopped. What had arrived is kept above.")
            problem = "Stopped before the end."
        except NbfilesError as caught:
            error = caught
            problem = str(error)
        answer = self._billed(answer, time.monotonic() - started)
        if error is None:
            self._watcher.answer(answer)
            return answer
        error.answer = replace(answer, problem=problem)
        self._watcher.answer(error.answer)
        raise error from None

    def _steps(self, answer: Answer) -> Iterator[Answer]:
        try:
            for answer in snapshots(answer, self.client.stream):  # noqa: B020
                yield answer
        except FileGone:
            if answer.blocks:
                raise
            answer = self._healed(answer)
            for answer in snapshots(answer, self.client.stream):  # noqa: B020
                yield answer
        for file_id in output_file_ids(answer.blocks):
            try:
                record = self.library.fetch(file_id, Path(artifacts.OUT_FOLDER))
            except NbfilesError as error:
                answer = replace(answer, problem=f"A file that the code made did not arrive: {error}")
            else:
                answer = replace(answer, files=Files((*answer.files, record)))
            yield answer

    def _billed(self, answer: Answer, seconds: float) -> Answer:
        billing = self.endpoint.billing
        cost = prices.cost(answer.model, answer.usage) if billing == "list" else None
        cost = 0.0 if billing == "free" else cost
        self.usage += answer.usage
        self.cost = None if cost is None or self.cost is None else self.cost + cost
        return replace(answer, cost=cost, seconds=seconds)

    def _healed(self, answer: Answer) -> Answer:
        """Return the question with what is gone uploaded again; raises FileGone where nothing can be done."""
        fresh = self.library.revive(mentioned(answer.request), self._watcher.uploads)
        if not fresh:
            raise FileGone("A file of this question is gone from the workspace. Upload it again: %upload")
        return replace(answer, request=replaced(answer.request, fresh))


def _wants_code(records: Sequence[FileRecord], after: Answer | None) -> bool:
    return content.needs_code(records) or bool(after and "tools" in after.request)


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
