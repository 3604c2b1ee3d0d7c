"""The same question of every file: several at a time, a row each, and what is done is not asked again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from nbfiles._messages.answer import Answer
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.parallel import Parallel
from nbfiles._messages.prepared import PreparedRequest
from nbfiles._messages.request import AskRequest
from nbfiles._messages.structured_output import schema
from nbfiles._messages.template import fill
from nbfiles.errors import BadInput, NbfilesError, Spelled, Stopped
from nbfiles.options import spelled
from nbfiles.records import JSON

WORKERS = 4  # questions at a time; more reach the tokens-a-minute limit of a new account and only wait
TWO_REQUESTS = "Two requests a file: the API gives no citations together with a schema."
FILL = "{question}\n\nThis is the answer, found in “{name}”:\n\n{text}\n\nFill the fields from it alone."


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
            "page": "; ".join(dict.fromkeys(c.where for c in citations)),
            "quote": " … ".join(" ".join(c.quote.split()) for c in citations),
        }
        costs = [answer.cost for answer in answers]
        return {
            "file": self.name,
            **self._said(),
            **(evidence if citations else {}),
            "error": next((a.problem for a in answers if a.problem), None) or self._unasked(),
            "tokens_in": sum(answer.usage.total_in for answer in answers),
            "tokens_out": sum(answer.usage.output_tokens for answer in answers),
            "cost": None if None in costs else sum(cost for cost in costs if cost is not None),
        }

    @property
    def done(self) -> bool:
        """Whether the whole answer is there."""
        return self.answer is not None and self.answer.problem is None

    def _said(self) -> JSON:
        if self.answer is None:
            return {}
        if self.answer.asked.schema is None:
            return {"answer": self.answer.text}
        if self.answer.problem:
            return {"reply": self.answer.text} if self.answer.text else {}
        data = self.answer.data
        found: JSON = data if isinstance(data, dict) else data.model_dump()
        return found

    def _unasked(self) -> str:
        return "" if self.answer else self.state


class SingleFileAsker(Protocol):
    """What asks one question (`Asker`)."""

    def prepare(self, query: AskRequest) -> PreparedRequest:
        """Return a question ready to be sent."""

    def run(self, builder: AnswerBuilder, show: Callable[[AnswerBuilder], None]) -> Answer:
        """Send it and return what arrived."""


OnRows = Callable[[Sequence[FileResult], str], None]  # the rows, and what to know in advance


class PerFile:
    """Asks one question of many files, and remembers the rows that are done until they are asked `fresh`."""

    def __init__(self, desk: SingleFileAsker) -> None:
        self._desk = desk
        self._kept: dict[Hashable, FileResult] = {}

    def run(self, query: AskRequest, files: Sequence[tuple[str, str]], watch: OnRows) -> list[FileResult]:
        """Ask about each file, given as name and what identifies its bytes; returns their rows in order.

        Raises Stopped when the user interrupts, whose `answer` are the finished rows; those done are kept.
        """
        check(query, files)
        keys = [_key(query, identity) for _, identity in files]
        rows = [self._begun(name, key, query) for (name, _), key in zip(files, keys, strict=True)]
        note, lock, pool = TWO_REQUESTS if needs_two_passes(query) else "", threading.Lock(), Parallel(WORKERS)
        watch(rows, note)

        def ask(index: int) -> None:
            for row in self._steps(rows[index], query, pool.stop):
                with lock:
                    rows[index] = row
                    if row.done:
                        self._kept[keys[index]] = replace(row, state="kept")
                    watch(rows, note)

        try:
            pool.run([partial(ask, index) for index, row in enumerate(rows) if not row.done])
        except KeyboardInterrupt:
            with lock:
                finished = [row for row in rows if row.done or row.state.startswith("failed")]
            done = sum(row.done for row in finished)
            stopped = Stopped(
                f"Stopped. {done} of {len(rows)} files are answered and kept. To go on, run the cell again."
            )
            stopped.answer = finished
            raise stopped from None
        return rows

    def _begun(self, name: str, key: Hashable, query: AskRequest) -> FileResult:
        kept = None if query.options.fresh else self._kept.get(key)
        return replace(kept, name=name) if kept else FileResult(name)

    def _steps(self, row: FileResult, query: AskRequest, stop: threading.Event) -> Iterator[FileResult]:
        yield replace(row, state="asking")
        try:
            yield from self._asked(row, query, stop)
        except NbfilesError as error:
            yield replace(row, state=f"failed: {error}")

    def _asked(self, row: FileResult, query: AskRequest, stop: threading.Event) -> Iterator[FileResult]:
        one = replace(query, words=[row.name])
        if not needs_two_passes(query):
            answer = self._ask(one, stop)
            yield FileResult(row.name, _state(answer), answer)
            return
        cited = self._ask(replace(one, options=replace(query.options, schema=None)), stop)
        if cited.problem:
            yield FileResult(row.name, _state(cited), None, cited)
            return
        question = FILL.format(question=cited.question, name=row.name, text=cited.text)
        options = replace(query.options, cite=None, code=False)
        filled = self._ask(replace(query, question=question, variables=None, words=(), options=options), stop)
        yield FileResult(row.name, _state(filled), filled, cited)

    def _ask(self, query: AskRequest, stop: threading.Event) -> Answer:
        def check_stop(_answer: AnswerBuilder) -> None:
            if stop.is_set():
                raise KeyboardInterrupt

        return self._desk.run(AnswerBuilder(self._desk.prepare(query)), check_stop)


def check(query: AskRequest, files: Sequence[Any]) -> None:
    """Raise BadInput for what cannot be asked of each file."""
    if query.options.thread:
        each, thread = Spelled("ask_each", "--each"), spelled(AskKeywords, "thread")
        raise BadInput(each, " asks about every file separately, so it has no conversation. Leave out ", thread, ".")
    if not files:
        example = Spelled("nbfiles.ask_each('Who signed it?', '*.pdf')", "%%ask_file *.pdf --each")
        raise BadInput(Spelled("ask_each", "--each"), " needs files. Type, for example: ", example)
    _key(query, "")  # raises for unknown variables and fields


def needs_two_passes(query: AskRequest) -> bool:
    """Tell whether each file takes two requests: one that cites, and one that fills the fields."""
    return bool(query.options.cite) and query.options.schema is not None


def _state(answer: Answer) -> str:
    return f"failed: {answer.problem}" if answer.problem else "done"


def _key(query: AskRequest, identity: str) -> Hashable:
    """Return what makes two rows the same: the bytes, the question as it is filled, and how it is asked."""
    options = replace(query.options, fresh=False, budget=None, schema=None)
    spec = query.options.schema
    fields = json.dumps(schema(spec, query.variables).format) if spec is not None else None
    return identity, fill(query.question, query.variables), options, fields
