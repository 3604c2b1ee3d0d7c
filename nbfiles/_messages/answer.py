"""An answer as a value: what was asked, the blocks that came, how it ended, and the views that people use.

It holds no connection and draws nothing: AnswerBuilder makes it of events, `nbfiles._display` shows it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from nbfiles._messages import code_steps, dataframes
from nbfiles._messages.blocks import Block, Part, Prose, Text, ToolResult, kind_of, parse_block
from nbfiles._messages.code_steps import CodeStep
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.prepared import PreparedRequest
from nbfiles.errors import NbfilesError
from nbfiles.options import spelled
from nbfiles.records import JSON, FileRecord, Files, Origin


class AnswerActions(Protocol):
    """What an answer asks of the kernel that it came from: to go on, and to be shown."""

    def ask(self, after: Answer, question: str, names: tuple[str, ...], **options: Any) -> Answer:
        """Ask a follow-up."""

    def show(self, value: Answer | Citation, *, again: bool = True) -> None:
        """Show an answer, or the place that it cites; not `again` where the cell shows the answer already."""

    def text(self, answer: Answer) -> str:
        """Return an answer as its cell showed it, in text."""


def _available(actions: AnswerActions | None) -> AnswerActions:
    if actions is None:
        raise NbfilesError("This answer comes from no session of this kernel. Ask anew with nbfiles.ask().")
    return actions


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


@dataclass(frozen=True, slots=True)
class Citation:
    """One source of a statement: `number` is its mark in the text, `where` its place in words.

    `evidence` says whether the quote stands in the local file; `raw` is the citation as the API sent it.
    """

    number: int
    file: str
    where: str
    quote: str
    evidence: str = ""
    raw: JSON = field(default_factory=dict, repr=False, compare=False)
    actions: AnswerActions | None = field(default=None, repr=False, compare=False)

    def show(self) -> None:
        """Show the cited page with the quote marked, or the passage, from the file on this machine."""
        _available(self.actions).show(self)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended, and what is known of it beyond what was sent and what came.

    `problem` says in one line why it is not whole, `error` is what was raised. `cost` is in US dollars, None
    where unknown; `seconds` is wall-clock time. `unreported` requests failed after they were sent: they may
    have been charged beside `cost`. `evidence` says of each citation whether its quote was found.
    """

    problem: str | None = None
    error: NbfilesError | None = field(default=None, repr=False, compare=False)
    cost: float | None = None
    seconds: float = 0.0
    unreported: int = 0
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Answer:
    """Claude's answer to one question, complete or not.

    `asked` is what was sent, `blocks` what came, `outcome` how it ended. `model` is the one that answered,
    `container` the sandbox in which its code ran, and `files` are those that the code made. The most useful
    parts of them have names of their own here, such as `text`, `citations`, `code`, `cost` and `problem`.
    """

    asked: PreparedRequest = field(default_factory=PreparedRequest)
    model: str = ""
    blocks: tuple[Block, ...] = ()
    usage: Usage = field(default_factory=Usage)
    stop_reason: str | None = None
    container: str | None = None
    files: Files = field(default_factory=Files)
    outcome: Outcome = field(default_factory=Outcome)
    actions: AnswerActions | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        names = ("question", "sources", "documents", "model", "by", "stop_reason", "problem", "thread")
        return f"Answer({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    def __str__(self) -> str:
        return self.actions.text(self) if self.actions else repr(self)

    def _ipython_display_(self) -> None:
        """Show the answer as the result of a cell, also where no extension was loaded."""
        if self.actions is None:
            raise NotImplementedError  # IPython then shows the repr
        self.actions.show(self, again=False)

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
        """Who answered: the model, or the embedded server."""
        return self.asked.by

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

    @property
    def text(self) -> str:
        """The answer's prose, as Markdown, without citation marks."""
        return "".join(block.text for block in self.blocks if isinstance(block, Text))

    @property
    def complete(self) -> bool:
        """Whether the whole answer arrived."""
        return self.problem is None and self.stop_reason in ("end_turn", "stop_sequence")

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources, numbered from 1 in the order of the text; a repeated one has one number."""
        return tuple(self._numbered())

    @property
    def code(self) -> tuple[CodeStep, ...]:
        """The code that ran, step by step."""
        return tuple(part for part in self.parts() if isinstance(part, CodeStep))

    def ask(self, question: str, *names: str, **options: Any) -> Answer:
        """Ask a follow-up in the same conversation.

        Parameters
        ----------
        question
            The question; `{{name}}` in it is replaced where `variables` are given.
        names
            Files that join the conversation: names, globs or paths.
        options
            Those of `nbfiles.ask`.

        Returns
        -------
        Answer
            The next turn.

        Raises
        ------
        NbfilesError
            Where the question cannot be asked, or its answer is cut; its `answer` holds what had arrived.

        """
        return _available(self.actions).ask(self, question, names, **options)

    def show(self) -> None:
        """Show the answer again, as its cell did.

        Raises
        ------
        NbfilesError
            Where the answer comes from no session of this kernel.

        """
        _available(self.actions).show(self)

    @property
    def data(self) -> Any:
        """The fields of the schema, checked; raises NbfilesError where the answer does not fit."""
        if self.asked.schema is None:
            schema = spelled(AskKeywords, "schema", "name, total float")
            raise NbfilesError("This answer has no fields, only .text. Ask again with ", schema, ".")
        if reason := self.data_problem():
            error = NbfilesError(f"{reason} The reply as it came is in .text")
            error.answer = self
            raise error
        return self.asked.schema.read(self.text)

    def data_problem(self) -> str | None:
        """Say in one line why the answer does not fill the fields of its schema; None where it does.

        Returns
        -------
        str or None
            The line, or None; also None where no schema was asked for.

        """
        schema = self.asked.schema
        if schema is None:
            return None
        return schema.problem(self.text, self.stop_reason, self.request.get("max_tokens", 0))

    def df(self, name: str | None = None) -> Any:
        """Return a table that the code made, or the data of the schema, as a pandas DataFrame.

        Parameters
        ----------
        name
            The name of a file, such as `out.csv`. Without it: the data of the schema (a row, or a row for each
            item of its only list), or the only table there is.

        Returns
        -------
        pandas.DataFrame
            The table.

        Raises
        ------
        NbfilesError
            Where there is no such table, or its reader is not installed.

        """
        if name is None and self.asked.schema is not None:
            return dataframes.frame(self.asked.schema.rows(self.data))
        return dataframes.read(self.files, name)

    def parts(self) -> Iterator[Part]:
        """Yield what is drawn, in the order of the answer.

        Yields
        ------
        Prose, CodeStep, Thought or Block
            Prose for text blocks that follow each other, a CodeStep for each call, a Thought where it has
            words, and other blocks as they are where their type has a view in BLOCKS.

        """
        results = {block.call_id: block.content for block in self.blocks if isinstance(block, ToolResult)}
        numbers = {_identity(raw): n for n, raw in enumerate(self._raw_citations(), 1)}
        prose: list[tuple[str, tuple[int, ...]]] = []
        for block in self.blocks:
            if isinstance(block, Text):
                prose.append((block.text, tuple(dict.fromkeys(numbers[_identity(raw)] for raw in block.citations))))
            elif part := kind_of(block.type).part(block, results):
                if prose:
                    yield Prose(tuple(prose))
                    prose = []
                yield part
        if prose:
            yield Prose(tuple(prose))

    def origins(self) -> dict[str, Origin]:
        """Return where each file that the code made comes from.

        Returns
        -------
        dict
            From file_id to Origin, in the order of the steps.

        """
        container = sha256(self.container.encode()).hexdigest()[:4] if self.container else ""
        origins = {
            file_id: Origin(number, self.asked.inputs, container)
            for number, step in enumerate(self.code, 1)
            for file_id in step.file_ids
        }
        others = (i for i in code_steps.output_file_ids([block.raw for block in self.blocks]) if i not in origins)
        return origins | {file_id: Origin(0, self.asked.inputs, container) for file_id in others}

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
            "files": list(map(_file_to_dict, self.files)),
            "outcome": outcome | {name: list(outcome[name]) for name in ("notes", "evidence")},
        }

    @classmethod
    def from_dict(cls, values: JSON, actions: AnswerActions | None = None) -> Answer:
        """Return the answer that `to_dict` gave.

        Parameters
        ----------
        values
            What `to_dict` returned, also after a way through JSON.
        actions
            What `ask`, `show` and `print` of the answer call.

        Returns
        -------
        Answer
            An equal answer; without `actions` it can be read, and neither shown nor gone on with.

        """
        outcome = values["outcome"]
        return cls(
            asked=PreparedRequest.from_dict(values["asked"]),
            model=values["model"],
            blocks=tuple(map(parse_block, values["blocks"])),
            usage=Usage(**values["usage"]),
            stop_reason=values["stop_reason"],
            container=values["container"],
            files=Files(map(_file_from_dict, values["files"])),
            outcome=Outcome(**outcome | {name: tuple(outcome[name]) for name in ("notes", "evidence")}),
            actions=actions,
        )

    def _raw_citations(self) -> list[JSON]:
        raw = (raw for block in self.blocks if isinstance(block, Text) for raw in block.citations)
        return list({_identity(citation): citation for citation in raw}.values())

    def _numbered(self) -> Iterator[Citation]:
        evidence = self.outcome.evidence
        for number, raw in enumerate(self._raw_citations(), 1):
            index = raw.get("document_index")
            in_request = isinstance(index, int) and 0 <= index < len(self.documents)
            title = str(raw.get("document_title") or "?")
            name = self.documents[index] if in_request and index is not None else title
            words = evidence[number - 1] if number <= len(evidence) else ""
            yield Citation(number, name, _place(raw), str(raw.get("cited_text", "")), words, raw, self.actions)


def _identity(raw: JSON) -> tuple[object, ...]:
    return raw.get("document_index"), _place(raw), raw.get("cited_text")


def _place(raw: JSON) -> str:
    """Say where a citation points; page ends are exclusive on the wire, inclusive for people."""
    match raw:
        case {"type": "page_location", "start_page_number": int(first), "end_page_number": int(end)}:
            return f"page {first}" if end - first <= 1 else f"pages {first}–{end - 1}"
        case {"type": "char_location", "start_char_index": int(first), "end_char_index": int(end)}:
            return f"characters {first:,}–{end:,}"
        case {"type": "content_block_location", "start_block_index": int(first)}:
            return f"block {first + 1}"
    return ""


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
