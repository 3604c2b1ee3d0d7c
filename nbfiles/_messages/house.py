"""What asking needs of the session: the place that requests go to, and its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from nbfiles._messages.builder import AnswerBuilder
from nbfiles.destinations import Destination
from nbfiles.errors import NbfilesError
from nbfiles.records import JSON, FileRecord


class AskConnection(Protocol):
    """What a question needs of its session, which knows the place that requests go to."""

    @property
    def place(self) -> str:
        """The name of the place in use."""

    @property
    def endpoint(self) -> Destination:
        """Where requests go."""

    def stream(self, request: JSON, on_repeat: Callable[[str], None]) -> Iterator[JSON]:
        """Send a Messages request and yield its events; `on_repeat` is told before one is repeated."""

    def model_list(self) -> Sequence[JSON]:
        """List the models."""

    def skill_list(self) -> Sequence[JSON]:
        """List the skills."""

    def resolve(self, words: Sequence[str], *, as_text: bool = False) -> list[FileRecord]:
        """Turn words into files, uploading what is new; tables `as_text` for who asks without code."""

    def peek(self, words: Sequence[str], *, as_text: bool = False) -> list[FileRecord]:
        """Do the same without uploading; what is new has a file_id that begins with `new `."""

    def records(self) -> list[FileRecord]:
        """Every file of the place in use."""

    def sent_text(self, record: FileRecord) -> Path:
        """Find the text that was sent of a converted file; raises UnusableFile."""

    def fetch(self, answer: AnswerBuilder, tell: Callable[[FileRecord], None]) -> list[NbfilesError]:
        """Download what an answer's code made; returns what went wrong."""

    def heal(self, request: JSON) -> JSON:
        """Return a request with what is gone uploaded again; raises FileGone."""
