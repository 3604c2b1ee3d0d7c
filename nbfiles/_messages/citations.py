"""Sources of an answer: numbered citations, and the prose that has their marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Unpack

from nbfiles import page_ranges
from nbfiles._documents.quote_search import named_pages
from nbfiles._messages.block_values import Block, Part, Prose, Text, ToolResult
from nbfiles._messages.blocks import kind_of
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.prepared import PreparedRequest
from nbfiles.errors import NbfilesError
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON

if TYPE_CHECKING:
    from nbfiles._messages.answer import Answer


class AnswerActions(Protocol):
    """What an answer asks of the kernel that it came from: to go on, and to be shown."""

    def ask(
        self,
        after: Answer,
        question: str,
        names: Sequence[object],
        variables: Mapping[str, object] | None = None,
        **options: Unpack[AskKeywords],
    ) -> Answer:
        """Ask a follow-up."""

    def show(self, value: Answer | Citation, *, again: bool = True) -> None:
        """Show an answer, or the place that it cites; not `again` where the cell shows the answer already."""

    def text(self, answer: Answer) -> str:
        """Return an answer as its cell showed it, in text."""


class CheckedQuotes(Protocol):
    """What was found out about the citations of an answer, in their order."""

    @property
    def evidence(self) -> tuple[str, ...]:
        """Whether each quote was found."""

    @property
    def page_labels(self) -> tuple[str, ...]:
        """What is printed on the pages of each."""


def available(actions: AnswerActions | None) -> AnswerActions:
    """Return what an answer calls; raises NbfilesError where it comes from no session."""
    if actions is None:
        raise NbfilesError("This answer comes from no session of this kernel. Ask anew with nbfiles.ask().")
    return actions


@redacted_repr
@dataclass(frozen=True, slots=True)
class Citation:
    """One source of a statement: `number` is its mark in the text, `where` its place in words.

    `evidence` says whether the quote stands in the local file; `raw` is the citation as the API sent it, but with
    the page numbers of the whole document where only some of its pages were sent. `page_label` is what is printed on
    the pages of a PDF, `217` or `xii–xiv`, where that is not the number of the sheet, which `raw` has; `where` names
    both.
    """

    number: int
    file: str
    where: str
    quote: str
    evidence: str = ""
    raw: JSON = field(default_factory=dict, repr=False, compare=False)
    actions: AnswerActions | None = field(default=None, repr=False, compare=False)
    page_label: str = ""

    def show(self) -> None:
        """Show the cited page with the quote marked, or the passage, from the file on this machine."""
        available(self.actions).show(self)


def number_citations(
    blocks: Sequence[Block], asked: PreparedRequest, checked: CheckedQuotes, actions: AnswerActions | None
) -> Iterator[Citation]:
    """Yield the citations, numbered from 1 in the order of the text; a repeated one has one number."""
    for number, raw in enumerate(_different(blocks), 1):
        index = raw.get("document_index")
        place = index if isinstance(index, int) and 0 <= index < len(asked.documents) else None
        name = str(raw.get("document_title") or "?") if place is None else asked.documents[place]
        raw = _in_document(raw, asked.pages[place] if place is not None and place < len(asked.pages) else "")
        evidence = next(iter(checked.evidence[number - 1 : number]), "")
        label = next(iter(checked.page_labels[number - 1 : number]), "")
        quote = str(raw.get("cited_text", ""))
        yield Citation(number, name, _location(raw, label), quote, evidence, raw, actions, label)


def _in_document(raw: JSON, pages: str) -> JSON:
    """Return a citation whose page numbers are those of the document, where only these `pages` of it were sent."""
    match raw:
        case {"type": "page_location", "start_page_number": int(first), "end_page_number": int(end)} if pages:
            last = page_ranges.in_document(max(end - 1, first), pages)
            first = page_ranges.in_document(first, pages)
            return {**raw, "start_page_number": first, "end_page_number": last + 1}
    return raw


def parts_of(blocks: Sequence[Block]) -> Iterator[Part]:
    """Yield what is drawn of an answer: prose with the numbers of its citations, and what stands between."""
    results = {block.call_id: block.content for block in blocks if isinstance(block, ToolResult)}
    numbers = {_identity(raw): n for n, raw in enumerate(_different(blocks), 1)}
    prose: list[tuple[str, tuple[int, ...]]] = []
    for block in blocks:
        if isinstance(block, Text):
            prose.append((block.text, tuple(dict.fromkeys(numbers[_identity(raw)] for raw in block.citations))))
        elif part := kind_of(block.type).part(block, results):
            if prose:
                yield Prose(tuple(prose))
                prose = []
            yield part
    if prose:
        yield Prose(tuple(prose))


def _different(blocks: Iterable[Block]) -> list[JSON]:
    raw = (raw for block in blocks if isinstance(block, Text) for raw in block.citations)
    return list({_identity(citation): citation for citation in raw}.values())


def _identity(raw: JSON) -> tuple[object, ...]:
    return raw.get("document_index"), _location(raw), raw.get("cited_text")


def span(raw: JSON) -> tuple[str, str]:
    """Return what a citation counts (`page`, `character`, `block`, or nothing), and from where to where it goes.

    Page ends are exclusive on the wire, inclusive for people.
    """
    match raw:
        case {"type": "page_location", "start_page_number": int(first), "end_page_number": int(end)}:
            return "page", f"{first}" if end - first <= 1 else f"{first}–{end - 1}"
        case {"type": "char_location", "start_char_index": int(first), "end_char_index": int(end)}:
            return "character", f"{first:,}–{end:,}"
        case {"type": "content_block_location", "start_block_index": int(first)}:
            return "block", f"{first + 1}"
    return "", ""


def _location(raw: JSON, page_label: str = "") -> str:
    """Say where a citation points."""
    unit, numbers = span(raw)
    if unit == "page":
        return named_pages(numbers, page_label)
    return f"{unit}{'s' * ('–' in numbers)} {numbers}".strip()
