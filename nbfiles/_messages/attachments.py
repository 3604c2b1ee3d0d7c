"""The files that a conversation holds: each is sent once, and again only where its bytes have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nbfiles._messages.answer import Answer
from nbfiles._messages.content import all_blocks, file_id_of
from nbfiles.records import JSON, FileRecord

NEWER = "This is a newer version of “{}”: it replaces what was attached under that name before."


def attached(after: Answer | None, records: Iterable[FileRecord] = ()) -> tuple[FileRecord, ...]:
    """Return the files of a conversation in the order they came, with those of its next question behind them."""
    every = [*(after.asked.attached if after else ()), *records]
    return tuple({(record.file_id, record.name): record for record in every}.values())


def with_living_files(after: Answer, current: Sequence[FileRecord]) -> Answer:
    """Return an answer to go on with, whose request names the file_ids that its files have now.

    A file that was gone from the workspace and uploaded again has another id, and the same bytes. One that is
    `current` under its old id, too, stays as it is: another id would miss the prompt cache.
    """
    living = {record.file_id for record in current}
    by_key = {_identity(record): record for record in current}
    records = [
        by_key.get(_identity(record), record) if record.file_id not in living else record
        for record in after.asked.attached
    ]
    moved = {
        old.file_id: new.file_id
        for old, new in zip(after.asked.attached, records, strict=True)
        if old.file_id != new.file_id
    }
    if not moved:
        return after
    messages = [_moved(message, moved) for message in after.request["messages"]]
    renamed = tuple(replace(old, file_id=moved.get(old.file_id, old.file_id)) for old in after.asked.attached)
    asked = replace(after.asked, request={**after.request, "messages": messages}, attached=renamed)
    return replace(after, asked=asked)


def not_sent_yet(blocks: Sequence[JSON], after: Answer) -> list[JSON]:
    """Return the blocks of files that the conversation does not hold; a newer version of a file is said to be one."""
    sent = [block for block in _of_users(after.request["messages"]) if file_id_of(block)]
    places = {(block["type"], file_id_of(block)) for block in sent}
    titles = {block.get("title") for block in sent if block["type"] == "document"}
    new = [block for block in blocks if (block["type"], file_id_of(block)) not in places]
    return [
        block | {"context": NEWER.format(block["title"])}
        if block["type"] == "document" and block["title"] in titles
        else block
        for block in new
    ]


def about(records: Sequence[FileRecord], after: Answer) -> list[JSON]:
    """Return a text that says which files are meant, where the conversation holds others, too, or other names.

    A file that is named again is not sent again, so nothing else would tell that it was named.
    """
    before = after.asked.attached
    names = {record.file_id: record.name for record in reversed(before)}
    if not any(record.file_id in names for record in records):
        return []
    others = {record.file_id for record in before} - {record.file_id for record in records}
    renamed = [record for record in records if names.get(record.file_id, record.name) != record.name]
    if not (others or renamed):
        return []
    words = (_called(record.name, names.get(record.file_id, record.name)) for record in records)
    return [{"type": "text", "text": f"About {', '.join(words)}:"}]


def _called(name: str, before: str) -> str:
    return f"“{name}”" if name == before else f"“{name}” (the same as “{before}”)"


def _identity(record: FileRecord) -> tuple[object, ...]:
    """Return what two uploads share where one may stand for the other; code sees the name of the upload."""
    return record.key if not record.for_code_only else (*record.key, record.name)


def _of_users(messages: Sequence[JSON]) -> Iterator[JSON]:
    return all_blocks([message for message in messages if message["role"] == "user"])


def _moved(message: JSON, moved: Mapping[str, str]) -> JSON:
    """Return a message of the user with new file_ids in place of old ones; those of the model stay as they are."""
    if message["role"] != "user":
        return message
    return {**message, "content": [_with_id(block, moved) for block in message["content"]]}


def _with_id(block: JSON, moved: Mapping[str, str]) -> JSON:
    file_id = moved.get(file_id_of(block) or "")
    if file_id is None:
        return block
    if "file_id" in block:
        return {**block, "file_id": file_id}
    return {**block, "source": {**block["source"], "file_id": file_id}}
