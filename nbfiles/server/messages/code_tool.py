"""What a request says of the code execution tool: the version of it, and how often it was called already.

[docs] code_execution_20250522 runs Python only; 20250825 has bash and a text editor instead; 20260120 and
20260521 have both, and their Python keeps its variables. Haiku 4.5 takes the newer ones as 20250825.
"""

from __future__ import annotations

from collections.abc import Sequence

from nbfiles.server import models
from nbfiles.server.json_types import JsonObject
from nbfiles.server.rules.messages import code_tool

BASH_ONLY = "code_execution_20250825"
PYTHON_ONLY = "code_execution_20250522"


def version(body: JsonObject) -> str | None:
    """Return the tool's version, as the model takes it."""
    asked = code_tool(body)
    old = models.find(body["model"]).id.startswith("claude-haiku-4-5")
    return min(asked, BASH_ONLY) if asked and old else asked


def keeps_variables(tool: str) -> bool:
    """Return whether the Python of a version lives from call to call."""
    return tool not in (PYTHON_ONLY, BASH_ONLY)


def calls_before(messages: Sequence[JsonObject]) -> int:
    """Return how many calls the paused turns at the end of a conversation have made."""
    count = 0
    for message in reversed(messages):
        if message["role"] != "assistant":
            break
        blocks = message["content"] if isinstance(message["content"], list) else ()
        count += sum(block["type"] == "server_tool_use" for block in blocks)
    return count
