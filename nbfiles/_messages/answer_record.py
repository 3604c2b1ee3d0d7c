"""What an answer holds: what was sent, what came, and how it ended, as values that go through JSON."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from nbfiles._messages.block_values import Block
from nbfiles._messages.blocks import parse_block
from nbfiles._messages.prepared import PreparedRequest
from nbfiles.errors import NbfilesError
from nbfiles.private_values import private, redacted_repr
from nbfiles.records import JSON, FileRecord, Files, Origin
from nbfiles.redact import redact

LISTS = ("notes", "evidence", "page_labels")  # of an Outcome
LOCAL = "Local server"  # the author of an answer that no model gave


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the API counts them; `input_tokens` excludes what was written to or read from the cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0

    @property
    def total_in(self) -> int:
        """All tokens that went in, from the cache or not."""
        return self.input_tokens + self.cache_write_tokens + self.cache_read_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
            self.cache_write_tokens - other.cache_write_tokens,
            self.cache_read_tokens - other.cache_read_tokens,
        )


@redacted_repr
@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended, and what is known of it beyond what was sent and what came.

    `problem` says in one line why it is not whole, `error` is what was raised. `cost` is in US dollars, None
    where unknown; `seconds` is wall-clock time. `unreported` requests failed after they were sent: they may
    have been charged beside `cost`. `evidence` says of each citation whether its quote was found, `page_labels` what
    is printed on its pages as their number, where that is another one than that of the sheet.
    """

    problem: str | None = None
    error: NbfilesError | None = field(default=None, repr=False, compare=False)
    cost: float | None = None
    seconds: float = 0.0
    unreported: int = 0
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    page_labels: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class AnswerRecord:
    """What was asked, what came, and how it ended; `Answer` is what people do with it.

    `asked` is what was sent, `blocks` what came, `outcome` how it ended. `model` is the one that answered, as the
    reply says; `local`, that no model did, but the local server, which charges nothing. `container` is the
    sandbox in which its code ran, and `files` are those that the code made.
    """

    asked: PreparedRequest = field(default_factory=PreparedRequest)
    model: str = ""
    blocks: tuple[Block, ...] = ()
    usage: Usage = field(default_factory=Usage)
    stop_reason: str | None = None
    container: str | None = None
    local: bool = False
    files: Files = field(default_factory=Files)
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        for name in ("model", "stop_reason", "container"):
            object.__setattr__(self, name, private(getattr(self, name)))

    def __repr__(self) -> str:
        names = ("question", "sources", "documents", "model", "by", "stop_reason", "problem", "thread")
        return redact(f"Answer({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})")

    @property
    def question(self) -> str:
        """The question as it was sent, its variables filled in."""
        return self.asked.question

    @property
    def request(self) -> JSON:
        """The body of the request, without credentials."""
        return self.asked.request

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the files of the conversation."""
        return self.asked.sources

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents that can be cited, by their index in the request."""
        return self.asked.documents

    @property
    def by(self) -> str:
        """Who answered: the model that the reply names, or the local server."""
        return LOCAL if self.local else self.asked.by or self.model

    @property
    def sent_to(self) -> str:
        """Where the request went, in words."""
        return self.asked.sent_to

    @property
    def thread(self) -> str | None:
        """The name of the conversation, if it has one."""
        return self.asked.thread

    @property
    def turn(self) -> int:
        """Which turn of its conversation this is, counted from 1."""
        return self.asked.turn

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables that were put into the question."""
        return self.asked.variables

    @property
    def notes(self) -> tuple[str, ...]:
        """What else a person should know."""
        return (*self.asked.notes, *self.outcome.notes)

    @property
    def problem(self) -> str | None:
        """Why the answer is not whole, in one line; None where it is."""
        return self.outcome.problem

    @property
    def error(self) -> NbfilesError | None:
        """What was raised, if anything."""
        return self.outcome.error

    @property
    def cost(self) -> float | None:
        """What it cost in US dollars; None where the price is unknown."""
        return self.outcome.cost

    @property
    def seconds(self) -> float:
        """How many seconds it took, by the clock on the wall."""
        return self.outcome.seconds

    @property
    def unreported(self) -> int:
        """How many requests failed after they were sent: they may have been charged beside `cost`."""
        return self.outcome.unreported

    def to_dict(self) -> JSON:
        """Return the answer as JSON, to be kept; `from_dict` makes it anew.

        Request, blocks and files name files by their file_ids, and the container by its id, as the API did:
        whoever saves this beside a notebook replaces them. Credentials and paths outside the working folder
        are not in it, and neither is what was raised, only its line in `problem`.

        Returns
        -------
        dict
            What `json.dumps` takes.

        """
        outcome = {f.name: getattr(self.outcome, f.name) for f in fields(self.outcome) if f.name != "error"}
        return {
            "asked": self.asked.to_dict(),
            "model": self.model,
            "blocks": [block.raw for block in self.blocks],
            "usage": asdict(self.usage),
            "stop_reason": self.stop_reason,
            "container": self.container,
            "local": self.local,
            "files": list(map(_file_to_dict, self.files)),
            "outcome": outcome | {name: list(outcome[name]) for name in LISTS},
        }

    @classmethod
    def from_dict(cls, values: JSON) -> Self:
        """Return the answer that `to_dict` gave.

        Parameters
        ----------
        values
            What `to_dict` returned, also after a way through JSON.

        Returns
        -------
        Answer
            An equal answer. It can be read; it comes from no session, so it can neither be shown nor gone on with.

        """
        outcome = values["outcome"]
        return cls(
            asked=PreparedRequest.from_dict(values["asked"]),
            model=values["model"],
            blocks=tuple(map(parse_block, values["blocks"])),
            usage=Usage(**values["usage"]),
            stop_reason=values["stop_reason"],
            container=values["container"],
            local=values.get("local", False),
            files=Files(map(_file_from_dict, values["files"])),
            outcome=Outcome(**outcome | {name: tuple(outcome.get(name, ())) for name in LISTS}),
        )


def _file_to_dict(record: FileRecord) -> JSON:
    """Return a record as JSON; a path is in it only where it lies below the working folder."""
    path = record.path if record.path and record.path.is_relative_to(Path.cwd()) else None
    origin = record.origin
    return {
        "name": record.name,
        "file_id": record.file_id,
        "kind": record.kind,
        "mime_type": record.mime_type,
        "size_bytes": record.size_bytes,
        "created_at": record.created_at.isoformat(),
        "expires_at": record.expires_at.isoformat() if record.expires_at else None,
        "sha256": record.sha256,
        "path": path.relative_to(Path.cwd()).as_posix() if path else None,
        "made_by_code": record.made_by_code,
        "converted": record.converted,
        "pages": record.pages,
        "longest_side": record.longest_side,
        "characters": record.characters,
        "origin": [origin.step, [list(pair) for pair in origin.inputs], origin.container] if origin else None,
    }


def _file_from_dict(values: JSON) -> FileRecord:
    origin, path = values["origin"], values["path"]
    inputs = tuple((name, digest) for name, digest in origin[1]) if origin else ()
    record = FileRecord(**{name: value for name, value in values.items() if name not in ("origin", "path")})
    return replace(
        record,
        created_at=datetime.fromisoformat(values["created_at"]),
        expires_at=datetime.fromisoformat(values["expires_at"]) if values["expires_at"] else None,
        path=_below(path) if path else None,
        origin=Origin(origin[0], inputs, origin[2]) if origin else None,
    )


def _below(path: str) -> Path | None:
    """Return a saved path below the working folder; None for one that leads elsewhere."""
    target = Path(os.path.normpath(Path.cwd() / path))
    return target if target.is_relative_to(Path.cwd()) else None
