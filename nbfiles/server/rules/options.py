"""Rules on thinking, effort, the choice of tools and caching, and what these options ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from nbfiles.server import models
from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages import signatures

MOST_BREAKPOINTS = 4
LEAST_BUDGET = 1024  # tokens of thinking

Body: TypeAlias = JsonObject


def thinking_fits_the_model(body: Body) -> None:
    """Refuse thinking that the model does not do; a budget is at least 1,024 and below max_tokens."""
    thinking = body.get("thinking")
    if not isinstance(thinking, dict):
        return
    kind, model = thinking.get("type"), models.find(body["model"])
    if kind not in model.thinking:
        raise invalid(f"thinking.type: '{kind}' is not supported by {body['model']}")
    budget = thinking.get("budget_tokens", LEAST_BUDGET)
    if budget < LEAST_BUDGET:
        raise invalid(f"thinking.budget_tokens: Input should be greater than or equal to {LEAST_BUDGET}")
    if kind == "enabled" and budget >= body.get("max_tokens", budget + 1):
        raise invalid("max_tokens: must be greater than thinking.budget_tokens")


def thinking(body: Body) -> tuple[str, str] | None:
    """Return the type of the thinking that is asked for, and how it is shown; None for none.

    [docs] Models that take a budget show their thinking unless told to omit it, newer ones omit it unless
    told to show it. What is thought between tools comes back in thinking blocks.
    """
    setting = body.get("thinking") or {}
    kind = setting.get("type")
    if kind in (None, "disabled"):
        return None
    visible = kind == "between_tools" or "enabled" in models.find(body["model"]).thinking
    return kind, setting.get("display") or ("summarized" if visible else "omitted")


def diagnostics(body: Body) -> JsonObject | None:
    """Return why the cache was cold, as far as known: messages of before are not kept here."""
    asked = body.get("diagnostics")
    if asked is None:
        return None
    return {"cache_miss_reason": {"type": "unavailable"} if asked.get("previous_message_id") else None}


def the_chosen_tool_is_there(body: Body) -> None:
    """Refuse a choice of a tool where there is none, or none of this name."""
    choice, tools = body.get("tool_choice"), body.get("tools") or ()
    if choice and not tools:
        raise invalid("tool_choice: may only be specified while providing tools")
    if choice and choice.get("type") == "tool" and choice.get("name") not in [tool.get("name") for tool in tools]:
        raise invalid(f"tool_choice: Tool '{choice.get('name')}' not found in provided tools")


def tools_may_be_forced(body: Body) -> None:
    """Refuse to force a tool on the newest models, which decide themselves."""
    choice = body.get("tool_choice") or {}
    if choice.get("type") in ("any", "tool") and models.find(body["model"]).id in models.NEVER_FORCED:
        raise invalid(f"tool_choice.type: '{choice['type']}' is not supported by {body['model']}")


def effort_fits_the_model(body: Body) -> None:
    """Refuse effort for older models."""
    effort = (body.get("output_config") or {}).get("effort")
    if effort is not None and not models.find(body["model"]).effort:
        raise invalid(f"output_config.effort: not supported by {body['model']}")


def thinking_is_unchanged(body: Body) -> None:
    """Refuse thinking blocks that do not come back as they were sent."""
    for i, message in enumerate(body["messages"]):
        for j, block in enumerate(message["content"] if isinstance(message["content"], list) else ()):
            if block["type"] == "thinking" and not signatures.fits(block["thinking"], block["signature"]):
                raise invalid(f"messages.{i}.content.{j}: thinking blocks cannot be modified")


def breakpoints_are_few(body: Body) -> None:
    """Refuse more than four cache breakpoints, and those that live longer behind others."""
    marks = list(_breakpoints(body))
    if len(marks) > MOST_BREAKPOINTS:
        raise invalid(f"cache_control: a maximum of {MOST_BREAKPOINTS} blocks may have it; found {len(marks)}")
    lives = [mark.get("ttl") or "5m" for mark in marks]
    if "1h" in lives[lives.index("5m") :] if "5m" in lives else False:
        raise invalid("cache_control: a ttl='1h' block must not come after a ttl='5m' block")


def _breakpoints(body: Body) -> Iterator[JsonObject]:
    system = body.get("system")
    holders = [*(body.get("tools") or ()), *(system if isinstance(system, list) else ())]
    for message in body["messages"]:
        holders += message["content"] if isinstance(message["content"], list) else ()
    yield from (holder["cache_control"] for holder in [*holders, body] if holder.get("cache_control"))
