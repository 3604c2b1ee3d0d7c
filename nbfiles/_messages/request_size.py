"""What a request may hold, all turns of its conversation together: refused before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nbfiles import limits, page_ranges
from nbfiles._documents.pdf import DocumentError
from nbfiles._files import file_kinds, file_tokens
from nbfiles._files.file_tokens import Counting, Range
from nbfiles._files.store import FileStore
from nbfiles._messages.answer import Answer
from nbfiles._messages.content import all_blocks, file_id_of
from nbfiles._messages.options import AskKeywords
from nbfiles.errors import BadInput, FileErrors, Spelled
from nbfiles.options import spelled
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON, FileRecord, Kind

DENSE_PAGE = 6_000  # tokens of text that hardly a page of PDF has; only where so many may be too many, all are read
TEXT_ALONE = Counting(4.0, 4.0, Range(0, 0), Range(0, 0), Range(0, 0))  # the least that a request can have
LARGE_TEXT = 100_000  # bytes of a file from which on its text is made to know how long it is
MOST_NAMED = 3  # files in one sentence

Message = list[str | Spelled]


@redacted_repr
@dataclass(frozen=True, slots=True)
class RequestSize:
    """The files of a request: those of earlier turns and those of its question, and who is to read them.

    `context` is how many tokens the `model` reads, 0 where that is not known. `said` is the least number of tokens
    of what was said; `thread` names the conversation, where it has a name.
    """

    earlier: Sequence[FileRecord]
    asked: Sequence[FileRecord]
    model: str
    context: int
    said: int = 0
    thread: str | None = None

    def check(self) -> None:
        """Raise BadInput for more pages, images or text than a request takes, with what to type instead."""
        self._check_pages()
        self._check_images()
        self._check_text()

    def _check_pages(self) -> None:
        most = limits.most_pages(self.context)
        before = sum(map(_pages, self.earlier))
        counts = [(record, count) for record in self.asked if (count := _pages(record))]
        total = before + sum(count for _, count in counts)
        if total <= most:
            return
        if not before and len(counts) == 1:
            raise BadInput(*_advised(self._too_many_of_one(*counts[0], most), self._other_model(total)))
        names = _listed([f"“{record.name}” ({page_ranges.counted(count)})" for record, count in counts])
        held = f"This conversation holds {page_ranges.counted(before)} of PDF"
        with_names = f"; with {names}, it has {total:,}" if counts else ""
        what = f"{held}{with_names}" if before else f"{names} have {total:,} pages together"
        part = _part(counts[-1][0], most - (total - counts[-1][1])) if counts else []
        raise BadInput(
            *_advised(
                f"{what}, and {self._reader} takes at most {most}.",
                part,
                self._begin_anew() if before else _each(),
                self._other_model(total),
            )
        )

    def _too_many_of_one(self, record: FileRecord, count: int, most: int) -> str:
        whole = record.name.removesuffix(f"[{record.pages}]")
        of = (whole, page_ranges.read(record.pages)) if record.pages and whole != record.name else None
        return page_ranges.too_many(record.name, count, most, of, self._reader)

    def _check_images(self) -> None:
        most = limits.most_images(self.context)
        before, new = (sum(map(_is_image, records)) for records in (self.earlier, self.asked))
        if before + new <= most:
            return
        held = f"This conversation holds {before:,} images; with those of this question, it has {before + new:,}"
        what = held if before else f"This question has {new:,} images"
        raise BadInput(
            *_advised(
                f"{what}, and {self._reader} takes at most {most}.",
                self._begin_anew() if before else _each(),
                self._other_model(before + new),
            )
        )

    def _check_text(self) -> None:
        if not self.context:
            return
        records = [*self.earlier, *self.asked]
        pages = sum(map(_pages, records))
        rest = self.said + sum(_text_tokens(record) for record in records if record.kind != Kind.PDF)
        if rest + pages * DENSE_PAGE <= self.context:
            return
        total = rest + sum(_text_tokens(record) for record in records if record.kind == Kind.PDF)
        if total <= self.context:
            return
        largest = max(self.asked, key=_text_tokens, default=None)
        about = f", of which “{largest.name}” has {_text_tokens(largest):,}" if largest and len(records) > 1 else ""
        raise BadInput(
            *_advised(
                f"This would be at least {total:,} tokens (estimated){about}, and {self.model} reads at most "
                f"{self.context:,}. Ask about fewer files, or about a part of them.",
                self._begin_anew() if self.earlier else _each() if len(self.asked) > 1 else [],
            )
        )

    @property
    def _reader(self) -> str:
        return self.model if 0 < self.context < limits.MILLION else "a question"

    def _begin_anew(self) -> Message:
        """Say how to leave the earlier turns out."""
        ask = spelled(AskKeywords, "fresh", True) if self.thread else Spelled("nbfiles.ask(…)", "%%ask_file …")
        return ["begin anew, without the earlier turns: ", ask]

    def _other_model(self, count: int) -> Message:
        """Say that other models take more pages and images, where they do."""
        if not 0 < self.context < limits.MILLION or count > limits.PAGES:
            return []
        larger = f"ask a model with a larger context, which takes {limits.PAGES}: "
        return [larger, Spelled("nbfiles.models()", "%nbfiles models")]


def _advised(problem: str, *advice: Message) -> Message:
    """Return a problem and what can be done about it: `… at most 600. Split it …: a.pdf[1-9]; or begin anew: …`."""
    message: Message = [problem]
    for words, *typed in filter(None, advice):
        is_first = problem.endswith(".") and len(message) == 1
        message += [f" {str(words).capitalize()}" if is_first else f"; or {words}", *typed]
    return message


def _part(record: FileRecord, room: int) -> Message:
    """Say which pages of a file would fit."""
    if room < 1:
        return []
    whole = record.name.removesuffix(f"[{record.pages}]") if record.pages else record.name
    numbers = page_ranges.numbers(record.pages) if record.pages else list(range(1, room + 1))
    pages = page_ranges.written(page_ranges.ranges_of(numbers[:room]))
    return ["split it by pages, for example: ", f"{whole}[{pages}]"]


def _each() -> Message:
    return ["ask about each on its own: ", Spelled("nbfiles.ask_each", "--each")]


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    named = [*names[:MOST_NAMED], *more]
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else "".join(named)


def _is_image(record: FileRecord) -> bool:
    return file_kinds.of_record(record).block == "image"


def _pages(record: FileRecord) -> int:
    """Return how many pages of PDF a file adds to a request; 0 where that is not known."""
    if record.kind != Kind.PDF:
        return 0
    if record.pages:
        return len(page_ranges.numbers(record.pages))
    try:
        return file_tokens.page_count(record)
    except DocumentError:
        return 0


def _text_tokens(record: FileRecord) -> int:
    """Return the fewest tokens that the text of a file can have."""
    return 0 if file_kinds.of_record(record).block == file_kinds.CODE else file_kinds.tokens(record, TEXT_ALONE).low


def _said(request: JSON) -> int:
    """Return the fewest tokens of what was said."""
    texts = (block["text"] for block in all_blocks(request["messages"]) if block["type"] == "text")
    return TEXT_ALONE.of_text(sum(map(len, texts))).low


def of_request(request: JSON, records: Iterable[FileRecord], context: int, thread: str | None = None) -> RequestSize:
    """Return the size of a request; `records` are the files by id."""
    by_id = {record.file_id: record for record in records}
    *before, last = request["messages"]
    return RequestSize(
        list(_read_files(before, by_id)),
        list(_read_files([last], by_id)),
        request["model"],
        context,
        _said(request),
        thread,
    )


def _read_files(messages: Sequence[JSON], by_id: dict[str, FileRecord]) -> Iterator[FileRecord]:
    """Yield the files of messages that the model reads itself, as often as they are there."""
    for block in all_blocks(messages):
        record = by_id.get(file_id_of(block) or "")
        if record and block["type"] in ("document", "image"):
            yield record


def before_uploads(
    files: FileStore, names: Sequence[str], after: Answer | None, model: str, context: int, thread: str | None
) -> None:
    """Raise BadInput for files that a question would not take, before they are uploaded."""
    failed: FileErrors = {}  # raised when they are uploaded
    by_id = {record.file_id: record for record in after.asked.attached} if after else {}
    earlier = list(_read_files(after.request["messages"], by_id)) if after else []
    sent = {record.file_id for record in earlier}
    new = [record for record in files.peek(names, failed=failed) if record.file_id not in sent]
    asked = [
        files.measured(record) if record.size_bytes > LARGE_TEXT else record
        for record in new
        if file_kinds.of_record(record).block != file_kinds.CODE
    ]
    RequestSize(earlier, asked, model, context, thread=thread).check()
