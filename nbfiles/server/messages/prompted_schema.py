"""A JSON Schema in the system prompt: how clients ask for JSON where they do not use `output_config`.

instructor's JSON mode and pydantic-ai's PromptedOutput write it there, and read the answer as JSON of that schema.
"""

from __future__ import annotations

import json

from nbfiles.server.json_types import JsonObject

LONGEST = 200_000  # characters of a system prompt that are looked at
MOST_TRIES = 20  # braces that may begin a schema


def prompted_schema(body: JsonObject) -> JsonObject | None:
    """Return the first object with properties in a system prompt that speaks of a schema and of JSON."""
    text = _system(body)[:LONGEST]
    if not all(word in text.lower() for word in ("schema", "json", '"properties"')):
        return None
    start = -1
    for _ in range(MOST_TRIES):
        start = text.find("{", start + 1)
        if start < 0:
            return None
        if (schema := _schema_at(text, start)) is not None:
            return schema
    return None


def _system(body: JsonObject) -> str:
    system = body.get("system") or ""
    return system if isinstance(system, str) else "\n\n".join(block["text"] for block in system)


def _schema_at(text: str, start: int) -> JsonObject | None:
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("properties"), dict) else None
