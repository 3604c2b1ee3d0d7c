"""How many tokens a request will have, counted here: the API's own counter refuses files by id and code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from nbfiles._documents import pdf
from nbfiles._messages.answer import Usage
from nbfiles._messages.content import all_blocks
from nbfiles._messages.pricing import cost
from nbfiles.records import JSON, FileRecord, Kind

# Characters a token: English prose in the older and in the newer tokenizer, which makes a third more.
MOST_CHARS, FEWEST_CHARS = 4.0, 2.5
PAGE_PICTURE = (1_000, 3_000)  # tokens of a PDF page besides its text
TILE, LONGEST_SIDE = 28, 2_576  # pixels; an image is counted in tiles, after it was made smaller
IN_CONTAINER = (50, 200)  # tokens to tell the model of a file that code can read
TOOL = (500, 3_000)  # tokens that the code execution tool adds to the prompt


class Range(NamedTuple):
    """At least and at most."""

    low: int
    high: int

    def __add__(self, other: object) -> Range:
        assert isinstance(other, Range)
        return Range(self.low + other.low, self.high + other.high)


@dataclass(frozen=True)
class RequestPlan:
    """What a question would send and cost; nothing of it is sent.

    `files` are name, kind and size in bytes; `uploads` names those that would be uploaded first.
    `dollars` are the least and the most it may cost, None where the price is unknown.
    """

    question: str
    model: str
    sent_to: str
    files: tuple[tuple[str, str, int], ...]
    uploads: tuple[str, ...]
    blocks: tuple[str, ...]
    tokens: Range
    max_tokens: int
    dollars: tuple[float, float] | None
    variables: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def together(plans: Sequence[RequestPlan], requests: int) -> RequestPlan:
    """Return one plan for several questions, each of them in so many `requests` about as large."""
    dollars = [plan.dollars for plan in plans if plan.dollars]
    sums = tuple(requests * sum(ends) for ends in zip(*dollars, strict=True))
    return replace(
        plans[0],
        files=tuple(file for plan in plans for file in plan.files),
        uploads=tuple(name for plan in plans for name in plan.uploads),
        tokens=Range(*(requests * sum(ends) for ends in zip(*(plan.tokens for plan in plans), strict=True))),
        max_tokens=requests * sum(plan.max_tokens for plan in plans),
        dollars=(sums[0], sums[1]) if len(dollars) == len(plans) else None,
        notes=(*plans[0].notes, f"{requests * len(plans)} requests; the blocks are those of the first."),
    )


def of_request(request: JSON, records: Iterable[FileRecord]) -> Range:
    """Return the tokens of everything that the request holds; `records` are the files by id."""
    by_id = {record.file_id: record for record in records}
    total = of_text(request["system"]) + (Range(*TOOL) if "tools" in request else Range(0, 0))
    for block in all_blocks(request["messages"]):
        total += _of_block(block, by_id)
    return total


def price(model: str, tokens: Range, max_tokens: int, billing: str, cached: bool) -> tuple[float, float] | None:
    """Return the least and the most that a request costs in dollars: a short answer, and the longest."""
    if billing == "free":
        return 0.0, 0.0
    if billing != "list":
        return None
    written = tokens.high if cached else 0
    least = cost(model, Usage(0, 1, 0, tokens.low) if cached else Usage(tokens.low, 1))
    most = cost(model, Usage(tokens.high - written, max_tokens, written))
    return None if least is None or most is None else (least, most)


def of_text(text: str | int) -> Range:
    """Return the tokens of a text, or of so many characters."""
    length = len(text) if isinstance(text, str) else text
    return Range(ceil(length / MOST_CHARS), ceil(length / FEWEST_CHARS))


def _of_block(block: JSON, by_id: dict[str, FileRecord]) -> Range:
    if block["type"] == "container_upload":
        return Range(*IN_CONTAINER)
    if block["type"] in ("document", "image"):
        record = by_id.get(block["source"].get("file_id", ""))
        return _of_file(record) if record else Range(0, 0)
    return of_text(len(str(block.get("text") or block)))


def _of_file(record: FileRecord) -> Range:
    path = record.path if record.path and record.path.is_file() else None
    if record.kind is Kind.IMAGE:
        return _of_image(path)
    if record.kind is Kind.PDF:
        return _of_pdf(path, record.size_bytes)
    return of_text(record.size_bytes)


def _of_image(path: Path | None) -> Range:
    most = (LONGEST_SIDE // TILE) ** 2
    if path is None:
        return Range(1, most)
    try:
        with Image.open(path) as image:
            width, height = image.size
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return Range(1, most)
    scale = min(1.0, LONGEST_SIDE / max(width, height, 1))
    tiles = ceil(width * scale / TILE) * ceil(height * scale / TILE)
    return Range(tiles, tiles)


def _of_pdf(path: Path | None, size: int) -> Range:
    """Count pages and text; of a PDF that is not here any more, only its size is known."""
    if path is None:
        return Range(PAGE_PICTURE[0], of_text(size).high + PAGE_PICTURE[1])
    try:
        pages = pdf.page_texts(path)
    except pdf.DocumentError:
        return Range(PAGE_PICTURE[0], of_text(size).high + PAGE_PICTURE[1])
    text = of_text(sum(map(len, pages)))
    return Range(text.low + PAGE_PICTURE[0] * len(pages), text.high + PAGE_PICTURE[1] * len(pages))
