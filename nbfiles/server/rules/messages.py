"""Rules on a Messages request before any file is opened: its parameters, roles, blocks and tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from nbfiles.server import models
from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.rules import sdk_types

Body: TypeAlias = JsonObject
Located: TypeAlias = tuple[str, str, JsonObject]  # where, role, block

ROLES = ("user", "assistant", "system")
USERS_ONLY = frozenset({"image", "document", "search_result", "tool_result"})  # never directly an answer's
USER_BLOCKS = USERS_ONLY | {"text", "container_upload"}
CODE_EXECUTION = "code_execution_"
SERVER_TOOLS = (CODE_EXECUTION, "web_search_", "web_fetch_", "tool_search_tool_")
CITABLE = ("document", "search_result")
MOST_MESSAGES = 100_000
MOST_SKILLS = 20
SAMPLING = ("temperature", "top_p", "top_k")


def blocks(body: Body) -> Iterator[Located]:
    """Yield every content block of the conversation with its place and role."""
    for i, message in enumerate(body["messages"]):
        if isinstance(message["content"], list):
            for j, block in enumerate(message["content"]):
                yield f"messages.{i}.content.{j}", message["role"], block


def sampling_is_gone(body: Body) -> None:
    """Refuse temperature, top_p and top_k, which are gone since 2026-10-21, even at their defaults."""
    for name in SAMPLING:
        if name in body:
            raise invalid(f"{name}: this parameter is no longer supported")


def parameters_are_declared(body: Body) -> None:
    """Refuse what is beyond the declared parameters."""
    _check_names(body, sdk_types.parameter_names() | {"stream"})


def parameters_are_counted(body: Body) -> None:
    """Refuse what count_tokens does not take, max_tokens for one."""
    _check_names(body, sdk_types.counted_names())


def _check_names(body: Body, allowed: frozenset[str]) -> None:
    if unknown := sorted(body.keys() - allowed):
        raise invalid(f"{unknown[0]}: Extra inputs are not permitted")


def model_exists(body: Body) -> None:
    """Answer an unknown model with a 404."""
    if not isinstance(body.get("model"), str):
        raise invalid("model: Field required")
    models.find(body["model"])


def max_tokens_are_set(body: Body) -> None:
    """Require max_tokens, at most as many as the model can write."""
    asked = body.get("max_tokens")
    most = models.find(body["model"]).max_tokens
    if asked is None:
        raise invalid("max_tokens: Field required")
    if not isinstance(asked, int) or isinstance(asked, bool) or asked < 0:
        raise invalid("max_tokens: Input should be a whole number, 0 or greater")
    if asked > most:
        raise invalid(f"max_tokens: {asked} > {most}, which is the maximum allowed for {body['model']}")


def values_have_their_types(body: Body) -> None:
    """Require every parameter's declared type; messages, tools and the model have rules of their own."""
    if not isinstance(body.get("stream", False), bool):
        raise invalid("stream: Input should be a valid boolean")
    for name in body.keys() - {"stream", "model", "messages", "tools", "max_tokens"}:
        sdk_types.check_parameter(name, body[name])
    if not all(mark.strip() for mark in body.get("stop_sequences") or ()):
        raise invalid("stop_sequences: each stop sequence must contain non-whitespace")


def _is_text(block: object) -> bool:
    return isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)


def messages_are_well_formed(body: Body) -> None:
    """Require a non-empty list of role and content, of which the first is the user's."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise invalid("messages: Field required")
    if not 1 <= len(messages) <= MOST_MESSAGES:
        raise invalid(f"messages: at least one message is required, at most {MOST_MESSAGES:,} are allowed")
    for i, message in enumerate(messages):
        _check_turn(f"messages.{i}", message)
    if messages[0]["role"] == "assistant":
        raise invalid('messages: first message must use the "user" role')


def _check_turn(where: str, message: object) -> None:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise invalid(f"{where}.role: Input should be 'user', 'assistant' or 'system'")
    content = message.get("content")
    if not isinstance(content, (str, list)):
        raise invalid(f"{where}.content: Input should be a string or a list of content blocks")
    if not content:
        raise invalid(f"{where}: all messages must have non-empty content")
    if isinstance(content, list) and not all(map(_is_typed, content)):
        raise invalid(f"{where}.content: every content block must be an object with a type")


def _is_typed(block: object) -> bool:
    return isinstance(block, dict) and isinstance(block.get("type"), str)


def blocks_fit_their_role(body: Body) -> None:
    """Refuse unknown blocks and, since 2026-10-21, documents directly in an assistant message."""
    for where, role, block in blocks(body):
        types = sdk_types.block_types().keys()
        allowed = types - USERS_ONLY if role == "assistant" else USER_BLOCKS
        if block.get("type") not in allowed:
            raise invalid(f"{where}: a block of type '{block.get('type')}' is not allowed in a {role} message")


def text_is_not_empty(body: Body) -> None:
    """Refuse text blocks without text."""
    for where, _, block in blocks(body):
        if block["type"] == "text" and not (_is_text(block) and block["text"]):
            raise invalid(f"{where}.text: text content blocks must be non-empty")


def users_do_not_cite(body: Body) -> None:
    """Refuse text with citations in user messages, as since 2026-10-21."""
    for where, role, block in blocks(body):
        if role == "user" and block["type"] == "text" and block.get("citations"):
            raise invalid(f"{where}.citations: citations are not allowed in user messages")


def search_results_do_not_cite(body: Body) -> None:
    """Refuse text with citations in search results, as since 2026-10-21."""
    for where, _, block in blocks(body):
        if block["type"] == "search_result" and any(part.get("citations") for part in block["content"]):
            raise invalid(f"{where}.content: citations are not allowed in search results")


def blocks_have_their_fields(body: Body) -> None:
    """Require the declared fields of every content block, and no others."""
    for where, role, block in blocks(body):
        sdk_types.check_block(where, block, ours=role == "assistant")


def citations_are_all_or_none(body: Body) -> None:
    """Require citations on all or none of a request's documents."""
    chosen = {cites(block) for _, _, block in blocks(body) if block["type"] in CITABLE}
    if len(chosen) > 1:
        raise invalid("citations: must be enabled on all or none of the documents in a request")


def citations_exclude_a_schema(body: Body) -> None:
    """Refuse citations together with structured output."""
    if not (body.get("output_config") or {}).get("format"):
        return
    if any(cites(block) for _, _, block in blocks(body) if block["type"] in CITABLE):
        raise invalid("output_config.format: structured outputs cannot be used with citations")


def cites(block: JsonObject) -> bool:
    """Return whether a document block has citations enabled."""
    setting = block.get("citations")
    return isinstance(setting, dict) and bool(setting.get("enabled"))


def tools_are_declared(body: Body) -> None:
    """Refuse tools that are neither custom nor of a declared type, or lack a field."""
    for i, tool in enumerate(_tools(body)):
        kind = tool.get("type") or "custom"
        if kind not in sdk_types.tool_types():
            raise invalid(f"tools.{i}.type: '{kind}' is not a known tool type")
        sdk_types.check_tool(f"tools.{i}", tool)


def _tools(body: Body) -> list[JsonObject]:
    tools = body.get("tools") or []
    if not isinstance(tools, list) or not all(map(_is_tool, tools)):
        raise invalid("tools: Input should be a list of tools")
    return tools


def _is_tool(tool: object) -> bool:
    return isinstance(tool, dict) and isinstance(tool.get("type") or "custom", str)


def code_tool(body: Body) -> str | None:
    """Return the version of the request's code execution tool, the newest if there are several."""
    kinds = [str(tool.get("type")) for tool in _tools(body)]
    return max((kind for kind in kinds if kind.startswith(CODE_EXECUTION)), default=None)


def uploads_need_the_tool(body: Body) -> None:
    """Refuse container_upload without the code execution tool."""
    for where, role, block in blocks(body):
        if block["type"] == "container_upload" and role == "user" and code_tool(body) is None:
            raise invalid(f"{where}: container_upload blocks require the code execution tool")


def skills_need_the_tool(body: Body) -> None:
    """Refuse skills without the code execution tool, and more than 20 of them."""
    container = body.get("container")
    skills = container.get("skills") if isinstance(container, dict) else None
    if skills and len(skills) > MOST_SKILLS:
        raise invalid(f"container.skills: at most {MOST_SKILLS} skills are allowed")
    if skills and code_tool(body) is None:
        raise invalid("container.skills: skills require the code execution tool")


def the_counter_can_count(body: Body) -> None:
    """Refuse file and url sources and server tools, which count_tokens does not take."""
    for where, _, block in blocks(body):
        source = block.get("source")
        if isinstance(source, dict) and source.get("type") in ("file", "url"):
            raise invalid(f"{where}.source: {source['type']} sources are not supported by count_tokens")
        if block["type"] == "container_upload":
            raise invalid(f"{where}: container_upload blocks are not supported by count_tokens")
    for i, tool in enumerate(_tools(body)):
        if str(tool.get("type")).startswith(SERVER_TOOLS):
            raise invalid(f"tools.{i}: server tools are not supported by count_tokens")
