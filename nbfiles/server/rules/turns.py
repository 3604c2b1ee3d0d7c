"""Rules on how the turns of a conversation fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from nbfiles.server import models
from nbfiles.server.errors import ApiProblem, invalid, missing
from nbfiles.server.json_types import JsonObject

Block: TypeAlias = JsonObject
Turn: TypeAlias = list[tuple[str, Block]]  # of one role: where each block stands, and the block


def threads_begin_anew(body: Block) -> None:
    """Refuse to go on from an earlier reply: no conversation is held here, and the SDK sends all of it then."""
    thread = body.get("thread") or {}
    if thread.get("type") == "continue":
        raise missing(f"thread: no conversation is held for `{thread['previous_message_id']}`", "thread_not_found")


def the_user_speaks_last(body: Block) -> None:
    """Refuse to go on from a text of the assistant; a paused turn ends with a result."""
    last, model = body["messages"][-1], models.find(body["model"])
    if last["role"] != "assistant" or model.takes_prefill:
        return
    if isinstance(last["content"], str) or last["content"][-1]["type"] == "text":
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )


def calls_are_unique(body: Block) -> None:
    """Refuse two calls of a tool in one turn with the same id, and two results of one call."""
    for turn in _turns(body["messages"]):
        if second := _second(turn, "tool_use", "id"):
            raise invalid(f"{second[0]}: `tool_use` ids must be unique")
        if second := _second(turn, "tool_result", "tool_use_id"):
            raise invalid(
                f"{second[0]}: each tool_use must have a single result. "
                f"Found multiple `tool_result` blocks with id: {second[1]}"
            )


def _second(turn: Turn, kind: str, key: str) -> tuple[str, str] | None:
    """Return where the first block stands whose id one before it has, and that id."""
    seen = set[str]()
    for where, block in turn:
        if block["type"] == kind:
            if block[key] in seen:
                return where, block[key]
            seen.add(block[key])
    return None


def calls_have_results(body: Block) -> None:
    """Require the result of a tool in the turn after its call, of a server tool anywhere after."""
    turns = list(_turns(body["messages"]))
    for before, turn in pairwise([[], *turns, []]):
        _check_pair(before, turn)
    _check_server_tools(turns)


def _turns(messages: Sequence[Block]) -> Iterator[Turn]:
    """Yield the turns; [types] messages of one role in a row are one. The system's stand beside them."""
    turn, role = list[tuple[str, Block]](), "user"
    for i, message in enumerate(messages):
        if message["role"] not in (role, "system"):
            yield turn
            turn, role = [], message["role"]
        if isinstance(message["content"], list):
            turn += [(f"messages.{i}.content.{j}", block) for j, block in enumerate(message["content"])]
    yield turn


def _check_pair(before: Turn, turn: Turn) -> None:
    called = {block["id"]: where for where, block in before if block["type"] == "tool_use"}
    results = {block["tool_use_id"]: where for where, block in turn if block["type"] == "tool_result"}
    for call, where in results.items():
        if call not in called:
            raise _unexpected(where, "tool_result", call, "`tool_use` block in the previous message")
    if missing := [call for call in called if call not in results]:
        raise invalid(
            f"{_message(called[missing[0]])}: `tool_use` ids were found without `tool_result` blocks "
            f"immediately after: {', '.join(missing)}. Each `tool_use` block must have a corresponding "
            "`tool_result` block in the next message."
        )


def _check_server_tools(turns: Sequence[Turn]) -> None:
    """Ask no result yet for a call of a paused turn, or of one that waits for a tool of the client."""
    waiting = turns[-2:] if any(block["type"] == "tool_result" for _, block in turns[-1]) else turns[-1:]
    called: dict[str, tuple[str, str]] = {}  # how to say which it is: where, and its name
    for turn in turns:
        for where, block in turn:
            kind = block["type"]
            if kind == "server_tool_use":
                called[block["id"]] = _message(where), block["name"]
            elif kind.endswith("_tool_result") and called.pop(block["tool_use_id"], None) is None:
                raise _unexpected(where, kind, block["tool_use_id"], "`server_tool_use` block before it")
    pending = {block.get("id") for turn in waiting for _, block in turn}
    for call, (where, name) in called.items():
        if call not in pending:
            raise invalid(
                f"{where}: `{name}` tool use with id `{call}` was found without a corresponding "
                f"`{name}_tool_result` block"
            )


def _message(where: str) -> str:
    return where.partition(".content")[0]


def _unexpected(where: str, kind: str, call: str, expected: str) -> ApiProblem:
    return invalid(
        f"{where}: unexpected `tool_use_id` found in `{kind}` blocks: {call}. "
        f"Each `{kind}` block must have a corresponding {expected}."
    )
