"""Questions of one kernel: prepared, priced, asked, kept in their thread, and put on the bill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from nbfiles import places
from nbfiles.asking import content, estimate, evidence, prompt, schema, turn
from nbfiles.asking.answer import JSON, Answer, Doors
from nbfiles.asking.bill import Bill, afford
from nbfiles.asking.each import Each, Row, Watch, check, twice
from nbfiles.asking.models import Models, needs
from nbfiles.asking.options import Defaults, Options
from nbfiles.asking.query import Query
from nbfiles.asking.threads import Threads
from nbfiles.errors import BadInput
from nbfiles.records import Endpoint, FileRecord

NO_CITATIONS = "No citations: the API cannot give them together with a schema."


class House(Protocol):
    """What a question needs of its session, which knows the place that requests go to."""

    @property
    def place(self) -> str:
        """The name of the place in use."""

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""

    def stream(self, request: JSON) -> Iterator[JSON]:
        """Send a Messages request and yield its events."""

    def model_list(self) -> Sequence[JSON]:
        """List the models."""

    def resolve(self, words: Sequence[str]) -> list[FileRecord]:
        """Turn words into files, uploading what is new."""

    def peek(self, words: Sequence[str]) -> list[FileRecord]:
        """Do the same without uploading; what is new has a file_id that begins with `new `."""

    def records(self) -> list[FileRecord]:
        """Every file of the place in use."""

    def fetch(self, file_id: str) -> FileRecord:
        """Download a file that code made."""

    def heal(self, request: JSON) -> JSON:
        """Return a request with what is gone uploaded again; raises FileGone."""


@dataclass(frozen=True)
class Draft:
    """A question ready to be sent; `files` are those that came with it."""

    answer: Answer
    files: Sequence[FileRecord]

    @property
    def request(self) -> JSON:
        """What is sent."""
        return self.answer.request


class Asker:
    """Asks questions; one a kernel, with the threads and the models of each place.

    1. `_draft` turns names and variables into files and blocks, and the options into a request.
    2. The model and the budget are checked; what cannot be done or paid is refused before it is sent.
    3. `turn.run` sends it and folds the events; the quotes are looked up in the local files.
    4. Whatever arrived is on the bill and in the thread, also when an error ends it.
    """

    def __init__(self, house: House) -> None:
        self.defaults = Defaults()
        self.bill = Bill()
        self.last: Answer | None = None
        self._house = house
        self._threads: dict[str, Threads] = {}
        self._models: dict[str, Models] = {}
        self._asked: set[str] = set()
        self._each = Each(self)

    @property
    def threads(self) -> Threads:
        """The conversations of the place in use."""
        return self._threads.setdefault(self._house.place, Threads())

    @property
    def models(self) -> Models:
        """The models of the place in use."""
        return self._models.setdefault(self._house.place, Models(self._house.model_list))

    def ask(self, query: Query, show: Callable[[Answer], None], doors: Doors | None = None) -> Answer:
        """Ask, and return the answer; raises NbfilesError, whose `answer` holds what arrived."""
        self._afford([query])
        answer = self.run(replace(self.prepare(query), doors=doors), show)
        self.last = answer
        if query.options.thread:
            thread = self.threads.begin(query.options.thread, fresh=query.options.fresh)
            self.threads.keep(thread, answer)
        show(answer)
        if answer.error:
            raise answer.error from None
        return answer

    def ask_each(self, query: Query, watch: Watch) -> list[Row]:
        """Ask the same of every file; raises NbfilesError before the first question, or Stopped."""
        records = self._house.peek(query.words)
        check(query, records)
        each = [replace(query, words=[record.name]) for record in records]
        self._afford(each * 2 if twice(query) else each)
        found = self._house.resolve(query.words)
        return self._each.run(query, [(r.name, f"{self._house.place} {r.key}") for r in found], watch)

    def prepare(self, query: Query) -> Answer:
        """Return a question ready to be sent; raises BadInput for what the model cannot do."""
        draft = self._draft(query, self._house.resolve)
        self._check(draft)
        return draft.answer

    def run(self, answer: Answer, show: Callable[[Answer], None]) -> Answer:
        """Send what is drafted and return what arrived, checked and paid; raises nothing of ours."""
        answer = turn.run(answer, self._house, show)
        self._asked.update(content.file_ids(answer.request["messages"]))
        answer = replace(answer, cost=self.bill.add(answer, self._house.endpoint.billing))
        known = {record.name: record for record in self._house.records()}
        answer = replace(answer, evidence=evidence.look_up(answer, known.get))
        if answer.shape and not answer.problem:
            answer = replace(answer, problem=answer.shape.problem(answer))
        if answer.error:
            answer.error.answer = answer
        return answer

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Set defaults by name; raises BadInput, and sets nothing, where one does not fit."""
        self.defaults = self.defaults.changed(settings)

    def plan(self, query: Query) -> estimate.Plan:
        """Return what a question would send and cost; sends nothing."""
        draft = self._draft(query, self._house.peek)
        return self._plan(draft)

    def plan_each(self, query: Query) -> estimate.Plan:
        """Return what the same question of every file would send and cost, all of them together."""
        records = self._house.peek(query.words)
        check(query, records)
        plans = [self.plan(replace(query, words=[record.name])) for record in records]
        return estimate.together(plans, 2 if twice(query) else 1)

    def _plan(self, draft: Draft) -> estimate.Plan:
        answer, request = draft.answer, draft.request
        blocks = [block["type"] for block in content.all_blocks(request["messages"])]
        cached = any("cache_control" in block for block in content.all_blocks(request["messages"]))
        tokens = estimate.of_request(request, [*self._house.records(), *draft.files])
        billing = self._house.endpoint.billing
        return estimate.Plan(
            question=answer.question,
            model=answer.model,
            sent_to=answer.sent_to,
            files=tuple((r.name, str(r.kind), r.size_bytes) for r in draft.files),
            uploads=tuple(record.name for record in draft.files if record.file_id.startswith("new ")),
            blocks=tuple(f"{blocks.count(kind)} {kind}" for kind in dict.fromkeys(blocks)),
            tokens=tokens,
            max_tokens=request["max_tokens"],
            dollars=estimate.price(answer.model, tokens, request["max_tokens"], billing, cached),
            variables=answer.variables,
            notes=answer.notes,
        )

    def _afford(self, queries: Sequence[Query]) -> None:
        """Raise BadInput where questions may break a budget; `--each` has several of them."""
        cell, kernel = queries[0].options.budget, self.defaults.budget
        if cell is None and kernel is None:
            return
        plans = [self.plan(query) for query in queries]
        most = [plan.dollars[1] for plan in plans if plan.dollars]
        total = sum(most) if len(most) == len(plans) else None
        afford(total, cell, 0.0, "the budget of this cell")
        spent = self.bill.total().cost
        afford(total, kernel, spent.total if spent else None, "the kernel's budget")

    def _check(self, draft: Draft) -> None:
        if self._house.endpoint.billing == "unknown":
            return  # a gateway has models of its own, and may not list them
        kinds = {str(record.kind) for record in draft.files}
        self.models.check(draft.answer.model, needs(draft.request, kinds), draft.request["max_tokens"])

    def _draft(self, query: Query, find: Callable[[Sequence[str]], list[FileRecord]]) -> Draft:
        options, thread = query.options, None
        if not query.question.strip():
            raise BadInput("The question is empty. Write it below the %%ask_file line, or behind the names.")
        after = query.after
        if options.thread:
            thread = self.threads.begin(options.thread, fresh=options.fresh)
            after = thread.last
        filled = prompt.fill(query.question, query.variables)
        records = find(query.words)
        named = {word: find([word]) for word in filled.files}
        records = list(
            {r.name: r for r in [*records, *(r for found in named.values() for r in found)]}.values()
        )
        question = filled.text({word: found[0].name for word, found in named.items() if found})
        shape = schema.schema(options.schema, query.variables) if options.schema is not None else None
        request = self._request(question, records, options, after, shape)
        every = [*self._house.records(), *records]
        return Draft(
            Answer(
                question=question,
                sources=tuple(
                    dict.fromkeys([*(after.sources if after else ()), *(record.name for record in records)])
                ),
                documents=content.names_of_documents(every, request["messages"]),
                model=request["model"],
                by=places.LOCAL_NAME if self._house.place == places.LOCAL else request["model"],
                sent_to=self._house.endpoint.label,
                request=request,
                thread=options.thread or (after.thread if after else None),
                turn=after.turn + 1 if after else 1,
                variables=filled.variables,
                notes=(NO_CITATIONS,) if shape and options.cite else (),
                shape=shape,
            ),
            records,
        )

    def _request(
        self,
        question: str,
        records: Sequence[FileRecord],
        options: Options,
        after: Answer | None,
        shape: schema.Schema | None,
    ) -> JSON:
        code = options.code
        if code is None:
            code = content.needs_code(records) or bool(after and "tools" in after.request)
        effort = options.effort or self.defaults.effort
        output = ({"effort": effort} if effort else {}) | ({"format": shape.format} if shape else {})
        again = any(record.file_id in self._asked for record in records)
        return content.request(
            question,
            content.blocks(records, code=code, asked_for=bool(options.code)),
            model=options.model or (after.request["model"] if after else self.defaults.model),
            max_tokens=options.max_tokens or self.defaults.max_tokens,
            code=code,
            cite=options.cite is not False and shape is None,
            cached=bool(options.thread or after or again),
            output=output,
            after=after,
        )
