"""Questions: prepared, priced, asked, kept in their conversation, and put on the bill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from nbfiles._files.store import FileStore, hidden_paths
from nbfiles._messages import citation_check, content, planning, token_estimate
from nbfiles._messages.answer import Answer, AnswerActions
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.costs import Budget, Costs
from nbfiles._messages.models import needs
from nbfiles._messages.observer import Observer, ViewErrors
from nbfiles._messages.options import AskDefaults
from nbfiles._messages.per_file import FileResult, PerFile, check, left_out, needs_two_passes, raise_if_all_failed
from nbfiles._messages.preparation import AskConnection, FileAccess, check_before_uploads, prepare
from nbfiles._messages.prepared import PreparedRequest
from nbfiles._messages.request import AskRequest
from nbfiles._messages.turn import fetch_files, finish, receive, recorded
from nbfiles.errors import BadInput, FileErrors, Stopped
from nbfiles.records import FileRecord

NOT_LOOKED_UP = "Its quotes could not be looked up ({})."
GUESSED = "A guess: the local server fills fields from passages with matching words. Check them in the file."
UNSEEN = "Stopped while its quotes were looked up."


def _check_data(builder: AnswerBuilder) -> None:
    """Say whether the answer fills its fields; a class of the user's may raise anything."""
    if builder.outcome.problem:
        return
    answer = builder.snapshot()
    if answer.local and answer.asked.schema:
        builder.outcome = replace(builder.outcome, notes=(*builder.outcome.notes, GUESSED))
    try:
        problem = answer.data_problem()
    except Exception as error:  # noqa: BLE001 - the answer was paid for
        problem = f"The data could not be checked ({type(error).__name__})."
    builder.outcome = replace(builder.outcome, problem=problem)


def _requests_of(request: AskRequest, files: FileStore) -> tuple[list[AskRequest], FileErrors]:
    """Return a request for each file, without uploading any, and the errors of those that cannot be read."""
    failed: FileErrors = {}
    records = files.peek(request.names, failed=failed)
    check(request, [*records, *failed])
    raise_if_all_failed(records, failed)
    return [replace(request, names=[_name_of(record, files)]) for record in records], failed


def _name_of(record: FileRecord, files: FileStore) -> str:
    """Return what to type for a file: a name that no upload has yet is the path of the file."""
    is_known = record.path is None or files.registry.find(record.name) == record
    return record.name if is_known else str(record.path)


class AskService:
    """Asks what one cell asks, over one connection.

    1. `_prepare` turns names and variables into files and blocks, and the options into a request. What the
       model cannot do, or a budget does not allow, is refused before anything is sent.
    2. `receive` sends it and lets an AnswerBuilder grow; the files of its code are downloaded.
    3. `_settle` puts whatever arrived on the bill, also when an error ends it, and looks the quotes up.
    4. `run` keeps it in its conversation, and shows the last of it.
    """

    def __init__(self, connection: AskConnection, costs: Costs, defaults: AskDefaults) -> None:
        self._connection = connection
        self._costs = costs
        self._defaults = defaults

    def run(self, request: AskRequest, observer: Observer, actions: AnswerActions | None = None) -> Answer:
        """Ask, and return what arrived; its `error` is what ended it. Raises BadInput before anything is sent."""
        budget, view_errors = self._budget([request]), ViewErrors()
        builder = AnswerBuilder(self._prepare(request, observer), actions)
        with recorded(builder):
            receive(builder, self._connection, observer, budget.check_more, view_errors)
        self._settle(builder, observer, view_errors)
        if request.options["thread"]:
            conversations = self._connection.conversations
            conversation = conversations.begin(request.options["thread"], fresh=request.options["fresh"])
            conversations.keep(conversation, builder.snapshot())
        with view_errors:
            observer.answer(builder)
        return builder.snapshot()

    def run_each(
        self, request: AskRequest, observer: Observer, actions: AnswerActions | None = None
    ) -> list[FileResult]:
        """Ask the same of every file; raises NbfilesError before the first question, or Stopped.

        A file that cannot be uploaded has a row that says so, unless there is no other.
        """
        requests, _ = _requests_of(request, self._connection.files)
        request.check()
        self._choose_model(request)
        budget = self._budget(requests * 2 if needs_two_passes(request) else requests)
        view_errors = ViewErrors()
        hidden = hidden_paths(self._connection.files.registry, request.names)
        failed: FileErrors = {}
        records = self._connection.files.resolve(request.names, observer.uploads, failed=failed)
        raise_if_all_failed(records, failed)

        def ask(one: AskRequest, only: Observer) -> Answer:
            builder = AnswerBuilder(self._prepare(one, observer), actions)
            with recorded(builder):
                receive(builder, self._connection, only, budget.check_more)
            self._settle(builder, only, view_errors)
            return builder.snapshot()

        def report(rows: Sequence[FileResult], note: str) -> None:
            with view_errors:
                observer.each(rows, " ".join(filter(None, (note, *hidden))))

        how = str(replace(self._defaults, budget=None))
        unread = [FileResult(name, f"failed: {error}") for name, error in failed.values()]
        return PerFile(ask, self._connection.finished, how).run(request, records, report, unread)

    def plan(self, request: AskRequest) -> token_estimate.RequestPlan:
        """Return what a question would send and cost; sends nothing."""
        files = self._connection.files
        access = FileAccess(partial(files.peek, with_sizes=True), files.smaller_images.planned)
        return planning.plan(prepare(request, self._connection, self._defaults, access), self._connection)

    def plan_each(self, request: AskRequest) -> token_estimate.RequestPlan:
        """Return what the same question of every file would send and cost, all of them together."""
        requests, failed = _requests_of(request, self._connection.files)
        plans, refused = self._plans(requests)
        raise_if_all_failed(plans, failed | refused)
        plan = token_estimate.together(plans, 2 if needs_two_passes(request) else 1)
        return replace(plan, notes=(*plan.notes, *left_out(failed | refused)))

    def _plans(self, requests: Sequence[AskRequest]) -> tuple[list[token_estimate.RequestPlan], FileErrors]:
        """Return plans of requests that are of one file each, and the errors of those that cannot be sent."""
        plans: list[token_estimate.RequestPlan] = []
        refused: FileErrors = {}
        for request in requests:
            try:
                plans.append(self.plan(request))
            except BadInput as error:
                name = str(request.names[0])
                refused[Path(name)] = name, error
        return plans, refused

    def _budget(self, requests: Sequence[AskRequest]) -> Budget:
        """Return the budget of a cell; raises BadInput where its questions, all together, may break it."""
        budget = Budget(self._costs, requests[0].options["budget"], self._defaults.budget, self._connection.billing)
        if budget.limited:
            budget.check(self._plans(requests)[0] if len(requests) > 1 else [self.plan(requests[0])])
        return budget

    def _prepare(self, request: AskRequest, observer: Observer) -> PreparedRequest:
        """Return a question ready to be sent, its files uploaded; raises BadInput for what cannot be done."""
        request.check()
        self._choose_model(request)
        models, lists_models = self._connection.models, self._connection.destination.lists_models
        check_before_uploads(request, self._connection, self._defaults)
        files = self._connection.files
        ways = (files.resolve, files.smaller_images.upload)
        access = FileAccess(*(partial(way, watch=observer.uploads) for way in ways))
        prepared = prepare(request, self._connection, self._defaults, access)
        if lists_models:
            kinds = {str(record.kind) for record in prepared.attached}
            models.check(prepared.model, needs(prepared.request, kinds), prepared.request["max_tokens"])
        return prepared

    def _choose_model(self, request: AskRequest) -> None:
        """Choose the model of a question, before its files are uploaded; raises BadInput for one that is not listed."""
        models, model = self._connection.models, request.options["model"] or self._defaults.model
        if not self._connection.destination.lists_models:
            return
        models.choose()
        if model:
            models.check_name(model)

    def _settle(self, builder: AnswerBuilder, observer: Observer, view_errors: ViewErrors) -> None:
        """Fetch the files of what arrived, put it on the bill, and look at its quotes and fields."""
        fetch_files(builder, self._connection, observer, view_errors)
        finish(builder)
        self._connection.asked_about.update(content.file_ids(builder.asked.request["messages"]))
        answer = builder.snapshot()
        self._connection.billing.learn(answer)
        cost = self._costs.add(answer, self._connection.billing.of(answer))
        builder.outcome = replace(builder.outcome, cost=cost)
        self._look_up(builder)
        _check_data(builder)
        if builder.outcome.error:
            builder.outcome.error.answer = builder.snapshot()

    def _look_up(self, builder: AnswerBuilder) -> None:
        """Look the quotes up; what goes wrong there costs the look, not the answer."""
        files, outcome = self._connection.files, builder.outcome
        by_name = {record.name: record for record in files.registry}
        try:
            quotes = citation_check.look_up(builder.snapshot(), by_name.get, files.sent_text)
            evidence, labels = tuple(one.evidence for one in quotes), tuple(one.page_label for one in quotes)
            builder.outcome = replace(outcome, evidence=evidence, page_labels=labels)
        except KeyboardInterrupt:
            stopped = Stopped("The answer is kept above; its quotes were not looked up in the files.")
            builder.outcome = replace(outcome, problem=outcome.problem or UNSEEN, error=outcome.error or stopped)
        except Exception as problem:  # noqa: BLE001 - a document may be wrong in any way
            note = NOT_LOOKED_UP.format(type(problem).__name__)
            builder.outcome = replace(outcome, notes=(*outcome.notes, note))
