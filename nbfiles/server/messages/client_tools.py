"""What a request says of the tools that its client runs: which there are, who chooses, and what they returned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.query import ClientTool, ToolChoice


def tools(body: JsonObject) -> tuple[ClientTool, ...]:
    """Return the tools with a schema of their own; those that the API declares are never called here."""
    own = [tool for tool in body.get("tools") or () if (tool.get("type") or "custom") == "custom"]
    return tuple(ClientTool(tool["name"], tool.get("description") or "", tool["input_schema"]) for tool in own)


def choice(body: JsonObject) -> ToolChoice:
    """Return who chooses."""
    asked = body.get("tool_choice") or {}
    parallel = not asked.get("disable_parallel_tool_use")
    return ToolChoice(asked.get("type", "auto"), asked.get("name") or "", parallel)


def results(messages: Sequence[JsonObject]) -> tuple[tuple[str, str], ...]:
    """Return what the newest turn of the user brings from tools: the name of each, and its text."""
    names = {block["id"]: block["name"] for block in _blocks(messages, "tool_use")}
    newest = _blocks(messages[-1:], "tool_result")
    return tuple((names.get(block["tool_use_id"], "A tool"), _text(block)) for block in newest)


def answered(messages: Sequence[JsonObject]) -> frozenset[str]:
    """Return the names of the tools that have answered since the user last said something in words."""
    names = {block["id"]: block["name"] for block in _blocks(messages, "tool_use")}
    since = list(takewhile(lambda message: message["role"] != "user" or not _own_text(message), reversed(messages)))
    return frozenset(names.get(block["tool_use_id"], "") for block in _blocks(since, "tool_result"))


def conversation(messages: Sequence[JsonObject]) -> tuple[str, ...]:
    """Return what the user said and what tools returned, the newest first."""
    theirs = [message for message in reversed(messages) if message["role"] == "user"]
    texts = [[_own_text(message), *map(_text, _blocks([message], "tool_result"))] for message in theirs]
    return tuple(text for turn in texts for text in turn if text.strip())


def _own_text(message: JsonObject) -> str:
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return "\n\n".join(block["text"] for block in blocks if block["type"] == "text")


def _blocks(messages: Sequence[JsonObject], kind: str) -> list[JsonObject]:
    contents = (message["content"] for message in messages if isinstance(message["content"], list))
    return [block for content in contents for block in content if block["type"] == kind]


def _text(result: JsonObject) -> str:
    content = result.get("content") or ""
    texts = [content] if isinstance(content, str) else [str(block.get("text", "")) for block in content]
    return "\n".join(filter(None, texts))
