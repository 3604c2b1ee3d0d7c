"""Questions of one kernel: prepared, priced, asked, kept in their thread, and put on the bill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from nbfiles._messages import citation_check, content, structured_output, template, token_estimate
from nbfiles._messages.answer import Answer, AnswerActions
from nbfiles._messages.budget import Budget
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.conversations import Conversations
from nbfiles._messages.costs import Costs
from nbfiles._messages.house import AskConnection
from nbfiles._messages.models import Models, needs
from nbfiles._messages.options import AskDefaults, AskOptions
from nbfiles._messages.per_file import FileResult, OnRows, PerFile, check, needs_two_passes
from nbfiles._messages.prepared import PreparedRequest
from nbfiles._messages.request import AskRequest
from nbfiles._messages.skills import Skills
from nbfiles._messages.turn import Show, fetch_files, finish, receive, recorded
from nbfiles._messages.unfailing import unfailing
from nbfiles.errors import Stopped
from nbfiles.records import JSON, FileRecord, ending

NO_QUESTION = "There is no question yet: it is written behind the names, or below a %%ask_file line."
NO_CITATIONS = "No citations: the API cannot give them together with a schema."
NOT_RUN = "A block of code that holds a {{variable}}, or comes from one, is data: the local server does not run it."
CANNOT_CITE = "No citations: {} cannot cite."
NOT_LOOKED_UP = "Its quotes could not be looked up ({})."
UNSEEN = "Stopped while its quotes were looked up."

Keep = Callable[[Answer], None]


def _drop(_answer: Answer) -> None:
    """Keep nothing."""


def _check_data(builder: AnswerBuilder) -> None:
    """Say whether the answer fills its fields; a class of the user's may raise anything."""
    if builder.outcome.problem:
        return
    try:
        problem = builder.snapshot().data_problem()
    except Exception as error:  # noqa: BLE001 - the answer was paid for
        problem = f"The data could not be checked ({type(error).__name__})."
    builder.outcome = replace(builder.outcome, problem=problem)


class AskService:
    """Asks questions; one a kernel, with the threads and the models of each place.

    1. `_prepared` turns names and variables into files and blocks, and the options into a request.
    2. The model and the budget are checked; what cannot be done or paid is refused before it is sent.
    3. `receive` sends it and folds the events; the quotes are looked up in the local files.
    4. Whatever arrived is on the bill and in the thread, also when an error ends it.
    """

    def __init__(self, house: AskConnection) -> None:
        self.defaults = AskDefaults()
        self.bill = Costs()
        self.last: Answer | None = None
        self._house = house
        self._threads: dict[str, Conversations] = {}
        self._models: dict[str, Models] = {}
        self._asked: set[str] = set()
        self._budgets = Budget(self.bill)
        self._each = PerFile(self)

    @property
    def threads(self) -> Conversations:
        """The conversations of the place in use."""
        return self._threads.setdefault(self._house.place, Conversations())

    @property
    def models(self) -> Models:
        """The models of the place in use."""
        return self._models.setdefault(self._house.place, Models(self._house.model_list))

    @property
    def skills(self) -> Skills:
        """The skills of the place in use."""
        return Skills(self._house.skill_list)

    def ask(self, query: AskRequest, show: Show, actions: AnswerActions | None = None, keep: Keep = _drop) -> Answer:
        """Ask, and return the answer; raises NbfilesError, whose `answer` holds what arrived.

        Whatever arrived is in its thread, and given to `keep`, before the last of it is shown.
        """
        show = unfailing(show)
        self._afford([query])
        builder = AnswerBuilder(self.prepare(query), actions)
        answer = self.run(builder, show)
        self.last = answer
        if query.options.thread:
            thread = self.threads.begin(query.options.thread, fresh=query.options.fresh)
            self.threads.keep(thread, answer)
        keep(answer)
        show(builder)
        if answer.error:
            raise answer.error from None
        return answer

    def ask_each(self, query: AskRequest, watch: OnRows) -> list[FileResult]:
        """Ask the same of every file; raises NbfilesError before the first question, or Stopped."""
        records = self._house.peek(query.words)
        query.check()
        check(query, records)
        each = [replace(query, words=[record.name]) for record in records]
        self._afford(each * 2 if needs_two_passes(query) else each)
        found = self._house.resolve(query.words)
        how = self._house.place, replace(self.defaults, budget=None)
        return self._each.run(query, [(r.name, f"{how} {r.key}") for r in found], unfailing(watch))

    def prepare(self, query: AskRequest) -> PreparedRequest:
        """Return a question ready to be sent; raises BadInput for what cannot be done."""
        query.check()
        if not self._is_gateway():
            self.models.choose()
        prepared = self._prepared(query, self._house.resolve)
        self._check(prepared)
        return prepared

    def run(self, builder: AnswerBuilder, show: Show) -> Answer:
        """Send a question and return what arrived, its quotes looked up and on the bill."""
        with recorded(builder):
            receive(builder, self._house, show, self._afford_more)
        fetch_files(builder, self._house, show)
        finish(builder)
        self._asked.update(content.file_ids(builder.asked.request["messages"]))
        cost = self.bill.add(builder.snapshot(), self._house.endpoint.billing)
        builder.outcome = replace(builder.outcome, cost=cost)
        self._look_up(builder)
        _check_data(builder)
        answer = builder.snapshot()
        if answer.error:
            answer.error.answer = answer
        return answer

    def _look_up(self, builder: AnswerBuilder) -> None:
        """Look the quotes up; what goes wrong there costs the look, not the answer."""
        by_name = {record.name: record for record in self._house.records()}
        outcome = builder.outcome
        try:
            evidence = citation_check.look_up(builder.snapshot(), by_name.get, self._house.sent_text)
            builder.outcome = replace(outcome, evidence=evidence)
        except KeyboardInterrupt:
            stopped = Stopped("Stopped. The answer is kept above; its quotes were not looked up.")
            builder.outcome = replace(outcome, problem=outcome.problem or UNSEEN, error=outcome.error or stopped)
        except Exception as problem:  # noqa: BLE001 - a document may be wrong in any way
            note = NOT_LOOKED_UP.format(type(problem).__name__)
            builder.outcome = replace(outcome, notes=(*outcome.notes, note))

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Set defaults by name; raises BadInput, and sets nothing, where one does not fit."""
        self.defaults = self.defaults.changed(settings)

    def plan(self, query: AskRequest) -> token_estimate.RequestPlan:
        """Return what a question would send and cost; sends nothing."""
        return self._plan(self._prepared(query, self._house.peek))

    def plan_each(self, query: AskRequest) -> token_estimate.RequestPlan:
        """Return what the same question of every file would send and cost, all of them together."""
        records = self._house.peek(query.words)
        check(query, records)
        plans = [self.plan(replace(query, words=[record.name])) for record in records]
        return token_estimate.together(plans, 2 if needs_two_passes(query) else 1)

    def _plan(self, prepared: PreparedRequest) -> token_estimate.RequestPlan:
        request = prepared.request
        blocks = [block["type"] for block in content.all_blocks(request["messages"])]
        cached = any("cache_control" in block for block in content.all_blocks(request["messages"]))
        tokens = token_estimate.of_request(request, [*self._house.records(), *prepared.records])
        billing = self._house.endpoint.billing
        return token_estimate.RequestPlan(
            question=prepared.question,
            model=prepared.model,
            sent_to=prepared.sent_to,
            files=tuple((r.name, str(r.kind), r.size_bytes) for r in prepared.records),
            uploads=tuple(record.name for record in prepared.records if record.file_id.startswith("new ")),
            blocks=tuple(f"{blocks.count(kind)} {kind}" for kind in dict.fromkeys(blocks)),
            tokens=tokens,
            max_tokens=request["max_tokens"],
            dollars=token_estimate.price(prepared.model, tokens, request["max_tokens"], billing, cached),
            variables=prepared.variables,
            notes=prepared.notes if prepared.question.strip() else (*prepared.notes, NO_QUESTION),
        )

    def _afford(self, queries: Sequence[AskRequest]) -> None:
        """Raise BadInput where questions may break a budget; `--each` has several of them."""
        if self._budgets.begin(queries[0].options.budget, self.defaults.budget):
            self._budgets.hold([self.plan(query) for query in queries])

    def _afford_more(self, builder: AnswerBuilder) -> None:
        self._budgets.hold_more(builder, self._house.endpoint.billing)

    def _about_citations(self, request: JSON, options: AskOptions) -> tuple[str, ...]:
        """Say why nothing is cited, where somebody may have expected it."""
        if options.schema is not None and options.cite:
            return (NO_CITATIONS,)
        kinds = (block["type"] for block in content.all_blocks(request["messages"]))
        if options.cite is None and "document" in kinds and not self.models.cites(request["model"]):
            return (CANNOT_CITE.format(request["model"]),)
        return ()

    def _is_gateway(self) -> bool:
        """Tell whether the place has models of its own, which it may not list."""
        return not self._house.endpoint.lists_models

    def _check(self, prepared: PreparedRequest) -> None:
        if self._is_gateway():
            return
        kinds = {str(record.kind) for record in prepared.records}
        self.models.check(prepared.model, needs(prepared.request, kinds), prepared.request["max_tokens"])

    def _prepared(self, query: AskRequest, look: Callable[..., list[FileRecord]]) -> PreparedRequest:
        options, thread = query.options, None
        find = partial(look, as_text=options.code is False)
        after = query.after
        if options.thread:
            thread = self.threads.begin(options.thread, fresh=options.fresh)
            after = thread.last
        filled = template.fill(query.question, query.variables)
        records = find(query.words)
        named = {word: find([word]) for word in filled.files}
        records = list({r.name: r for r in [*records, *(r for found in named.values() for r in found)]}.values())
        names = {word: found[0].name for word, found in named.items() if found}
        question = filled.text(names)
        schema = structured_output.schema(options.schema, query.variables) if options.schema is not None else None
        request = self._request(question, records, options, after, schema)
        every = [*self._house.records(), *records]
        return PreparedRequest(
            question=question,
            request=request,
            model=request["model"],
            by=self._house.endpoint.author or request["model"],
            sent_to=self._house.endpoint.label,
            sources=tuple(dict.fromkeys([*(after.sources if after else ()), *(record.name for record in records)])),
            documents=content.names_of_documents(every, request["messages"]),
            inputs=content.inputs(every, request["messages"]),
            variables=filled.variables,
            notes=(
                *self._about_citations(request, options),
                *([NOT_RUN] if self._house.endpoint.runs_own_code and filled.holds_code(names) else []),
                *ending(records),
                *self.models.ending(request["model"]),
            ),
            thread=options.thread or (after.thread if after else None),
            turn=after.turn + 1 if after else 1,
            schema=schema,
            records=tuple(records),
        )

    def _request(
        self,
        question: str,
        records: Sequence[FileRecord],
        options: AskOptions,
        after: Answer | None,
        schema: structured_output.Schema | None,
    ) -> JSON:
        code = options.code
        if code is None:
            code = content.needs_code(records) or bool(options.skill or (after and "tools" in after.request))
        model = options.model or (after.request["model"] if after else self.defaults.model or self.models.default)
        effort = options.effort or self.defaults.effort
        output = ({"effort": effort} if effort else {}) | ({"format": schema.format} if schema else {})
        again = any(record.file_id in self._asked for record in records)
        return content.request(
            question,
            content.blocks(records, code=code, asked_for=bool(options.code)),
            model=model,
            max_tokens=options.max_tokens or self.models.bounded(model, self.defaults.max_tokens),
            code=self.models.code_tool(model) if code else None,
            cite=schema is None and (self.models.cites(model) if options.cite is None else options.cite),
            cached=bool(options.thread or after or again),
            output=output,
            skills=self.skills.wanted(options.skill) if options.skill is not None else (),
            after=after,
        )
