"""How many tokens a request will have, counted here: the API's own counter refuses files by id and code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nbfiles._files import file_kinds
from nbfiles._files.file_tokens import ESTIMATED, Counting, Range
from nbfiles._messages.answer import Usage
from nbfiles._messages.content import all_blocks
from nbfiles._messages.pricing import cost
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON, FileRecord


@redacted_repr
@dataclass(frozen=True)
class RequestPlan:
    """What a question would send and cost; nothing of it is sent.

    `files` are name, kind and size in bytes; `uploads` names those that would be uploaded first. `attached` are
    those that the conversation holds already; `blocks` are what the question adds to it.
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
    attached: tuple[str, ...] = ()


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


def of_request(request: JSON, records: Iterable[FileRecord], counting: Counting = ESTIMATED) -> Range:
    """Return the tokens of everything that the request holds; `records` are the files by id."""
    total = counting.of_text(request["system"])
    for tool in request.get("tools", ()):
        total += counting.tool or _of_json(tool, counting)
    return total + of_blocks(all_blocks(request["messages"]), records, counting)


def of_blocks(blocks: Iterable[JSON], records: Iterable[FileRecord], counting: Counting = ESTIMATED) -> Range:
    """Return the tokens of content blocks; `records` are the files by id."""
    by_id = {record.file_id: record for record in records}
    total = Range(0, 0)
    for block in blocks:
        total += _of_block(block, by_id, counting)
    return total


def price(
    model: str, tokens: Range, max_tokens: int, billing: str, cached: bool, uncached: int = 0
) -> tuple[float, float] | None:
    """Return the least and the most that a request costs in dollars: a short answer, and the longest.

    Where a prompt is `cached`, at least `uncached` tokens of it are new, and written to the cache.
    """
    if billing == "free":
        return 0.0, 0.0
    if billing != "list":
        return None
    written = tokens.high if cached else 0
    new = min(uncached, tokens.low)
    least = cost(model, Usage(0, 1, new, tokens.low - new) if cached else Usage(tokens.low, 1))
    most = cost(model, Usage(tokens.high - written, max_tokens, written))
    return None if least is None or most is None else (least, most)


def _of_block(block: JSON, by_id: dict[str, FileRecord], counting: Counting) -> Range:
    if block["type"] == "container_upload":
        return counting.in_container
    if block["type"] in ("document", "image"):
        record = by_id.get(block["source"].get("file_id", ""))
        return file_kinds.tokens(record, counting, block["type"]) if record else Range(0, 0)
    return counting.of_text(str(block["text"])) if block["type"] == "text" else _of_json(block, counting)


def _of_json(value: JSON, counting: Counting) -> Range:
    return counting.of_text(json.dumps({name: part for name, part in value.items() if name != "cache_control"}))
