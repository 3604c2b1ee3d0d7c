"""instructor: every mode that it has for Anthropic, by itself, streamed, asynchronous, and with its reasking."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Literal

import anthropic
import instructor
import tasks
from instructor import Mode
from instructor.batch import BatchProcessor
from instructor.core.exceptions import InstructorRetryException
from instructor.processing.multimodal import PDF as InlinePdf
from pydantic import BaseModel, field_validator
from tasks import ASKED, BILL, FORCED, PDF, QUOTED, holds, lacks, task


class Invoice(BaseModel):
    """An invoice."""

    vendor: str
    total: float


class Weather(BaseModel):
    """The weather in a city."""

    city: str


class LocalTime(BaseModel):
    """The local time in a city."""

    city: str


class Kind(BaseModel):
    """What a letter is."""

    kind: Literal["invoice", "letter"]


class Quote(BaseModel):
    """A quotation."""

    answer: str


class Small(BaseModel):
    """A small invoice."""

    vendor: str
    total: float

    @field_validator("total")
    @classmethod
    def small(cls, value: float) -> float:
        """Refuse what the question says, so that it is asked again."""
        if value > 1:
            raise ValueError("must be at most 1")
        return value


GOOD = {"vendor": "Northwind", "total": 1234.5}
BOTH = "Get the weather and the local time in the city of Paris."


def client(mode=Mode.TOOLS, sdk=anthropic.Anthropic):
    return instructor.from_anthropic(sdk(), mode=mode)


def question(words, model=FORCED, **more):
    return {"model": model, "max_tokens": 2000, "messages": [{"role": "user", "content": words}], **more}


MODES = (
    Mode.TOOLS,
    Mode.JSON,
    Mode.JSON_SCHEMA,
    Mode.ANTHROPIC_TOOLS,
    Mode.ANTHROPIC_REASONING_TOOLS,
    Mode.ANTHROPIC_JSON,
)


def structured(mode):
    @task("structured", mode.name)
    def _():
        found = client(mode).create(response_model=Invoice, **question(BILL))
        holds(found.model_dump() == GOOD, found)

    @task("stream", mode.name)
    def _():
        parts = list(client(mode).create_partial(response_model=Invoice, **question(BILL)))
        holds(parts[-1].model_dump() == GOOD, parts)


for each in MODES:
    structured(each)


@task("structured", "PARALLEL_TOOLS")
def _():
    asked = question(BOTH, model=tasks.MODEL)
    found = list(client(Mode.PARALLEL_TOOLS).create(response_model=Iterable[Weather | LocalTime], **asked))
    holds({type(one) for one in found} == {Weather, LocalTime}, found)


@task("structured", "thinking")
def _():
    asked = question(BILL, model="claude-haiku-4-5", thinking={"type": "enabled", "budget_tokens": 1024})
    found = client().create(response_model=Invoice, **asked)
    holds(found.model_dump() == GOOD, found)


@task("structured", "a choice")
def _():
    found = client().create(response_model=Kind, **question("Kind: letter"))
    holds(found.kind == "letter", found)


@task("structured", "a simple type")
def _():
    found = client().create(response_model=float, **question("Content: 12.5"))
    holds(isinstance(found, float), found)


@task("structured", "a list, streamed")
def _():
    found = list(client().create_iterable(response_model=Invoice, **question(BILL)))
    holds([one.model_dump() for one in found] == [GOOD], found)


@task("structured", "asynchronous")
async def _():
    found = await client(sdk=anthropic.AsyncAnthropic).create(response_model=Invoice, **question(BILL))
    holds(found.model_dump() == GOOD, found)


@task("structured", "with the reply")
def _():
    found, reply = client().create_with_completion(response_model=Invoice, **question(BILL))
    holds(found.model_dump() == GOOD and reply.stop_reason == "tool_use", reply)


@task("tool loop", "asked again")
def _():
    def ask():
        return client().create(response_model=Small, max_retries=2, **question(BILL))

    tasks.fails(ask, InstructorRetryException, saying="at most 1")


@task("inline PDF")
def _():
    found = client().create(response_model=Quote, **question([InlinePdf.from_path(PDF), ASKED]))
    holds(QUOTED in found.answer, found)


@task("question")
def _():
    reply = client().create(response_model=None, **question("Hello"))
    holds(reply.content[0].text, reply)


@task("system")
def _():
    found = client().create(response_model=Invoice, **question(BILL, system="Read carefully."))
    holds(found.model_dump() == GOOD, found)


for name in ("count", "models", "files"):
    lacks(name, "instructor/v2/providers/anthropic/client.py: it wraps messages.create and nothing else")
lacks("tool, auto", "instructor/v2/providers/anthropic/handlers.py: tools are response models (see structured)")


BATCHES_ARE_THEIRS = "instructor/batch/request.py, to_anthropic_format: sends temperature, gone since 2026-10-21"


@task("batches", theirs=BATCHES_ARE_THEIRS)
def _():
    processor = BatchProcessor(f"anthropic/{FORCED}", Invoice)
    lines = processor.create_batch_from_messages([[{"role": "user", "content": BILL}]], max_tokens=900)
    batch = processor.submit_batch(lines)
    while processor.get_batch_status(batch)["status"] != "ended":
        time.sleep(0.05)
    found = [result.result.model_dump() for result in processor.retrieve_results(batch)]
    holds(found == [GOOD], found)


@task("error: bad model")
def _():
    problems = (anthropic.NotFoundError, InstructorRetryException)
    tasks.fails(lambda: client().create(response_model=Invoice, **question(BILL, model="claude-9")), *problems)


tasks.run()
