"""The files that a conversation holds: each is sent once, and again only where its bytes have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nbfiles._files import file_kinds
from nbfiles._messages import content
from nbfiles._messages.answer import Answer
from nbfiles._messages.content import all_blocks, file_id_of
from nbfiles.records import JSON, FileRecord, usable

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
    now = [_living(record, current, after.request["messages"]) for record in after.asked.attached]
    moved = {old.file_id: new for old, new in zip(after.asked.attached, now, strict=True) if old.file_id != new.file_id}
    if not moved:
        return after
    ids = {old: new.file_id for old, new in moved.items()}
    messages = [_moved(message, ids) for message in after.request["messages"]]
    attached = tuple(
        replace(old, file_id=moved[old.file_id].file_id, remote_name=moved[old.file_id].remote_name)
        if old.file_id in moved
        else old
        for old in after.asked.attached
    )
    asked = replace(after.asked, request={**after.request, "messages": messages}, attached=attached)
    return replace(after, asked=asked)


def _living(record: FileRecord, current: Sequence[FileRecord], messages: Sequence[JSON]) -> FileRecord:
    """Return the record of a file as it is in the workspace now.

    Only a document may take the upload of a file with another name: code and pictures go by that name.
    """
    if any(other.file_id == record.file_id for other in current):
        return record
    blocks = [block for block in _of_users(messages) if file_id_of(block) == record.file_id]
    any_name = all(block["type"] == "document" for block in blocks)
    fitting = usable([other for other in current if other.key == record.key], record.remote_name, any_name=any_name)
    return fitting[0] if fitting else record


def not_sent_yet(blocks: Sequence[JSON], after: Answer, records: Sequence[FileRecord]) -> list[JSON]:
    """Return the blocks of files that the conversation does not hold; a newer version of a file is said to be one.

    A document of the same contents under another name is another one, unless the file was renamed.
    """
    every = attached(after, records)
    sent = [block for block in _of_users(after.request["messages"]) if file_id_of(block)]
    names, keys = renamed(every), {record.file_id: record.key for record in every}
    images = {record.file_id: (record.name, replace(record, longest_side=0).key) for record in every}

    def identity(block: JSON) -> tuple[object, ...]:
        file_id = file_id_of(block)
        if block["type"] == "image":  # the one sent may be a smaller copy
            return block["type"], images.get(file_id or "", file_id)
        if block["type"] != "document":
            return block["type"], file_id
        return names.get(block.get("title", ""), block.get("title")), keys.get(file_id or "", file_id)

    before = {identity(block) for block in sent}
    titles = {block.get("title") for block in sent if block["type"] == "document"}
    return [
        block | {"context": " ".join(filter(None, (NEWER.format(block["title"]), block.get("context"))))}
        if block["type"] == "document" and block["title"] in titles
        else block
        for block in blocks
        if identity(block) not in before
    ]


def about(records: Sequence[FileRecord], after: Answer) -> list[JSON]:
    """Return a text that says which files are meant, where the conversation holds others, too, or other names.

    A file that is named again is not sent again, so nothing else would tell that it was named.
    """
    before = [record for record in after.asked.attached if not record.longest_side]
    old_names = {new: old for old, new in renamed([*before, *records]).items()}
    in_conversation = {(record.name, record.key) for record in before}
    named = {(name, record.key) for record in records for name in (record.name, old_names.get(record.name, ""))}
    if not in_conversation & named:
        return []
    others = in_conversation - named
    if not others and not any(record.name in old_names for record in records):
        return []
    return [{"type": "text", "text": f"About {', '.join(_called(record.name, old_names) for record in records)}:"}]


def renamed(records: Sequence[FileRecord]) -> dict[str, str]:
    """Return old name → new name of the documents that were renamed: the old file is gone, the new one is the same."""
    names: dict[str, str] = {}
    for index, old in enumerate(records):
        if old.path is None or old.path.exists() or file_kinds.of_record(old).block != file_kinds.DOCUMENT:
            continue
        later = [new.name for new in records[index + 1 :] if new.key == old.key and new.name != old.name]
        names |= {old.name: later[-1]} if later else {}
    return names


def names_of_documents(messages: Sequence[JSON], records: Sequence[FileRecord]) -> tuple[str, ...]:
    """Return the names by document_index; a document that was renamed has its new one."""
    names, titles = renamed(records), {record.title: record.name for record in records}
    return tuple(names.get(name, name) for name in content.names_of_documents(messages, titles))


def _called(name: str, old_names: Mapping[str, str]) -> str:
    return f"“{name}” (the same as “{old_names[name]}”)" if name in old_names else f"“{name}”"


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
