"""What a question would send and cost, told before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from nbfiles._files.file_tokens import Range
from nbfiles._messages import content, token_estimate
from nbfiles._messages.preparation import AskConnection
from nbfiles._messages.prepared import PreparedRequest
from nbfiles._messages.token_estimate import RequestPlan
from nbfiles.records import JSON, FileRecord

NO_QUESTION = "There is no question yet: it is written behind the names, or below a %%ask_file line."
PERHAPS_TOO_LONG = "It may be more than {} reads, {:,} tokens: the estimate is rough."


def plan(prepared: PreparedRequest, connection: AskConnection) -> RequestPlan:
    """Return what a prepared question would send and cost; `prepared` was made without uploads."""
    request, counting = prepared.request, connection.files.index.counting
    last = request["messages"][-1]["content"]
    sent = {file_id for block in last if (file_id := content.file_id_of(block))}
    names = {record.name for record in prepared.attached if record.file_id in sent}
    records = [*connection.files.index.records, *prepared.attached]
    tokens = token_estimate.of_request(request, records, counting)
    uncached = [block for block in last if content.file_id_of(block) not in connection.asked_about]
    kinds = [block["type"] for block in last]
    return RequestPlan(
        question=prepared.question,
        model=prepared.model,
        sent_to=prepared.sent_to,
        files=tuple((r.name, str(r.kind), r.size_bytes) for r in prepared.records if r.name in names),
        attached=tuple(dict.fromkeys(r.name for r in _in_conversation(request, prepared) if r.name not in names)),
        uploads=tuple(_uploads(prepared)),
        blocks=tuple(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)),
        tokens=tokens,
        max_tokens=request["max_tokens"],
        dollars=token_estimate.price(
            prepared.model,
            tokens,
            request["max_tokens"],
            connection.billing.current,
            any("cache_control" in block for block in content.all_blocks(request["messages"])),
            token_estimate.of_blocks(uncached, records, counting).low,
        ),
        variables=prepared.variables,
        notes=(*prepared.notes, *_notes(prepared, tokens, connection.models.context(prepared.model))),
    )


def _in_conversation(request: JSON, prepared: PreparedRequest) -> list[FileRecord]:
    """Return the files that the conversation holds."""
    file_ids = set(content.file_ids(request["messages"]))
    return [record for record in prepared.attached if record.file_id in file_ids]


def _uploads(prepared: PreparedRequest) -> Iterator[str]:
    for record in prepared.attached:
        if record.file_id.startswith("new "):
            yield f"{record.name} (smaller copy)" if record.longest_side else record.name


def _notes(prepared: PreparedRequest, tokens: Range, context: int) -> Iterator[str]:
    if 0 < context < tokens.high:
        yield PERHAPS_TOO_LONG.format(prepared.model, context)
    if not prepared.question.strip():
        yield NO_QUESTION
