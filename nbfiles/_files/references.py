"""The file_ids in a Messages request, so that a file that was uploaded again can take a dead one's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from nbfiles.records import JSON

T = TypeVar("T")


def mentioned(request: JSON) -> list[str]:
    """Return the file_ids of the files that the user's turns hold, once each."""
    file_ids: dict[str, None] = {}

    def note(file_id: str) -> str:
        file_ids[file_id] = None
        return file_id

    _each(_user_turns(request), note)
    return list(file_ids)


def for_code(request: JSON) -> set[str]:
    """Return those of the file_ids that are in the container, where code goes by the names of uploads."""
    blocks = [block for turn in _user_turns(request) for block in turn["content"]]
    return {block["file_id"] for block in blocks if isinstance(block, dict) and block["type"] == "container_upload"}


def replaced(request: JSON, file_ids: Mapping[str, str]) -> JSON:
    """Return the request with old file_ids replaced by new ones."""
    messages = [
        _each(turn, lambda file_id: file_ids.get(file_id, file_id)) if turn["role"] == "user" else turn
        for turn in request["messages"]
    ]
    return {**request, "messages": messages}


def _user_turns(request: JSON) -> list[JSON]:
    return [turn for turn in request["messages"] if turn["role"] == "user"]


def _each(value: T, change: Callable[[str], str]) -> T:
    """Return JSON with `change` applied to every file_id in it."""
    if isinstance(value, list):
        return cast(T, [_each(item, change) for item in value])
    if not isinstance(value, dict):
        return value
    return cast(
        T,
        {
            key: change(item) if key == "file_id" and isinstance(item, str) else _each(item, change)
            for key, item in value.items()
        },
    )
