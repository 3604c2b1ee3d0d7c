"""chatlas: `ChatAnthropic`, its tools, structured data, files and batches."""

from __future__ import annotations

import tempfile
from pathlib import Path

import anthropic
import chatlas
import tasks
from chatlas._tools import ToolBuiltIn
from pydantic import BaseModel
from tasks import ASKED, BILL, CODE, FORCED, MODEL, PDF, QUOTED, WEATHER, holds, lacks, task


class Invoice(BaseModel):
    """An invoice."""

    vendor: str
    total: float


def chat(model=MODEL, **more):
    return chatlas.ChatAnthropic(model=model, **more)


def asked(*content, to=None):
    return str((to or chat()).chat(*content, echo="none"))


def get_weather(city: str) -> str:
    """Get the current weather in a city."""
    return f"Sunny in {city}."


@task("question")
def _():
    holds(asked("Hello"), "no text")


@task("stream")
def _():
    holds("".join(chat().stream("Hello", echo="none")), "no text")


@task("system")
def _():
    asked("Hello", to=chat(system_prompt="Be brief."))


@task("turns")
def _():
    one = chat()
    asked("Hello", to=one)
    asked("And now?", to=one)
    holds(len(one.get_turns()) == 4, one)


@task("file id")
def _():
    one = chat()
    holds(QUOTED in asked(one.files.upload(PDF), ASKED, to=one), "not quoted")


@task("inline PDF")
def _():
    holds(QUOTED in asked(chatlas.content_pdf_file(PDF), ASKED), "not quoted")


@task("image")
def _():
    holds("JPEG" in asked(chatlas.content_image_file(tasks.IMAGE, resize="none"), "What is this?"), "not described")


lacks("citations", "chatlas/_provider_anthropic.py, _as_content_block: documents are sent without `citations`")
lacks("tool, forced", "chatlas/_provider_anthropic.py, _chat_perform_args: tool_choice is set for a data model only")


@task("tool, auto")
def _():
    one = chat()
    one.register_tool(get_weather)
    asked(WEATHER, to=one)
    holds(any(type(part).__name__ == "ContentToolRequest" for turn in one.get_turns() for part in turn.contents), one)


@task("tool loop")
def _():
    one = chat()
    one.register_tool(get_weather)
    holds("Sunny" in asked(WEATHER, to=one), one)


@task("tool loop", "streamed")
def _():
    one = chat()
    one.register_tool(get_weather)
    holds("Sunny" in "".join(one.stream(WEATHER, echo="none")), one)


@task("structured", "native")
def _():
    found = chat(structured_output_mode="native").chat_structured(BILL, data_model=Invoice)
    holds(found == Invoice(vendor="Northwind", total=1234.5), found)


@task("structured", "tool")
def _():
    found = chat(FORCED, structured_output_mode="tool").chat_structured(BILL, data_model=Invoice)
    holds(found == Invoice(vendor="Northwind", total=1234.5), found)


@task("count")
def _():
    holds(chat().token_count("Hello") > 0, "none")


@task("models")
def _():
    holds(MODEL in [model["id"] for model in chat().list_models()], "not listed")


@task("files")
def _():
    files = chat().files
    file = files.upload(PDF)
    holds(files.get(file.id).filename == PDF.name and file.id in [each.id for each in files.list()], file)
    tasks.fails(lambda: files.download(file.id), anthropic.BadRequestError, saying="not downloadable")
    files.delete(file.id)


@task("batches")
def _():
    with tempfile.TemporaryDirectory() as folder:
        chats = chatlas.batch_chat(chat(), ["Hello", "And you?"], Path(folder, "state.json"))
    holds([one.get_last_turn().text for one in chats], chats)


CODE_IS_THEIRS = "chatlas/_provider_anthropic.py, _as_turn: it raises for server tools other than web search and fetch"


@task("code", theirs=CODE_IS_THEIRS)
def _():
    one = chat()
    definition = {"type": "code_execution_20250825", "name": "code_execution"}
    one.set_tools([ToolBuiltIn(name="code_execution", definition=definition)])
    holds("n.txt" in asked(CODE, to=one), one)


@task("error: bad model")
def _():
    tasks.fails(lambda: asked("Hello", to=chat("claude-9")), anthropic.NotFoundError)


@task("error: too large")
def _():
    tasks.fails(lambda: asked("x" * tasks.TOO_LARGE), anthropic.RequestTooLargeError)


tasks.run()
