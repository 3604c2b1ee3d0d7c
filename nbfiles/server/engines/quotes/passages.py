"""Pages cut into passages: a sentence or a few, each with its exact place in its page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbfiles.server.messages.query import Document

LONGEST = 420  # characters of a passage: a paragraph that still reads at a glance
TOO_LONG = 700  # characters of one sentence; longer ones are not sentences
LONGEST_WORD = 20  # characters before a full stop that are looked at for an abbreviation
MOST_SENTENCES = 3
REPEATS = 3  # a first or last line seen on this many pages is a running header, not content

# A number before a bar is the first cell of a table.
_HEADING = re.compile(r"(#{1,6} .+|\d+(\.\d+)*\.? +[^\s|][^.!?]{0,70}|[A-Z][A-Z0-9 ,:&/()-]{3,70})")
_ITEM = re.compile(r"(?:\d+|[a-z])[.)] +\S")  # of a list, where another stands beside it
_MARK = re.compile(r"\s*[•▪◦‣*]\s+")  # not quoted: it would be taken for a list's
_BULLET = re.compile(r"[•▪◦‣–*-] +\S|--?\w|--$")  # also a command's option, on a line of its own
_FIELD = re.compile(r"[^\W\d_][\w /&%-]{0,30}:([ \t]+\S.{0,80})?")  # of a form: `Due date: 14 March`
_LEADERS = re.compile(r"(\. ?){5,}|…{2,}")
_ABBREVIATION = re.compile(  # or a German ordinal: `am 1. März`
    r"\b(e\.g|i\.e|etc|cf|vs|Dr|Mr|Mrs|Ms|No|Fig|Nr|z\.B|p|pp|(?<=[a-zà-ÿ] )\d{1,2})\.$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<!\.\.)[.!?][\"”’)]*(?=\n|\s+[A-ZÀ-Þ“\"(0-9•])")
_OPEN_END = re.compile(r"[\w,;-]$")


@dataclass(frozen=True, slots=True)
class DocumentPassage:
    """A stretch of one part (a page, a text, a block) of a document, with the heading above it."""

    document: Document
    part: int
    start: int
    end: int
    heading: str

    @property
    def text(self) -> str:
        """The passage, exactly as it stands in the document."""
        return self.document.parts[self.part][self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def cut(document: Document) -> Iterator[DocumentPassage]:
    """Yield the overlapping passages of a document: one begins at every sentence."""
    running = _running_lines(document.parts)
    heading = ""
    for part, text in enumerate(document.parts):
        cut_off = part > 0 and _ends_open(document.parts[part - 1], running)
        for above, run in _runs(text, running, heading):
            heading = above
            sentences = [span for span in _sentences(text, run) if span[0] < span[1]]
            if cut_off and sentences and text[sentences[0][0]].islower():
                del sentences[0]  # the rest of a sentence that began on the page before
            cut_off = False
            for i in range(len(sentences)):
                start, end = _window(sentences[i : i + MOST_SENTENCES])
                yield DocumentPassage(document, part, start, end, heading)


def _running_lines(parts: Sequence[str]) -> frozenset[str]:
    """Return the headers and footers that repeat from page to page."""
    ends = Counter(line for text in parts for line in {*_stripped(text)[:1], *_stripped(text)[-1:]})
    return frozenset(line for line, count in ends.items() if count >= REPEATS)


def _ends_open(text: str, running: frozenset[str]) -> bool:
    """Return whether a page breaks off within a sentence."""
    content = [line for line in _stripped(text) if line not in running and not _is_noise(line)]
    return bool(content) and bool(_OPEN_END.search(content[-1]))


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _runs(text: str, running: frozenset[str], heading: str) -> Iterator[tuple[str, list[_Line]]]:
    """Yield stretches of lines that belong together, each with the heading above it."""
    run: list[_Line] = []
    lines = list(_lines(text))
    fields = [bool(_FIELD.fullmatch(line.text.strip())) for line in lines]
    items = [bool(_ITEM.match(line.text.strip())) for line in lines]
    for n, line in enumerate(lines):
        bare = line.text.strip()
        in_a_list = items[n] and sum(items[max(0, n - 1) : n + 2]) > 1
        title = None if in_a_list else _HEADING.fullmatch(bare)
        in_a_form = fields[n] and sum(fields[max(0, n - 1) : n + 2]) > 1
        begins = in_a_form or in_a_list or bool(_BULLET.match(bare))
        if title or not bare or bare in running or _is_noise(bare) or begins:
            if run:
                yield heading, run
            run = [line] if begins and not title else []
            heading = bare.lstrip("# ") if title else heading
        else:
            run.append(line)
    if run:
        yield heading, run


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(start, line)
        start += len(line) + 1


def _is_noise(line: str) -> bool:
    """Return whether a line is one of a table of contents, or a page number."""
    return bool(_LEADERS.search(line)) or line.isdigit()


def _sentences(text: str, run: list[_Line]) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a run begins and ends."""
    start, stop = run[0].start, run[-1].end
    for match in _SENTENCE_END.finditer(text, start, stop):
        end = match.end()
        if not _ABBREVIATION.search(text, max(start, end - LONGEST_WORD), end) and not _is_open(
            text[max(start, end - TOO_LONG) : end], text[end : min(stop, end + LONGEST)]
        ):
            yield from _readable(text, start, end)
            start = end
    yield from _readable(text, start, stop)


def _is_open(before: str, after: str) -> bool:
    """Return whether a sentence ends within a bracket that is closed soon."""
    return before.count("(") > before.count(")") and ")" in after


def _readable(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, or its lines or words in turn where it never ends: tables, code, logs."""
    while end - start > TOO_LONG:
        line, space = text.rfind("\n", start, start + LONGEST), text.rfind(" ", start, start + LONGEST)
        stop = next((position for position in (line, space) if position > start), start + LONGEST)
        yield _trimmed(text, start, stop)
        start = stop
    yield _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    mark = _MARK.match(text, start, end)
    content = text[mark.end() if mark else start : end].strip()
    start = text.index(content, start)
    return start, start + len(content)


def _window(sentences: list[tuple[int, int]]) -> tuple[int, int]:
    """Return a passage that starts with the first sentence and takes in what still fits."""
    start, end = sentences[0]
    for _, further in sentences[1:]:
        if further - start > LONGEST:
            break
        end = further
    return start, end
