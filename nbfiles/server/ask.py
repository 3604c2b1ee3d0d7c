"""A question as the engines see it: values only, every file already found and read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbfiles.server.usage import Prompt

_FENCE = re.compile(r"^```(?:python|py)[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A document or search_result block; `parts` are its pages, its one text, or its content blocks.

    `index` counts the blocks of its type in the whole request, as citations do.
    """

    index: int
    title: str | None
    file_id: str | None
    unit: Literal["page", "char", "block", "result"]
    parts: tuple[str, ...]
    cite: bool
    source: str | None = None  # of a search result

    @property
    def label(self) -> str:
        """The name to call it by in an answer."""
        return self.title or f"document {self.index + 1}"


@dataclass(frozen=True)
class Picture:
    """An image block, as far as it can be described without looking at it."""

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
class Ask:
    """One request for an answer."""

    model: str
    question: str
    documents: tuple[Document, ...]
    pictures: tuple[Picture, ...]
    data_files: tuple[DataFile, ...]
    runs_code: bool
    container_id: str | None
    max_tokens: int
    stop_sequences: tuple[str, ...]
    prompt: Prompt
    schema: dict[str, Any] | None = None
    tier: str = "standard"
    skills: list[dict[str, str]] | None = None  # in the container, as the API shows them

    @property
    def code(self) -> str | None:
        """The Python that the question brings along in a fenced block."""
        found = _FENCE.search(self.question)
        return found.group(1) if found else None
