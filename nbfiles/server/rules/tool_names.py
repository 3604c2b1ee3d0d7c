"""Rules on the names of tools; the words are those of refusals that users saw (docs/wire-facts.md)."""

from __future__ import annotations

import re

from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject

LONGEST = 128  # characters
PATTERN = f"^[a-zA-Z0-9_-]{{1,{LONGEST}}}$"


def tool_names_are_plain(body: JsonObject) -> None:
    """Refuse a tool of the client whose name is empty, too long, or more than letters, digits, `_` and `-`."""
    for i, tool in enumerate(body.get("tools") or ()):
        name = tool.get("name", "")
        if (tool.get("type") or "custom") != "custom" or re.fullmatch(PATTERN[1:-1], name):
            continue
        limit = f"have at most {LONGEST} characters" if len(name) > LONGEST else f"match pattern '{PATTERN}'"
        raise invalid(f"tools.{i}.custom.name: String should {limit}")


def tool_names_are_unique(body: JsonObject) -> None:
    """Refuse two tools of the same name."""
    names = [tool["name"] for tool in body.get("tools") or () if "name" in tool]
    if len(set(names)) < len(names):
        raise invalid("tools: Tool names must be unique.")
