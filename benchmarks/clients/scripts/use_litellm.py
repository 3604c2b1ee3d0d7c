"""LiteLLM: `completion` with its OpenAI shapes, and its own files and batches for Anthropic."""

from __future__ import annotations

import os

import tasks

os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "ANTHROPIC_API_BASE": tasks.URL}

import httpx
import litellm
from pydantic import BaseModel
from tasks import ASKED, BILL, CODE, FORCED, MODEL, PDF, QUOTED, WEATHER, holds, task

WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Invoice(BaseModel):
    """An invoice."""

    vendor: str
    total: float


def asked(*content, model=MODEL, **more):
    messages = more.pop("messages", [{"role": "user", "content": [*content]}])
    return litellm.completion(f"anthropic/{model}", messages, max_tokens=900, num_retries=0, **more)


def words(answer):
    return answer.choices[0].message.content or ""


def text(said):
    return {"type": "text", "text": said}


def pdf(**more):
    data = f"data:application/pdf;base64,{tasks.in_base64(PDF)}"
    return {"type": "file", "file": {"file_data": data, "format": "application/pdf"}, **more}


@task("question")
def _():
    holds(words(asked(text("Hello"))), "no text")


@task("question", "asynchronous")
async def _():
    messages = [{"role": "user", "content": "Hello"}]
    holds(words(await litellm.acompletion(f"anthropic/{MODEL}", messages, max_tokens=900)), "no text")


@task("stream")
def _():
    chunks = [chunk.choices[0].delta.content or "" for chunk in asked(text("Hello"), stream=True)]
    holds("".join(chunks), chunks)


@task("system")
def _():
    asked(messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}])


@task("turns")
def _():
    first = words(asked(text("Hello")))
    turns = [("user", "Hello"), ("assistant", first), ("user", "And now?")]
    asked(messages=[{"role": role, "content": said} for role, said in turns])


@task("file id")
def _():
    file = litellm.create_file(file=PDF.open("rb"), purpose="messages", custom_llm_provider="anthropic")
    answer = asked({"type": "file", "file": {"file_id": file.id, "format": "application/pdf"}}, text(ASKED))
    holds(QUOTED in words(answer), answer)


@task("inline PDF")
def _():
    holds(QUOTED in words(asked(pdf(), text(ASKED))), "not quoted")


@task("image")
def _():
    image = {"url": f"data:image/jpeg;base64,{tasks.in_base64(tasks.IMAGE)}"}
    holds("JPEG" in words(asked({"type": "image_url", "image_url": image}, text("What is this?"))), "not described")


@task("citations")
def _():
    source = {"type": "base64", "media_type": "application/pdf", "data": tasks.in_base64(PDF)}
    answer = asked({"type": "document", "source": source, "citations": {"enabled": True}}, text(ASKED))
    holds(answer.choices[0].message.provider_specific_fields["citations"], answer)


@task("tool, forced")
def _():
    choice = {"type": "function", "function": {"name": "get_weather"}}
    answer = asked(text("Hello"), model=FORCED, tools=[WEATHER_TOOL], tool_choice=choice)
    holds(answer.choices[0].message.tool_calls[0].function.name == "get_weather", answer)


@task("tool, auto")
def _():
    answer = asked(text(WEATHER), tools=[WEATHER_TOOL])
    holds(answer.choices[0].message.tool_calls[0].function.name == "get_weather", answer)


@task("tool, auto", "streamed")
def _():
    chunks = list(asked(text(WEATHER), tools=[WEATHER_TOOL], stream=True))
    call = litellm.stream_chunk_builder(chunks).choices[0].message.tool_calls[0]
    holds(call.function.name == "get_weather" and "city" in call.function.arguments, call)


@task("tool loop")
def _():
    first = asked(text(WEATHER), tools=[WEATHER_TOOL]).choices[0].message
    result = {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "Sunny."}
    answer = asked(messages=[{"role": "user", "content": WEATHER}, first, result], tools=[WEATHER_TOOL])
    holds("Sunny" in words(answer), answer)


@task("structured")
def _():
    answer = asked(text(BILL), response_format=Invoice)
    holds(Invoice.model_validate_json(words(answer)) == Invoice(vendor="Northwind", total=1234.5), answer)


@task("structured", "an older model")
def _():
    answer = asked(text(BILL), model=FORCED, response_format=Invoice)
    holds(Invoice.model_validate_json(words(answer)) == Invoice(vendor="Northwind", total=1234.5), answer)


@task("count")
def _():
    holds(litellm.token_counter(f"anthropic/{MODEL}", messages=[{"role": "user", "content": "Hello"}]) > 0, "none")


@task("models")
def _():
    found = litellm.get_valid_models(check_provider_endpoint=True, custom_llm_provider="anthropic")
    holds(any(MODEL in model for model in found), found)


@task("files")
def _():
    provider = {"custom_llm_provider": "anthropic"}
    file = litellm.create_file(file=PDF.open("rb"), purpose="messages", **provider)
    holds(litellm.file_retrieve(file.id, **provider).filename == PDF.name, file)
    holds(file.id in [each.id for each in litellm.file_list(**provider)], "not listed")
    holds(litellm.file_delete(file.id, **provider).deleted, file)


@task("batches")
def _():
    question = {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    requests = [{"custom_id": "a", "params": question}]
    with httpx.Client(base_url=tasks.URL, headers={"x-api-key": tasks.KEY}) as http:
        made = http.post("/v1/messages/batches", json={"requests": requests}).json()
    found = litellm.retrieve_batch(made["id"], custom_llm_provider="anthropic")
    holds(found.status in ("in_progress", "finalizing", "completed"), found)


@task("code")
def _():
    tool = {"type": "code_execution_20250825", "name": "code_execution"}
    answer = asked(text(CODE), tools=[tool])
    holds("n.txt" in str(answer), answer)


@task("error: bad model")
def _():
    tasks.fails(lambda: asked(text("Hello"), model="claude-9"), litellm.NotFoundError)


@task("error: too large")
def _():
    tasks.fails(lambda: asked(text("x" * tasks.TOO_LARGE)), litellm.APIError, litellm.BadRequestError)


tasks.run()
