"""LangChain: `ChatAnthropic` of langchain-anthropic, and an agent of langchain."""

from __future__ import annotations

from typing import TypedDict

import anthropic
import tasks
from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.tools import tool
from pydantic import BaseModel
from tasks import ASKED, BILL, CODE, FORCED, MODEL, PDF, QUOTED, WEATHER, holds, lacks, task


class Invoice(BaseModel):
    """An invoice."""

    vendor: str
    total: float


class InvoiceDict(TypedDict):
    """An invoice."""

    vendor: str
    total: float


@tool
def get_weather(city: str) -> str:
    """Get the current weather in a city."""
    return f"Sunny in {city}."


def model(name=MODEL, **more):
    return ChatAnthropic(model=name, max_tokens=900, max_retries=0, **more)


def question(*content):
    return [HumanMessage([*content])]


def text(words):
    return {"type": "text", "text": words}


def document(cite=False):
    source = {"type": "base64", "media_type": "application/pdf", "data": tasks.in_base64(PDF)}
    return {"type": "document", "source": source, **({"citations": {"enabled": True}} if cite else {})}


@task("question")
def _():
    holds(model().invoke("Hello").text, "no text")


@task("question", "asynchronous")
async def _():
    holds((await model().ainvoke("Hello")).text, "no text")


@task("stream")
def _():
    holds("".join(chunk.text for chunk in model().stream("Hello")), "no text")


@task("system")
def _():
    model().invoke([SystemMessage("Be brief."), HumanMessage("Hello")])


@task("turns")
def _():
    first = model().invoke("Hello")
    model().invoke([HumanMessage("Hello"), first, HumanMessage("And now?")])


@task("file id")
def _():
    file = anthropic.Anthropic().files.upload(file=PDF)
    answer = model().invoke(question({"type": "file", "file_id": file.id}, text(ASKED)))
    holds(QUOTED in answer.text, answer)


@task("inline PDF")
def _():
    block = {"type": "file", "base64": tasks.in_base64(PDF), "mime_type": "application/pdf"}
    answer = model().invoke(question(block, text(ASKED)))
    holds(QUOTED in answer.text, answer)


@task("image")
def _():
    block = {"type": "image", "base64": tasks.in_base64(tasks.IMAGE), "mime_type": "image/jpeg"}
    answer = model().invoke(question(block, text("What is this?")))
    holds("JPEG" in answer.text, answer)


@task("citations")
def _():
    answer = model().invoke(question(document(cite=True), text(ASKED)))
    holds(any(block.get("citations") for block in answer.content), answer)


@task("citations", "streamed")
def _():
    chunks = iter(model().stream(question(document(cite=True), text(ASKED))))
    answer = next(chunks)
    for chunk in chunks:
        answer += chunk
    holds(any(block.get("citations") for block in answer.content), answer)


@task("tool, forced")
def _():
    answer = model(FORCED).bind_tools([get_weather], tool_choice="get_weather").invoke("Hello")
    holds([call["name"] for call in answer.tool_calls] == ["get_weather"], answer)


@task("tool, auto")
def _():
    answer = model().bind_tools([get_weather]).invoke(WEATHER)
    holds([call["name"] for call in answer.tool_calls] == ["get_weather"], answer)


@task("tool loop")
def _():
    answer = create_agent(model(), [get_weather]).invoke({"messages": [HumanMessage(WEATHER)]})
    holds("Sunny" in answer["messages"][-1].text, answer)


@task("tool loop", "streamed")
def _():
    agent = create_agent(model(), [get_weather])
    chunks = [chunk for chunk, _ in agent.stream({"messages": [HumanMessage(WEATHER)]}, stream_mode="messages")]
    holds(any("Sunny" in chunk.text for chunk in chunks if isinstance(chunk, AIMessage)), chunks)


for name in (MODEL, FORCED):
    for schema in (Invoice, InvoiceDict, Invoice.model_json_schema()):

        def structured(name=name, schema=schema, **method):
            found = model(name).with_structured_output(schema, **method).invoke(BILL + "\nWhat is the invoice?")
            found = found.model_dump() if isinstance(found, BaseModel) else found
            holds(found == {"vendor": "Northwind", "total": 1234.5}, found)

        kind = getattr(schema, "__name__", "JSON Schema")
        task("structured", f"{name}, {kind}")(structured)
        task("structured", f"{name}, {kind}, json_schema")(lambda f=structured: f(method="json_schema"))


@task("structured", "an agent")
def _():
    answer = create_agent(model(FORCED), [], response_format=Invoice).invoke({"messages": [HumanMessage(BILL)]})
    holds(answer["structured_response"] == Invoice(vendor="Northwind", total=1234.5), answer)


@task("count")
def _():
    holds(model().get_num_tokens_from_messages([HumanMessage("Hello")]) > 0, "none")


lacks("models", "langchain_anthropic/chat_models.py: ChatAnthropic lists no models")
lacks("files", "langchain_anthropic/chat_models.py: ChatAnthropic takes a file_id; files are uploaded with the SDK")
lacks("batches", "langchain_core/runnables/base.py, Runnable.batch: it asks several questions at once, one by one")


@task("code")
def _():
    code = {"type": "code_execution_20250825", "name": "code_execution"}
    answer = model().bind_tools([code]).invoke(question(text(CODE)))
    holds(any(block["type"].endswith("code_execution_tool_result") for block in answer.content), answer)


@task("error: bad model")
def _():
    tasks.fails(lambda: model("claude-9").invoke("Hello"), anthropic.NotFoundError)


@task("error: too large")
def _():
    tasks.fails(lambda: model().invoke("x" * tasks.TOO_LARGE), anthropic.RequestTooLargeError)


tasks.run()
