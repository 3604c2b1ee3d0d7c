"""Rules on the schemas of a request: what the grammar of an answer can hold, in the words that users saw.

[docs] Structured outputs guide, "JSON Schema limitations" and "Schema complexity limits": they hold for
`output_config.format` and for tools with `strict: true`, and the numbers for all of them together. Each part of a
schema counts where it stands; whether the API counts one that is referred to twice as two is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.rules.schema_size import check_size, inner, pointed_to

MOST_STRICT_TOOLS = 20
MOST_OPTIONAL = 24  # properties that are not required
MOST_UNIONS = 16  # parts with `anyOf`, or with several types

_UNSUPPORTED = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("maxItems", "uniqueItems", "minProperties", "maxProperties", "patternProperties", "propertyNames"),
    }
)
_LOGIC = ("oneOf", "not", "if", "then", "else")  # refused in the schema of an answer
_LISTS = ("anyOf", "allOf", "oneOf")  # of schemas
_BY_NAME = ("properties", "$defs", "definitions")  # schemas by name
FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
JSON_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")

Body: TypeAlias = JsonObject


def schemas_are_closed(body: Body) -> None:
    """Refuse open objects and constraints on numbers, texts and lists, also in tools that are strict."""
    for where, schema in _strict(body):
        for part in _parts(schema):
            _check_part(where, part)


def strict_tools_are_few(body: Body) -> None:
    """Refuse more than 20 tools that are strict."""
    count = sum(1 for _ in _strict_tools(body))
    if count > MOST_STRICT_TOOLS:
        raise invalid(
            f"Too many strict tools ({count}). The maximum number of strict tools supported is {MOST_STRICT_TOOLS}. "
            "Try reducing the number of tools marked as strict."
        )


def schemas_are_simple(body: Body) -> None:
    """Refuse more than 24 optional and 16 union-typed parameters in all schemas together."""
    parts = [part for _, schema in _strict(body) for part in _parts(schema)]
    optional, unions = sum(map(_optional, parts)), sum(map(_is_union, parts))
    if optional > MOST_OPTIONAL:
        raise invalid(
            f"Schemas contains too many optional parameters ({optional}), which would make grammar compilation "
            "inefficient. Reduce the number of optional parameters in your tool schemas "
            f"(limit: {MOST_OPTIONAL})."
        )
    if unions > MOST_UNIONS:
        raise invalid(
            f"Schemas contains too many parameters with union types ({unions} parameters with type arrays or anyOf). "
            "This causes exponential compilation cost. Reduce the number of nullable or union-typed parameters "
            f"(limit: {MOST_UNIONS} parameters with unions)."
        )


def schema_is_supported(body: Body) -> None:
    """Refuse open objects, recursion, more parts than 5,000, and constraints on numbers and texts."""
    output = (body.get("output_config") or {}).get("format")
    if output:
        schema = output.get("schema")
        if not isinstance(schema, dict):
            raise invalid("output_config.format.schema: Field required")
        if check_size("output_config.format.schema", schema):
            raise invalid("output_config.format.schema: recursive schemas are not supported")
        _check_schema("output_config.format.schema", schema, schema)


def schemas_of_tools_are_small(body: Body) -> None:
    """Refuse the schema of a tool that stands for more parts than 5,000; one that holds itself is taken."""
    for i, tool in enumerate(body.get("tools") or ()):
        if "input_schema" in tool:
            check_size(f"tools.{i}.input_schema", tool["input_schema"])


def _strict(body: Body) -> Iterator[tuple[str, object]]:
    """Yield every schema that becomes a grammar, with what a message calls it."""
    output = (body.get("output_config") or {}).get("format") or {}
    yield "output_config.format.schema", output.get("schema")
    yield from _strict_tools(body)


def _strict_tools(body: Body) -> Iterator[tuple[str, object]]:
    for i, tool in enumerate(body.get("tools") or ()):
        if tool.get("strict"):
            yield f"tools.{i}.custom", tool.get("input_schema")


def _parts(schema: object) -> Iterator[JsonObject]:
    """Yield a schema and every schema in it; what is none is left to other rules."""
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            yield part
            todo += (within for _, within in inner(part, _BY_NAME, _LISTS))


def _check_part(where: str, part: JsonObject) -> None:
    kind = part.get("type")
    if not isinstance(kind, str):
        return
    if keywords := sorted(_UNSUPPORTED & part.keys()):
        what = f"properties {', '.join(keywords)} are" if len(keywords) > 1 else f"property '{keywords[0]}' is"
        raise invalid(f"{where}: For '{kind}' type, {what} not supported")
    if kind == "object" and part.get("additionalProperties", True) is not False:
        raise invalid(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    if kind == "array" and part.get("minItems", 0) not in (0, 1):
        raise invalid(f"{where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")


def _optional(part: JsonObject) -> int:
    """Return how many properties of an object may be left out."""
    properties, required = part.get("properties"), part.get("required")
    if not isinstance(properties, dict):
        return 0
    return len(properties) - sum(name in properties for name in _names(required))


def _names(required: object) -> set[str]:
    return {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()


def _is_union(part: JsonObject) -> bool:
    kinds = part.get("type")
    return isinstance(part.get("anyOf"), list) or (isinstance(kinds, list) and len(kinds) > 1)


def _check_schema(where: str, schema: object, root: Body) -> None:
    if not isinstance(schema, dict):
        raise invalid(f"{where}: Input should be an object")
    for keyword in (*sorted(_UNSUPPORTED), *_LOGIC):
        if keyword in schema:
            raise invalid(f"{where}: '{keyword}' is not supported")
    if "$ref" in schema:
        _check_schema(where, resolved(schema, root), root)
    _check_part(where, schema)
    _check_types(where, schema)
    _check_values(where, schema)
    for name, part in inner(schema):
        _check_schema(f"{where}.{name}", part, root)


def _check_types(where: str, schema: Body) -> None:
    """Refuse keywords that have not the JSON that they should have."""
    if not isinstance(schema.get("properties", {}), dict):
        raise invalid(f"{where}: 'properties' must be an object")
    for keyword in ("anyOf", "allOf", "enum", "required"):
        if not isinstance(schema.get(keyword, []), list):
            raise invalid(f"{where}: '{keyword}' must be a list")


def _check_values(where: str, schema: Body) -> None:
    kinds = schema.get("type", "string")
    if not all(
        isinstance(kind, str) and kind in JSON_TYPES for kind in (kinds if isinstance(kinds, list) else [kinds])
    ):
        raise invalid(f"{where}.type: Input should be one of {', '.join(JSON_TYPES)}, or a list of them")
    if schema.get("minItems", 0) not in (0, 1):
        raise invalid(f"{where}: 'minItems' values other than 0 or 1 are not supported")
    if schema.get("format", FORMATS[0]) not in FORMATS:
        raise invalid(f"{where}: the format '{schema['format']}' is not supported")


def resolved(schema: Body, root: Body) -> Body:
    """Return what a `$ref` within the schema points to."""
    target = pointed_to(str(schema["$ref"]), root)
    if target is None:
        raise invalid(f"output_config.format.schema: $ref '{schema['$ref']}' points to nothing in the schema")
    return target
