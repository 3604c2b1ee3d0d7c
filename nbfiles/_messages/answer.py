"""An answer as a value: blocks as the API sent them, and the views of them that people use.

It holds no connection and draws nothing; `fold` in `stream` makes it grow, `nbfiles._display` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from nbfiles._messages import code_steps, dataframes
from nbfiles._messages.code_steps import CodeStep
from nbfiles.errors import NbfilesError
from nbfiles.records import Files, Origin

JSON = dict[str, Any]


class Doors(Protocol):
    """What an answer needs of the kernel that it came from: to go on, and to be shown."""

    def go_on(self, after: Answer, question: str, names: tuple[str, ...], **options: Any) -> Answer:
        """Ask a follow-up."""

    def show(self, value: Answer | Citation, *, again: bool = True) -> None:
        """Show an answer, or the place that it cites; not `again` where the cell shows the answer already."""

    def text(self, answer: Answer) -> str:
        """Return an answer as its cell showed it, in text."""


def _opened(doors: Doors | None) -> Doors:
    if doors is None:
        raise NbfilesError("This answer comes from no session of this kernel. Ask anew with nbfiles.ask().")
    return doors


class Shape(Protocol):
    """The fields that an answer was asked to have (`schema.Schema`)."""

    def problem(self, answer: Answer) -> str | None:
        """Say why an answer does not fill the fields."""

    def read(self, answer: Answer) -> Any:
        """Return the checked data."""

    def rows(self, answer: Answer) -> list[JSON]:
        """Return the data as rows."""


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
    doors: Doors | None = field(default=None, repr=False, compare=False)

    def show(self) -> None:
        """Show the cited page with the quote marked, or the passage, from the file on this machine."""
        _opened(self.doors).show(self)


@dataclass(frozen=True, slots=True)
class Prose:
    """Text with the numbers of the citations behind each piece."""

    pieces: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Thought:
    """What Claude thought, as far as the API shows it."""

    text: str


@dataclass(frozen=True)
class Answer:
    """Claude's answer to one question, complete or not.

    `by` is who answered, the model or the embedded server.
    `problem` says in one line why it is not whole, `error` is what was raised. `cost` is in US dollars,
    None where unknown. `seconds` is wall-clock time. `request` is what was sent, without credentials.
    `variables` are those put into the question, `notes` what else a person should know, `turn` counts
    from 1 within the `thread`. `unreported` requests failed after they were sent: they may have been charged
    beside `cost`. `inputs` are name and SHA-256 of what code can read. `evidence` says of each citation
    whether its quote was found.
    """

    question: str = ""
    sources: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)
    model: str = ""
    by: str = ""
    blocks: tuple[JSON, ...] = field(default=(), repr=False)
    usage: Usage = field(default_factory=Usage, repr=False)
    cost: float | None = field(default=None, repr=False)
    unreported: int = field(default=0, repr=False)
    seconds: float = field(default=0.0, repr=False)
    sent_to: str = field(default="", repr=False)
    stop_reason: str | None = None
    container: str | None = field(default=None, repr=False)
    files: Files = field(default_factory=Files, repr=False)
    problem: str | None = None
    request: JSON = field(default_factory=dict, repr=False)
    partial_input: str = field(default="", repr=False)
    earlier: tuple[int, Usage] = field(default=(0, Usage()), repr=False)
    thread: str | None = None
    turn: int = field(default=1, repr=False)
    variables: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    evidence: tuple[str, ...] = field(default=(), repr=False)
    shape: Shape | None = field(default=None, repr=False, compare=False)
    error: NbfilesError | None = field(default=None, repr=False, compare=False)
    doors: Doors | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return self.doors.text(self) if self.doors else repr(self)

    def _ipython_display_(self) -> None:
        """Show the answer as the result of a cell, also where no extension was loaded."""
        if self.doors is None:
            raise NotImplementedError  # IPython then shows the repr
        self.doors.show(self, again=False)

    @property
    def text(self) -> str:
        """The answer's prose, as Markdown, without citation marks."""
        return "".join(block.get("text", "") for block in self.blocks if block["type"] == "text")

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
        """Ask a follow-up in the same conversation; `names` adds files, options are those of nbfiles.ask."""
        return _opened(self.doors).go_on(self, question, names, **options)

    def show(self) -> None:
        """Show the answer again, as its cell did."""
        _opened(self.doors).show(self)

    @property
    def data(self) -> Any:
        """The fields of the schema, checked; raises NbfilesError where the answer does not fit."""
        return self._shape().read(self)

    def df(self, name: str | None = None) -> Any:
        """Return a table that the code made, such as `out.csv`, as a pandas DataFrame.

        Without a name: the data of the schema (a row, or a row for each item of its only list), or the only
        table there is. Raises NbfilesError where there is none, or its reader is not installed.
        """
        if name is None and self.shape is not None:
            return dataframes.frame(self.shape.rows(self))
        return dataframes.read(self.files, name)

    def _shape(self) -> Shape:
        if self.shape is None:
            raise NbfilesError("This answer has no fields, only .text. Ask again with --schema 'name, total float'")
        return self.shape

    def parts(self) -> Iterator[Prose | CodeStep | Thought]:
        """Yield prose, code steps and thoughts in the order of the answer."""
        results = {b["tool_use_id"]: b.get("content") for b in self.blocks if "tool_use_id" in b}
        numbers = {_identity(raw): n for n, raw in enumerate(self._raw_citations(), 1)}
        prose: list[tuple[str, tuple[int, ...]]] = []
        for block in self.blocks:
            if block["type"] == "text":
                marks = {numbers[_identity(raw)]: None for raw in block.get("citations") or ()}
                prose.append((block.get("text", ""), tuple(marks)))
            elif part := _aside(block, results):
                if prose:
                    yield Prose(tuple(prose))
                    prose = []
                yield part
        if prose:
            yield Prose(tuple(prose))

    def origins(self) -> dict[str, Origin]:
        """Return where each file that the code made comes from, by file_id, in the order of the steps."""
        container = sha256(self.container.encode()).hexdigest()[:4] if self.container else ""
        found = {
            file_id: Origin(number, self.inputs, container)
            for number, step in enumerate(self.code, 1)
            for file_id in step.file_ids
        }
        rest = (i for i in code_steps.output_file_ids(self.blocks) if i not in found)
        return found | {file_id: Origin(0, self.inputs, container) for file_id in rest}

    def _raw_citations(self) -> list[JSON]:
        raw = (raw for block in self.blocks for raw in block.get("citations") or ())
        return list({_identity(citation): citation for citation in raw}.values())

    def _numbered(self) -> Iterator[Citation]:
        for number, raw in enumerate(self._raw_citations(), 1):
            index = raw.get("document_index")
            known = isinstance(index, int) and 0 <= index < len(self.documents)
            name = self.documents[index] if known and index is not None else str(raw.get("document_title") or "?")
            evidence = self.evidence[number - 1] if number <= len(self.evidence) else ""
            quote = str(raw.get("cited_text", ""))
            yield Citation(number, name, _place(raw), quote, evidence, raw, self.doors)


def _identity(raw: JSON) -> tuple[Any, ...]:
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


def _aside(block: JSON, results: JSON) -> CodeStep | Thought | None:
    """Return what stands between pieces of prose."""
    match block:
        case {"type": "server_tool_use"}:
            return code_steps.read(block, results.get(str(block.get("id"))))
        case {"type": "thinking", "thinking": str(text)} if text.strip():
            return Thought(text)
    return None
