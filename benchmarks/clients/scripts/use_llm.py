"""llm with its plugin llm-anthropic, as a library."""

from __future__ import annotations

import llm
import llm.cli
import tasks
from click.testing import CliRunner
from llm_anthropic import ClaudeMessages, CodeExecution
from pydantic import BaseModel
from tasks import ASKED, BILL, CODE, MODEL, PDF, QUOTED, WEATHER, holds, lacks, task


class Invoice(BaseModel):
    """An invoice."""

    vendor: str
    total: float


def get_weather(city: str) -> str:
    """Get the current weather in a city."""
    return f"Sunny in {city}."


def model(name=MODEL):
    return llm.get_model(f"anthropic/{name}")


def asked(words, **more):
    return model().prompt(words, stream=False, **more)


def command(*words):
    """Run `llm anthropic …` as on a command line."""
    return CliRunner().invoke(llm.cli.cli, ["anthropic", *words], catch_exceptions=False).output


@task("question")
def _():
    holds(asked("Hello").text(), "no text")


@task("question", "asynchronous")
async def _():
    holds(await llm.get_async_model(f"anthropic/{MODEL}").prompt("Hello").text(), "no text")


@task("stream")
def _():
    holds("".join(model().prompt("Hello")), "no text")


@task("system")
def _():
    asked("Hello", system="Be brief.").text()


@task("turns")
def _():
    conversation = model().conversation()
    conversation.prompt("Hello").text()
    holds(conversation.prompt("And now?").text(), "no text")


lacks("file id", "llm_anthropic.py, source_for_attachment: an attachment is a URL or base64")


@task("inline PDF")
def _():
    holds(QUOTED in asked(ASKED, attachments=[llm.Attachment(path=str(PDF))]).text(), "not quoted")


@task("image")
def _():
    answer = asked("What is this?", attachments=[llm.Attachment(path=str(tasks.IMAGE))])
    holds("JPEG" in answer.text(), answer)


lacks("citations", "llm_anthropic.py, _Shared: attachments are sent without `citations`")
lacks("tool, forced", "llm_anthropic.py, _Shared: tool_choice is sent for a schema only")


@task("tool, auto")
def _():
    holds([call.name for call in asked(WEATHER, tools=[get_weather]).tool_calls()] == ["get_weather"], "no call")


@task("tool loop")
def _():
    holds("Sunny" in model().chain(WEATHER, tools=[get_weather]).text(), "no result in the answer")


@task("structured")
def _():
    found = Invoice.model_validate_json(asked(BILL, schema=Invoice).text())
    holds(found == Invoice(vendor="Northwind", total=1234.5), found)


@task("count")
def _():
    holds(int(command("count", "Hello", "-m", f"anthropic/{MODEL}")) > 0, "none")


@task("models")
def _():
    holds(MODEL in command("models"), "not listed")


lacks("files", "llm_anthropic.py, register_commands: models, refresh and count are its commands")
lacks("batches", "llm_anthropic.py, register_commands: models, refresh and count are its commands")


@task("code")
def _():
    holds("n.txt" in asked(CODE, tools=[CodeExecution()]).text(), "nothing was made")


@task("error: bad model")
def _():
    tasks.fails(lambda: ClaudeMessages("claude-9").prompt("Hello").text(), Exception, saying="claude-9")


@task("error: too large")
def _():
    tasks.fails(lambda: asked("x" * tasks.TOO_LARGE).text(), Exception, saying="413")


tasks.run()
