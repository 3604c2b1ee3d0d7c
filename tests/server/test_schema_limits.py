"""Schemas at the documented limits pass, and one beyond is refused in the words that the service has."""

import anthropic
import pytest

from tests.server.official import MODEL

UNION = {"type": ["string", "null"]}
EITHER = {"anyOf": [{"type": "string"}, {"type": "number"}]}
TEXT = {"type": "string"}


def closed(count, part=TEXT, required=True, **more):
    names = [f"p{n}" for n in range(count)]
    schema = {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(names, part), **more}
    return schema | ({"required": names} if required else {})


def tool(name, schema, strict=True):
    return {"name": name, "input_schema": schema, "strict": strict}


def send(client, *tools, schema=None):
    more = {"output_config": {"format": {"type": "json_schema", "schema": schema}}} if schema else {}
    messages = [{"role": "user", "content": "Hello?"}]
    return client.messages.create(model=MODEL, max_tokens=4000, messages=messages, tools=list(tools), **more)


PASSES = {
    "24 optional": ([], closed(24, required=False)),
    "24 optional in two schemas": ([tool("a", closed(12, required=False))], closed(12, required=False)),
    "16 unions": ([], closed(16, UNION)),
    "16 unions in tools": ([tool("a", closed(8, UNION)), tool("b", closed(8, EITHER))], None),
    "20 strict tools": ([tool(f"t{n}", closed(1)) for n in range(20)], None),
    "tools that are not strict": ([tool(f"t{n}", closed(25, UNION, required=False), False) for n in range(21)], None),
    "a list of one type": ([], closed(17, {"type": ["string"]})),
    "properties that are called like keywords": ([], closed(0, properties={"minimum": TEXT, "anyOf": TEXT})),
    "a strict tool without properties": ([tool("a", {"type": "object", "additionalProperties": False})], None),
}
FEW = "Too many strict tools (21). The maximum number of strict tools supported is 20."
OPTIONAL = "Schemas contains too many optional parameters (25), which would make grammar compilation inefficient."
UNIONS = "Schemas contains too many parameters with union types (17 parameters with type arrays or anyOf)."
CLOSED = "For 'object' type, 'additionalProperties' must be explicitly set to false"
REFUSED = {
    "25 optional": (OPTIONAL, [], closed(25, required=False)),
    "25 optional in two schemas": (OPTIONAL, [tool("a", closed(12, required=False))], closed(13, required=False)),
    "25 optional, nested": (OPTIONAL, [], closed(1, closed(24, required=False), required=False)),
    "25 optional in definitions": (OPTIONAL, [], closed(0, **{"$defs": {"d": closed(25, required=False)}})),
    "17 unions": (UNIONS, [], closed(17, UNION)),
    "17 unions in a list": (UNIONS, [], closed(1, {"type": "array", "items": closed(17, EITHER)})),
    "21 strict tools": (FEW, [tool(f"t{n}", closed(1)) for n in range(21)], None),
    "an open strict tool": (f"tools.1.custom: {CLOSED}", [tool("a", closed(1)), tool("b", {"type": "object"})], None),
    "an open object in a list": (CLOSED, [], closed(1, {"type": "array", "items": {"type": "object"}})),
    "bounds": (
        "output_config.format.schema: For 'number' type, properties maximum, minimum are not supported",
        [],
        closed(1, {"type": "number", "minimum": 0, "maximum": 1}),
    ),
    "a bound in a strict tool": (
        "tools.0.custom: For 'string' type, property 'maxLength' is not supported",
        [tool("a", closed(1, {"type": "string", "maxLength": 9}))],
        None,
    ),
    "a list of a length": (
        "For 'array' type, 'minItems' values other than 0 or 1 are not supported",
        [],
        closed(1, {"type": "array", "items": TEXT, "minItems": 2}),
    ),
}


@pytest.mark.parametrize(("tools", "schema"), PASSES.values(), ids=PASSES)
def test_a_schema_within_the_limits_passes(client, tools, schema):
    assert send(client, *tools, schema=schema).content


@pytest.mark.parametrize(("message", "tools", "schema"), REFUSED.values(), ids=REFUSED)
def test_a_schema_beyond_a_limit_is_refused_as_the_service_does(client, message, tools, schema):
    with pytest.raises(anthropic.BadRequestError) as caught:
        send(client, *tools, schema=schema)
    assert message in caught.value.api_message
