"""pydantic-ai: agents on its AnthropicModel, with every kind of output."""

from __future__ import annotations

from datetime import timedelta

import anthropic
import tasks
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, ModelHTTPError, NativeOutput, PromptedOutput, ToolOutput, UploadedFile
from pydantic_ai.capabilities import NativeTool
from pydantic_ai.direct import model_request_batch
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.batch import BatchRequest
from pydantic_ai.native_tools import CodeExecutionTool
from pydantic_ai.tools import ToolDefinition
from tasks import ASKED, BILL, CODE, FORCED, MODEL, PDF, QUOTED, WEATHER, holds, lacks, task


class Invoice(BaseModel):
    """An invoice."""

    vendor: str
    total: float


GOOD = Invoice(vendor="Northwind", total=1234.5)


def get_weather(city: str) -> str:
    """Get the current weather in a city."""
    return f"Sunny in {city}."


def agent(model=MODEL, **more):
    return Agent(AnthropicModel(model), **more)


@task("question")
def _():
    holds(agent().run_sync("Hello").output, "no text")


@task("stream")
async def _():
    async with agent().run_stream("Hello") as stream:
        holds(await stream.get_output(), "no text")


@task("system")
def _():
    agent(system_prompt="Be brief.").run_sync("Hello")


@task("turns")
def _():
    first = agent().run_sync("Hello")
    holds(agent().run_sync("And now?", message_history=first.all_messages()).output, "no text")


@task("file id")
def _():
    file = anthropic.Anthropic().files.upload(file=PDF)
    block = UploadedFile(file_id=file.id, provider_name="anthropic", media_type="application/pdf")
    holds(QUOTED in agent().run_sync([block, ASKED]).output, "not quoted")


@task("inline PDF")
def _():
    block = BinaryContent(PDF.read_bytes(), media_type="application/pdf")
    holds(QUOTED in agent().run_sync([block, ASKED]).output, "not quoted")


@task("image")
def _():
    block = BinaryContent(tasks.IMAGE.read_bytes(), media_type="image/jpeg")
    holds("JPEG" in agent().run_sync([block, "What is this?"]).output, "not described")


@task("citations")
def _():
    block = BinaryContent(PDF.read_bytes(), media_type="application/pdf")
    ran = agent(model_settings={"citations": True}).run_sync([block, ASKED])
    holds(any(part.citations for part in ran.response.parts if isinstance(part, TextPart)), ran)


@task("tool, forced")
async def _():
    tool = ToolDefinition(name="get_weather", description="Get the current weather in a city.")
    asked = ModelRequestParameters(function_tools=[tool])
    settings = {"tool_choice": "required"}
    answer = await AnthropicModel(FORCED).request([ModelRequest.user_text_prompt("Hello")], settings, asked)
    holds([call.tool_name for call in answer.tool_calls] == ["get_weather"], answer)


@task("tool, auto")
def _():
    ran = agent(tools=[get_weather]).run_sync(WEATHER)
    holds("get_weather" in str(ran.all_messages()), ran)


@task("tool loop")
def _():
    holds("Sunny" in agent(tools=[get_weather]).run_sync(WEATHER).output, "no result in the answer")


@task("tool loop", "streamed")
async def _():
    async with agent(tools=[get_weather]).run_stream(WEATHER) as stream:
        holds("Sunny" in await stream.get_output(), "no result in the answer")


for name in (MODEL, FORCED):
    for kind in (Invoice, ToolOutput(Invoice), NativeOutput(Invoice), PromptedOutput(Invoice)):

        def structured(name=name, kind=kind):
            found = agent(name, output_type=kind).run_sync(BILL).output
            holds(found == GOOD, found)

        title = kind.__name__ if isinstance(kind, type) else type(kind).__name__
        task("structured", f"{name}, {title}")(structured)


@task("structured", "streamed")
async def _():
    async with agent(FORCED, output_type=ToolOutput(Invoice)).run_stream(BILL) as stream:
        holds(await stream.get_output() == GOOD, "not found")


@task("structured", "beside a tool")
def _():
    found = agent(FORCED, tools=[get_weather], output_type=Invoice).run_sync(BILL).output
    holds(found == GOOD, found)


@task("count")
async def _():
    usage = await AnthropicModel(MODEL).count_tokens(
        [ModelRequest.user_text_prompt("Hello")], None, ModelRequestParameters()
    )
    holds(usage.input_tokens > 0, usage)


lacks("models", "pydantic_ai/models/__init__.py, Model: no method lists models")
lacks("files", "pydantic_ai/messages.py, UploadedFile: files are uploaded with the SDK")


@task("batches")
async def _():
    asked = [BatchRequest(custom_id=name, messages=[ModelRequest.user_text_prompt("Hello")]) for name in "ab"]
    soon = timedelta(milliseconds=50)
    answers = await model_request_batch(AnthropicModel(MODEL), asked, poll_interval=soon)
    holds(all(isinstance(answer, ModelResponse) and answer.text for answer in answers), answers)


@task("code")
def _():
    ran = agent(capabilities=[NativeTool(CodeExecutionTool())]).run_sync(CODE)
    holds("n.txt" in str(ran.all_messages()), ran)


@task("error: bad model")
def _():
    tasks.fails(lambda: agent("claude-9").run_sync("Hello"), ModelHTTPError, saying="404")


@task("error: too large")
def _():
    tasks.fails(lambda: agent().run_sync("x" * tasks.TOO_LARGE), ModelHTTPError, saying="413")


tasks.run()
