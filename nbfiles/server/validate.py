"""What a Messages request must look like before any file is opened: one small named rule each.

Sources: [types] the installed SDK's parameter types, [docs] the public guides and the migration page of
API version 2026-10-21, both as collected in SDK-FACTS sections 3 and 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any, TypeAlias

from nbfiles.server import models
from nbfiles.server.errors import invalid

Body: TypeAlias = dict[str, Any]
Located: TypeAlias = tuple[str, str, dict[str, Any]]  # where, role, block

_PARAMETERS = """
cache_control container diagnostics inference_geo max_tokens messages metadata model output_config
service_tier speed stop_sequences stream system thinking tool_choice tools user_profile_id
"""
_USER_BLOCKS = "text image document search_result tool_result container_upload"
_ASSISTANT_BLOCKS = """
text thinking redacted_thinking tool_use server_tool_use container_upload web_search_tool_result
web_fetch_tool_result code_execution_tool_result bash_code_execution_tool_result
text_editor_code_execution_tool_result tool_search_tool_result
"""
_CODE_EXECUTION = (
    "code_execution_20250522 code_execution_20250825 code_execution_20260120 code_execution_20260521"
)
_OTHER_SERVER_TOOLS = """
web_search_20250305 web_search_20260209 web_search_20260318
web_fetch_20250910 web_fetch_20260209 web_fetch_20260309 web_fetch_20260318
tool_search_tool_bm25_20251119 tool_search_tool_regex_20251119
"""
_CLIENT_TOOLS = """
custom bash_20250124 memory_20250818 browser_toolset_20260801 computer_toolset_20260801
text_editor_20250124 text_editor_20250429 text_editor_20250728
"""

PARAMETERS = frozenset(_PARAMETERS.split())
ROLES = ("user", "assistant", "system")
USER_BLOCKS = frozenset(_USER_BLOCKS.split())
ASSISTANT_BLOCKS = frozenset(_ASSISTANT_BLOCKS.split())
CODE_EXECUTION = frozenset(_CODE_EXECUTION.split())
SERVER_TOOLS = CODE_EXECUTION | frozenset(_OTHER_SERVER_TOOLS.split())
TOOLS = SERVER_TOOLS | frozenset(_CLIENT_TOOLS.split())
SAMPLING = ("temperature", "top_p", "top_k")


def check_message(body: Body) -> None:
    """Raise the documented 400 or 404 for the first rule that a Messages request breaks."""
    _check(body, (*_SHAPE, max_tokens_are_given, *_CONTENT))


def check_count(body: Body) -> None:
    """Raise the documented error for a count_tokens request."""
    _check(body, (*_SHAPE, *_CONTENT, nothing_the_counter_refuses))


def blocks(body: Body) -> Iterator[Located]:
    """Yield every content block of the conversation with its place and role."""
    for i, message in enumerate(body["messages"]):
        if isinstance(message["content"], list):
            for j, block in enumerate(message["content"]):
                yield f"messages.{i}.content.{j}", message["role"], block


def _check(body: Any, rules: tuple[Callable[[Body], None], ...]) -> None:
    if not isinstance(body, dict):
        raise invalid("The request body must be a JSON object.")
    for rule in rules:
        rule(body)


def sampling_is_gone(body: Body) -> None:
    """[docs] temperature, top_p and top_k are refused since 2026-10-21, even at their defaults."""
    for name in SAMPLING:
        if name in body:
            raise invalid(f"{name}: this parameter is no longer supported")


def parameters_are_known(body: Body) -> None:
    """[types] Nothing beyond the declared parameters."""
    unknown = sorted(body.keys() - PARAMETERS)
    if unknown:
        raise invalid(f"{unknown[0]}: Extra inputs are not permitted")


def model_exists(body: Body) -> None:
    """[docs] An unknown model is a 404."""
    if not isinstance(body.get("model"), str):
        raise invalid("model: Field required")
    models.find(body["model"])


def max_tokens_are_given(body: Body) -> None:
    """[types] max_tokens is required; [docs] every model has its own maximum."""
    wanted = body.get("max_tokens")
    most = models.find(body["model"]).max_tokens
    if wanted is None:
        raise invalid("max_tokens: Field required")
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 0:
        raise invalid("max_tokens: Input should be a whole number, 0 or greater")
    if wanted > most:
        raise invalid(f"max_tokens: {wanted} > {most}, which is the maximum allowed for {body['model']}")


def values_have_their_types(body: Body) -> None:
    """[types] The few parameters that this server reads."""
    if not isinstance(body.get("stream", False), bool):
        raise invalid("stream: Input should be a valid boolean")
    marks = body.get("stop_sequences", [])
    if not isinstance(marks, list) or not all(isinstance(mark, str) and mark.strip() for mark in marks):
        raise invalid("stop_sequences: each stop sequence must contain non-whitespace")
    if not isinstance(body.get("output_config") or {}, dict):
        raise invalid("output_config: Input should be an object")


def system_is_text(body: Body) -> None:
    """[types] The system prompt is a string or text blocks."""
    system = body.get("system", "")
    blocks = system if isinstance(system, list) else []
    if not isinstance(system, (str, list)) or not all(_is_text(block) for block in blocks):
        raise invalid("system: Input should be a string or a list of text blocks")


def _is_text(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)


def messages_are_well_formed(body: Body) -> None:
    """[types] A non-empty list of role and content; the first one is the user's."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise invalid("messages: Field required")
    if not messages:
        raise invalid("messages: at least one message is required")
    for i, message in enumerate(messages):
        _check_turn(f"messages.{i}", message)
    if messages[0]["role"] == "assistant":
        raise invalid('messages: first message must use the "user" role')


def _check_turn(where: str, message: Any) -> None:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise invalid(f"{where}.role: Input should be 'user', 'assistant' or 'system'")
    content = message.get("content")
    if not isinstance(content, (str, list)):
        raise invalid(f"{where}.content: Input should be a string or a list of content blocks")
    if not content:
        raise invalid(f"{where}: all messages must have non-empty content")
    if isinstance(content, list) and not all(map(_is_typed, content)):
        raise invalid(f"{where}.content: every content block must be an object with a type")


def _is_typed(block: Any) -> bool:
    return isinstance(block, dict) and isinstance(block.get("type"), str)


def blocks_fit_their_role(body: Body) -> None:
    """[types] Known blocks only; [docs] since 2026-10-21 no document directly in an assistant message."""
    for where, role, block in blocks(body):
        allowed = ASSISTANT_BLOCKS if role == "assistant" else USER_BLOCKS
        if block.get("type") not in allowed:
            raise invalid(
                f"{where}: a block of type '{block.get('type')}' is not allowed in a {role} message"
            )


def text_is_not_empty(body: Body) -> None:
    """[docs] Text blocks hold text."""
    for where, _, block in blocks(body):
        if block["type"] == "text" and not (_is_text(block) and block["text"]):
            raise invalid(f"{where}.text: text content blocks must be non-empty")


def users_do_not_cite(body: Body) -> None:
    """[docs] Since 2026-10-21 text with citations is refused in user messages."""
    for where, role, block in blocks(body):
        if role == "user" and block["type"] == "text" and block.get("citations"):
            raise invalid(f"{where}.citations: citations are not allowed in user messages")


def sources_are_objects(body: Body) -> None:
    """[types] Documents and images name a source; uploads name a file."""
    for where, _, block in blocks(body):
        if block["type"] in ("document", "image") and not isinstance(block.get("source"), dict):
            raise invalid(f"{where}.source: Field required")
        if block["type"] == "container_upload" and not isinstance(block.get("file_id"), str):
            raise invalid(f"{where}.file_id: Field required")


def citations_are_all_or_none(body: Body) -> None:
    """[docs] Citations must be enabled on all or none of a request's documents."""
    chosen = {cites(block) for _, _, block in blocks(body) if block["type"] == "document"}
    if len(chosen) > 1:
        raise invalid("citations: must be enabled on all or none of the documents in a request")


def citations_exclude_a_schema(body: Body) -> None:
    """[docs] Citations and structured output cannot be combined."""
    if not (body.get("output_config") or {}).get("format"):
        return
    if any(cites(block) for _, _, block in blocks(body) if block["type"] == "document"):
        raise invalid("output_config.format: structured outputs cannot be used with citations")
    raise invalid("output_config.format: the local server does not write structured output yet")


def cites(block: dict[str, Any]) -> bool:
    """Tell whether a document block has citations enabled."""
    setting = block.get("citations")
    return isinstance(setting, dict) and bool(setting.get("enabled"))


def tools_are_known(body: Body) -> None:
    """[types] Tools are custom or of a declared type."""
    for i, tool in enumerate(_tools(body)):
        kind = tool.get("type") or "custom"
        if kind not in TOOLS:
            raise invalid(f"tools.{i}.type: '{kind}' is not a known tool type")
        if kind in CODE_EXECUTION and tool.get("name") != "code_execution":
            raise invalid(f"tools.{i}.name: Input should be 'code_execution'")
        if kind == "custom" and not isinstance(tool.get("name"), str):
            raise invalid(f"tools.{i}.name: Field required")


def _tools(body: Body) -> list[dict[str, Any]]:
    tools = body.get("tools") or []
    if not isinstance(tools, list) or not all(map(_is_tool, tools)):
        raise invalid("tools: Input should be a list of tools")
    return tools


def _is_tool(tool: Any) -> bool:
    return isinstance(tool, dict) and isinstance(tool.get("type", "custom"), (str, NoneType))


def runs_code(body: Body) -> bool:
    """Tell whether the request has the code execution tool."""
    return any(tool.get("type") in CODE_EXECUTION for tool in _tools(body))


def uploads_need_the_tool(body: Body) -> None:
    """[docs] container_upload requires the code execution tool."""
    for where, role, block in blocks(body):
        if block["type"] == "container_upload" and role == "user" and not runs_code(body):
            raise invalid(f"{where}: container_upload blocks require the code execution tool")


def nothing_the_counter_refuses(body: Body) -> None:
    """[docs] count_tokens takes neither file or url sources nor server tools."""
    for where, _, block in blocks(body):
        source = block.get("source")
        if isinstance(source, dict) and source.get("type") in ("file", "url"):
            raise invalid(f"{where}.source: {source['type']} sources are not supported by count_tokens")
        if block["type"] == "container_upload":
            raise invalid(f"{where}: container_upload blocks are not supported by count_tokens")
    for i, tool in enumerate(_tools(body)):
        if tool.get("type") in SERVER_TOOLS:
            raise invalid(f"tools.{i}: server tools are not supported by count_tokens")


_SHAPE = (
    sampling_is_gone,
    parameters_are_known,
    model_exists,
    values_have_their_types,
    system_is_text,
    messages_are_well_formed,
)
_CONTENT = (
    blocks_fit_their_role,
    text_is_not_empty,
    users_do_not_cite,
    sources_are_objects,
    citations_are_all_or_none,
    citations_exclude_a_schema,
    tools_are_known,
    uploads_need_the_tool,
)
