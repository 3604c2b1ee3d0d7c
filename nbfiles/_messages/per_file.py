"""The same question of every file: several at a time, a row each, and what is done is not asked again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from nbfiles._messages.answer import Answer
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.citations import Citation, span
from nbfiles._messages.observer import Observer
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.request import AskRequest
from nbfiles._messages.structured_output import schema
from nbfiles._messages.template import fill
from nbfiles.errors import BadInput, FileErrors, NbfilesError, Spelled, Stopped
from nbfiles.options import spelled
from nbfiles.parallel import Parallel
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON, FileRecord
from nbfiles.stop import StopSignal

WORKERS = 4  # questions at a time; more reach the tokens-a-minute limit of a new account and only wait
MOST_NAMED = 3  # files that a plan says why it leaves them out
TWO_REQUESTS = "Two requests a file: the API gives no citations together with a schema."
CHANGED = "done: the file changed while the cell ran, and this is about the new one"
FILL = "{question}\n\nThis is the answer, found in “{name}”:\n\n{text}\n\nFill the fields from it alone."


@redacted_repr
@dataclass(frozen=True, slots=True)
class FileResult:
    """One file's part: its state in words, its answer, and the cited answer behind it where there is one."""

    name: str
    state: str = "waiting"
    answer: Answer | None = None
    cited: Answer | None = None

    def cells(self) -> JSON:
        """Return the row of the DataFrame: fields or text, evidence, error, tokens and dollars."""
        answers = [answer for answer in (self.cited, self.answer) if answer]
        citations = [citation for answer in answers for citation in answer.citations]
        evidence = {
            "page": _spans(citations, "page"),
            **({"page_label": labels} if (labels := _labels(citations)) else {}),
            "chars": _spans(citations, "character"),
            "quote": " … ".join(" ".join(c.quote.split()) for c in citations),
        }
        costs = [answer.cost for answer in answers]
        return {
            "file": self.name,
            **self._reply(),
            **(evidence if citations else {}),
            "error": next(filter(None, (a.ending_problem() for a in answers)), None) or self._why_unanswered(),
            "tokens_in": sum(answer.usage.total_in for answer in answers),
            "tokens_out": sum(answer.usage.output_tokens for answer in answers),
            "cost": None if None in costs else sum(cost for cost in costs if cost is not None),
        }

    @property
    def is_done(self) -> bool:
        """Whether the whole answer is there."""
        return self.answer is not None and self.answer.ending_problem() is None

    def of(self, record: FileRecord) -> FileRecord:
        """Return the record of the file with the bytes that were asked about, which may have changed meanwhile."""
        answer = self.cited or self.answer
        asked = next((one.sha256 for one in answer.asked.records), None) if answer else None
        return record if asked in (None, record.sha256) else replace(record, sha256=asked)

    def _reply(self) -> JSON:
        if self.answer is None:
            return {}
        if self.answer.asked.schema is None:
            return {"answer": self.answer.text}
        if self.answer.problem:
            return {"reply": self.answer.text} if self.answer.text else {}
        data = self.answer.data
        fields: JSON = data if isinstance(data, dict) else data.model_dump()
        return fields

    def _why_unanswered(self) -> str:
        return "" if self.answer else self.state


def _spans(citations: Sequence[Citation], unit: str) -> str:
    """Return the pages, or the characters, that citations point to, once each."""
    spans = (span(citation.raw) for citation in citations)
    return "; ".join(dict.fromkeys(numbers for counted, numbers in spans if counted == unit))


def _labels(citations: Sequence[Citation]) -> str:
    """Return what is printed on the pages that citations point to, once each; empty where that is what `page` says."""
    if not any(citation.page_label for citation in citations):
        return ""
    labels = (citation.page_label or span(citation.raw)[1] for citation in citations if span(citation.raw)[0] == "page")
    return "; ".join(dict.fromkeys(labels))


OnRows = Callable[[Sequence[FileResult], str], None]  # the rows, and what to know in advance
Ask = Callable[[AskRequest, Observer], Answer]  # raises only what forbids to send


class FinishedRows:
    """Rows that are done, by the name of their file and what else they are known by; any thread may use it.

    They were paid for, and stay when the file is deleted: it may come back.

    `same` gives what two names share that mean the same file.
    """

    def __init__(self, same: Callable[[str], str] = str) -> None:
        self._same = same
        self._rows: dict[str, dict[Hashable, FileResult]] = {}

    def get(self, name: str, key: Hashable) -> FileResult | None:
        """Return the row, if there is one."""
        return self._rows.get(self._same(name), {}).get(key)

    def keep(self, row: FileResult, key: Hashable) -> None:
        """Keep a row."""
        self._rows.setdefault(self._same(row.name), {})[key] = replace(row, state="kept")


class PerFile:
    """Asks one question of many files with `ask`, and puts the rows that are done into `finished`.

    A row is known by the name of its file and its bytes, by the question, and by `how` it is asked beside its options.
    """

    def __init__(self, ask: Ask, finished: FinishedRows, how: str = "") -> None:
        self._send = ask
        self._finished = finished
        self._how = how

    def run(
        self, request: AskRequest, files: Sequence[FileRecord], report: OnRows, unread: Sequence[FileResult] = ()
    ) -> list[FileResult]:
        """Ask about each file; returns their rows in order, and then those of the `unread` ones, which failed before.

        Raises Stopped when the user interrupts, whose `answer` are the finished rows; those done are kept.
        """
        check(request, files)
        rows = [*(self._first(record, request) for record in files), *unread]
        note, lock, pool = TWO_REQUESTS if needs_two_passes(request) else "", threading.Lock(), Parallel(WORKERS)
        report(rows, note)

        def ask(index: int) -> None:
            for row in self._steps(rows[index], request, pool.stop):
                with lock:
                    rows[index] = row = _marked(row, files[index])
                    if row.is_done:
                        self._finished.keep(row, self._row_key(request, row.of(files[index])))
                    report(rows, note)

        try:
            pool.run([partial(ask, index) for index in range(len(files)) if not rows[index].is_done])
        except KeyboardInterrupt:
            with lock:
                finished = [row for row in rows if row.is_done or row.state.startswith("failed")]
            count = sum(row.is_done for row in finished)
            stopped = Stopped(
                f"{count} of {len(rows)} files are answered and kept. For the others, run the cell again."
            )
            stopped.answer = finished
            raise stopped from None
        return rows

    def _first(self, record: FileRecord, request: AskRequest) -> FileResult:
        key = self._row_key(request, record)
        row = None if request.options["fresh"] else self._finished.get(record.name, key)
        return row or FileResult(record.name)

    def _row_key(self, request: AskRequest, record: FileRecord) -> Hashable:
        return self._how, record.name, record.key, _asked(request)

    def _steps(self, row: FileResult, request: AskRequest, stop: StopSignal) -> Iterator[FileResult]:
        yield replace(row, state="asking")
        try:
            yield from self._passes(row, request, stop)
        except NbfilesError as error:
            yield replace(row, state=f"failed: {error}")

    def _passes(self, row: FileResult, request: AskRequest, stop: StopSignal) -> Iterator[FileResult]:
        one = replace(request, names=[row.name])
        if not needs_two_passes(request):
            answer = self._ask(one, stop)
            yield FileResult(row.name, _state(answer), answer)
            return
        first = self._ask(replace(one, options={**request.options, "schema": None}), stop)
        if first.ending_problem():
            yield FileResult(row.name, _state(first), None, first)
            return
        question = FILL.format(question=first.question, name=row.name, text=first.text)
        fields = schema(request.options["schema"], request.variables)  # a class, which `variables` may name
        options: AskKeywords = {**_without_code(request.options), "schema": fields.spec or fields.model}
        filling = replace(request, question=question, variables=None, names=(), options=options)
        filled = self._ask(filling, stop)
        yield FileResult(row.name, _state(filled), filled, first)

    def _ask(self, request: AskRequest, stop: StopSignal) -> Answer:
        return self._send(request, _StopsWith(stop))


class _StopsWith(Observer):
    """Stops one answer when all are to be stopped; how far it is, is not shown."""

    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop

    def answer(self, answer: AnswerBuilder) -> None:  # noqa: ARG002 - the name is that of an Observer
        if self._stop.is_set():
            raise KeyboardInterrupt


def check(request: AskRequest, files: Sequence[object]) -> None:
    """Raise BadInput for what cannot be asked of each file."""
    if request.options["thread"]:
        each, thread = Spelled("ask_each", "--each"), spelled(AskKeywords, "thread")
        raise BadInput(each, " asks about every file separately, so it has no conversation. Leave out ", thread, ".")
    if not files:
        example = Spelled("nbfiles.ask_each('Who signed it?', '*.pdf')", "%%ask_file *.pdf --each")
        raise BadInput(Spelled("ask_each", "--each"), " needs files. Type, for example: ", example)
    _asked(request)  # raises for unknown variables and fields


def raise_if_all_failed(files: Sequence[object], failed: FileErrors) -> None:
    """Raise the first error where there is no file left to ask about."""
    if failed and not files:
        raise next(error for _, error in failed.values())


def left_out(failed: FileErrors) -> tuple[str, ...]:
    """Say which files are not asked about, and why."""
    errors = [str(error) for _, error in failed.values()]
    more = [f"{len(errors) - MOST_NAMED} more."] if len(errors) > MOST_NAMED else []
    return tuple(f"Left out: {reason}" for reason in (*errors[:MOST_NAMED], *more))


def needs_two_passes(request: AskRequest) -> bool:
    """Return whether each file takes two requests: one that cites, and one that fills the fields."""
    return bool(request.options["cite"]) and request.options["schema"] is not None


def _without_code(options: AskKeywords) -> AskKeywords:
    """Return options for the second request, which reads the answer to the first and nothing else."""
    return {**options, "cite": None, "code": False, "skill": None}


def _state(answer: Answer) -> str:
    problem = answer.ending_problem()
    return f"failed: {problem}" if problem else "done"


def _marked(row: FileResult, record: FileRecord) -> FileResult:
    """Say of an answer where it is about other bytes than the file had when the cell began."""
    return replace(row, state=CHANGED) if row.state == "done" and row.of(record) is not record else row


def _asked(request: AskRequest) -> Hashable:
    """Return what makes two questions the same: the text as it is filled, and the options that matter."""
    # A whole answer is whole under any token limit: only those that were cut are asked again with another one.
    options = {**request.options, "fresh": False, "budget": None, "schema": None, "max_tokens": None}
    spec = request.options["schema"]
    fields = json.dumps(schema(spec, request.variables).format) if spec is not None else None
    return fill(request.question, request.variables), tuple(options.items()), fields
