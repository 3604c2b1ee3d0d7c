"""A question as the engines see it: values only, every file already found and read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.usage import PromptTokens

Unit: TypeAlias = Literal["page", "char", "block", "result"]  # what its citations count


@dataclass(frozen=True)
class Document:
    """A document or search_result block; `parts` are its pages, its one text, or its content blocks.

    `index` counts the blocks of its type in the whole request, as citations do.
    """

    index: int
    title: str | None
    file_id: str | None
    unit: Unit
    parts: tuple[str, ...]
    cite: bool
    source: str | None = None  # of a search result

    @property
    def label(self) -> str:
        """The name to call it by in an answer."""
        return self.title or f"document {self.index + 1}"


@dataclass(frozen=True)
class QueryImage:
    """An image block, as far as it can be described without looking at it."""

    where: str  # its block in the request
    name: str
    format: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True)
class DataFile:
    """A container_upload block."""

    file_id: str
    filename: str
    path: Path
    is_new: bool  # it came with the last question


@dataclass(frozen=True)
class LoadedSkill:
    """A skill of the container; `folder` holds the files of a custom one."""

    source: str
    skill_id: str
    version: str
    name: str
    folder: Path | None = None

    @property
    def shape(self) -> dict[str, str]:
        """The skill as the API shows it."""
        return {"type": self.source, "skill_id": self.skill_id, "version": self.version}


@dataclass(frozen=True)
class ClientTool:
    """A tool that the client runs; `schema` is what its input must fit."""

    name: str
    description: str
    schema: JsonObject


@dataclass(frozen=True)
class ToolChoice:
    """Who chooses tools of the client: the server (`auto`), or the request (`any`, `tool` by `name`, `none`)."""

    kind: str = "auto"
    name: str = ""
    parallel: bool = True


@dataclass(frozen=True)
class Query:
    """One request for an answer."""

    model: str
    question: str
    documents: tuple[Document, ...]
    pictures: tuple[QueryImage, ...]
    data_files: tuple[DataFile, ...]
    tool: str | None  # the version of the code execution tool
    container_id: str | None
    max_tokens: int
    stop_sequences: tuple[str, ...]
    prompt: PromptTokens
    schema: JsonObject | None = None
    prompted: bool = False  # the schema is from the system prompt, and any JSON
    tier: str = "standard"
    skills: tuple[LoadedSkill, ...] = ()
    thinking: tuple[str, str] | None = None  # when asked for: its type, and summarized or omitted
    diagnostics: JsonObject | None = None  # of the prompt cache, when asked for
    client_tools: tuple[ClientTool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    results: tuple[tuple[str, str], ...] = ()  # of tools of the client, in the newest turn: name and text
    answered: frozenset[str] = frozenset()  # names of such tools, since the user last said something in words
    conversation: tuple[str, ...] = ()  # by the user and by such tools, the newest first
    calls: int = 0  # of the tool, in the paused turns that this one goes on from

    @property
    def sources(self) -> tuple[Document, ...]:
        """What a schema is filled from: the documents, or what was said where there are none."""
        return self.documents or (Document(-1, "question", None, "char", self.conversation, False),)
