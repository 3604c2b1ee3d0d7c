"""claudette. It sends `temperature` with every question, which the SDK has since 2.0 no more: it runs with 1.x."""

from __future__ import annotations

from dataclasses import dataclass

import anthropic
import claudette
import tasks
from tasks import ASKED, BILL, PDF, QUOTED, WEATHER, holds, lacks, task

MODEL = "claude-sonnet-4-6"  # the newest that claudette knows


def get_weather(
    city: str,  # the city
) -> str:
    """Get the current weather in a city."""
    return f"Sunny in {city}."


@dataclass
class Invoice:
    """An invoice."""

    vendor: str  # who sent it
    total: float  # what is to be paid


def words(answer):
    return claudette.contents(answer)


@task("question")
def _():
    holds(words(claudette.Client(MODEL)("Hello")), "no text")


@task("stream")
def _():
    holds("".join(claudette.Client(MODEL)("Hello", stream=True)), "no text")


@task("system")
def _():
    words(claudette.Chat(MODEL, sp="Be brief.")("Hello"))


@task("turns")
def _():
    chat = claudette.Chat(MODEL)
    chat("Hello")
    chat("And now?")
    holds(len(chat.h) == 4, chat.h)


@task("file id")
def _():
    file = anthropic.Anthropic().beta.files.upload(file=PDF)
    block = {"type": "document", "source": {"type": "file", "file_id": file.id}}
    sdk = anthropic.Anthropic(default_headers={"anthropic-beta": "files-api-2025-04-14"})
    answer = claudette.Client(MODEL, cli=sdk)([{"role": "user", "content": [block, {"type": "text", "text": ASKED}]}])
    holds(QUOTED in words(answer), answer)


@task("inline PDF")
def _():
    holds(QUOTED in words(claudette.Chat(MODEL)([PDF.read_bytes(), ASKED])), "not quoted")


@task("image")
def _():
    holds("JPEG" in words(claudette.Chat(MODEL)([tasks.IMAGE.read_bytes(), "What is this?"])), "not described")


@task("citations")
def _():
    source = {"type": "base64", "media_type": "application/pdf", "data": tasks.in_base64(PDF)}
    block = {"type": "document", "title": PDF.name, "source": source, "citations": {"enabled": True}}
    answer = claudette.Client(MODEL)([{"role": "user", "content": [block, {"type": "text", "text": ASKED}]}])
    holds(f"[^1]: {PDF.name}" in words(answer), words(answer))


@task("tool, forced")
def _():
    answer = claudette.Client(MODEL)("Hello", tools=[get_weather], tool_choice="get_weather")
    holds(claudette.find_block(answer, "tool_use").name == "get_weather", answer)


@task("tool, auto")
def _():
    answer = claudette.Client(MODEL)(WEATHER, tools=[get_weather])
    holds(claudette.find_block(answer, "tool_use").name == "get_weather", answer)


@task("tool loop")
def _():
    turns = [words(answer) for answer in claudette.Chat(MODEL, tools=[get_weather]).toolloop(WEATHER)]
    holds("Sunny" in str(turns[-1]), turns)


@task("structured")
def _():
    found = claudette.Client(MODEL).structured(BILL, Invoice)
    holds(found == [Invoice("Northwind", 1234.5)], found)


lacks("count", "claudette/core.py: no function counts tokens")
lacks("models", "claudette/core.py: `models` is a list in its source")
lacks("files", "claudette/core.py: no function for files; `Client.c` is the SDK's client")
lacks("batches", "claudette/core.py: no function for batches")


lacks("code", "claudette/core.py: results of server tools other than web search are not shown")


@task("error: bad model")
def _():
    tasks.fails(lambda: claudette.Client("claude-9")("Hello"), anthropic.NotFoundError)


@task("error: too large")
def _():
    tasks.fails(lambda: claudette.Client(MODEL)("x" * tasks.TOO_LARGE), anthropic.APIStatusError, saying="413")


tasks.run()
