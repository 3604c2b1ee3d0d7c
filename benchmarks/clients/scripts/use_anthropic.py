"""The official Python SDK, with every reply checked against its types (`_strict_response_validation`)."""

from __future__ import annotations

import time

import anthropic
import tasks
from pydantic import BaseModel
from tasks import ASKED, BILL, CODE, FORCED, MODEL, PDF, QUOTED, WEATHER, holds, task

client = anthropic.Anthropic(base_url=tasks.URL, api_key=tasks.KEY, max_retries=0, _strict_response_validation=True)
TOOL = {
    "name": "get_weather",
    "description": "Get the current weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
INVOICE = {
    "name": "invoice",
    "input_schema": {
        "type": "object",
        "properties": {"vendor": {"type": "string"}, "total": {"type": "number"}},
        "required": ["vendor", "total"],
    },
}


class Invoice(BaseModel):
    """An invoice."""

    vendor: str
    total: float


@anthropic.beta_tool
def get_weather(city: str) -> str:
    """Get the current weather in a city."""
    return f"Sunny in {city}."


def question(*content, **more):
    return {"model": MODEL, "max_tokens": 900, "messages": [{"role": "user", "content": [*content]}], **more}


def text(words):
    return {"type": "text", "text": words}


def document(source, **more):
    return {"type": "document", "source": source, **more}


def uploaded():
    return client.files.upload(file=PDF)


def words(message):
    return "".join(block.text for block in message.content if block.type == "text")


@task("question")
def _():
    holds(words(client.messages.create(**question(text("Hello")))), "no text")


@task("stream")
def _():
    with client.messages.stream(**question(text("Hello"))) as stream:
        streamed = "".join(stream.text_stream)
        holds(streamed == words(stream.get_final_message()) != "", streamed)


@task("system")
def _():
    client.messages.create(**question(text("Hello"), system="Be brief."))


@task("turns")
def _():
    first = client.messages.create(**question(text("Hello")))
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": "And now?"},
    ]
    client.messages.create(model=MODEL, max_tokens=900, messages=turns)


@task("file id")
def _():
    source = {"type": "file", "file_id": uploaded().id}
    answer = client.messages.create(**question(document(source), text(ASKED)))
    holds(QUOTED in words(answer), answer)


@task("inline PDF")
def _():
    source = {"type": "base64", "media_type": "application/pdf", "data": tasks.in_base64(PDF)}
    answer = client.messages.create(**question(document(source), text(ASKED)))
    holds(QUOTED in words(answer), answer)


@task("image")
def _():
    source = {"type": "base64", "media_type": "image/jpeg", "data": tasks.in_base64(tasks.IMAGE)}
    answer = client.messages.create(**question({"type": "image", "source": source}, text("What is this?")))
    holds("JPEG" in words(answer), answer)


@task("citations")
def _():
    block = document({"type": "file", "file_id": uploaded().id}, citations={"enabled": True})
    answer = client.messages.create(**question(block, text(ASKED)))
    cited = [citation for part in answer.content if part.type == "text" for citation in part.citations or ()]
    holds(any(QUOTED in citation.cited_text for citation in cited), answer)


@task("tool, forced")
def _():
    choice = {"type": "tool", "name": "invoice"}
    asked = question(text(BILL), tools=[TOOL, INVOICE], tool_choice=choice) | {"model": FORCED}
    (call,) = client.messages.create(**asked).content
    holds(call.input == {"vendor": "Northwind", "total": 1234.5}, call)


@task("tool, auto")
def _():
    answer = client.messages.create(**question(text(WEATHER), tools=[TOOL, INVOICE]))
    holds(answer.stop_reason == "tool_use" and answer.content[-1].name == "get_weather", answer)


@task("tool loop")
def _():
    asked = {"model": MODEL, "max_tokens": 900, "messages": [{"role": "user", "content": WEATHER}]}
    runner = client.beta.messages.tool_runner(**asked, tools=[get_weather])
    holds("Sunny" in words(runner.until_done()), "no result in the answer")


@task("tool loop", "streamed")
def _():
    asked = {"model": MODEL, "max_tokens": 900, "messages": [{"role": "user", "content": WEATHER}]}
    runner = client.beta.messages.tool_runner(**asked, tools=[get_weather], stream=True)
    streamed = [words(stream.get_final_message()) for stream in runner]
    holds("Sunny" in streamed[-1], streamed)


@task("structured")
def _():
    asked = {"model": MODEL, "max_tokens": 900, "messages": [{"role": "user", "content": BILL}]}
    answer = client.messages.parse(**asked, output_format=Invoice)
    holds(answer.parsed_output == Invoice(vendor="Northwind", total=1234.5), answer)


@task("count")
def _():
    counted = client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "Hello"}])
    holds(counted.input_tokens > 0, counted)


@task("models")
def _():
    holds(client.models.retrieve(MODEL).id in [model.id for model in client.models.list()], "not listed")


@task("files")
def _():
    file = uploaded()
    holds(client.files.retrieve_metadata(file.id).filename == PDF.name, file)
    holds(file.id in [each.id for each in client.files.list(limit=1)], "not listed")
    tasks.fails(lambda: client.files.download(file.id), anthropic.BadRequestError, saying="not downloadable")
    holds(client.files.delete(file.id).type == "file_deleted", file)


@task("batches")
def _():
    requests = [{"custom_id": "a", "params": question(text("Hello"))}]
    batch = client.messages.batches.create(requests=requests)
    while client.messages.batches.retrieve(batch.id).processing_status != "ended":
        time.sleep(0.05)
    (result,) = client.messages.batches.results(batch.id)
    holds(result.result.type == "succeeded", result)


@task("code")
def _():
    tool = {"type": "code_execution_20250825", "name": "code_execution"}
    answer = client.messages.create(**question(text(CODE), tools=[tool]))
    (result,) = [block for block in answer.content if block.type.endswith("code_execution_tool_result")]
    made = client.files.download(result.content.content[0].file_id)
    holds(made.read() == b"42", result)


@task("error: bad model")
def _():
    asked = question(text("Hello")) | {"model": "claude-9"}
    tasks.fails(lambda: client.messages.create(**asked), anthropic.NotFoundError)


@task("error: too large")
def _():
    asked = question(text("x" * tasks.TOO_LARGE))
    tasks.fails(lambda: client.messages.create(**asked), anthropic.APIStatusError, saying="413")


tasks.run()
