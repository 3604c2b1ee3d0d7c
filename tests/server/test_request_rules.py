import anthropic
import pytest
from anthropic.types import FileExpiredError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.official import CODE, MODEL, data, document, text

KEYS = ["", "type", "text", "source", "file_id", "data", "role", "content", "name", "id", "enabled"]


def post(client, **changes):
    body = {"model": MODEL, "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]} | changes
    return client.post("/v1/messages", cast_to=object, body={k: v for k, v in body.items() if v is not None})


def user(*content):
    return [{"role": "user", "content": list(content)}]


def _schema(schema):
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


BOATS = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "A boat came back."},
    "title": "t",
    "citations": {"enabled": True},
}
TIDES = {
    "type": "search_result",
    "source": "https://example.org",
    "title": "t",
    "content": [text("A boat went.")],
    "citations": {"enabled": True},
}
CITATION = {
    "type": "char_location",
    "cited_text": "A boat",
    "document_index": 0,
    "document_title": None,
    "start_char_index": 0,
    "end_char_index": 6,
}
BAD = {
    "temperature": {"temperature": 1.0},
    "top_p": {"top_p": 1.0},
    "top_k": {"top_k": 5},
    "Extra inputs": {"prompt": "Hello"},
    "max_tokens: Field required": {"max_tokens": None},
    "maximum allowed": {"max_tokens": 200_000},
    "whole number": {"max_tokens": "ten"},
    "at least one message": {"messages": []},
    "first message": {"messages": [{"role": "assistant", "content": "Hi"}]},
    "role": {"messages": [{"role": "robot", "content": "Hi"}]},
    "non-empty content": {"messages": [{"role": "user", "content": ""}]},
    "content blocks must be non-empty": {"messages": user(text(""))},
    "not allowed in a user": {"messages": user({"type": "video"})},
    "citations are not allowed": {"messages": user({**text("x"), "citations": [{}]})},
    "all or none": {"messages": user(document("file_a"), document("file_b", cite=False))},
    "cannot be used with citations": {
        "messages": user(document("file_a")),
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "string"}}},
    },
    "not allowed in a assistant": {
        "messages": [*user(text("x")), {"role": "assistant", "content": [document("file_a")]}]
    },
    "known tool type": {"tools": [{"type": "teleport_20300101", "name": "teleport"}]},
    "require the code execution tool": {"messages": user(data("file_a"))},
    "does not fetch URLs": {
        "messages": user({"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}})
    },
    "source: Field required": {"messages": user({"type": "document"})},
    "content.0.text: Field required": {
        "messages": user({"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text"}]})
    },
    "content.0: Input should be a valid dictionary": {
        "messages": user({"type": "document", "source": {"type": "content", "content": ["Boats."]}})
    },
    "content: Input should be a valid list": {
        "messages": user({"type": "search_result", "source": "s", "title": "t", "content": "Boats."})
    },
    "allowed in search results": {
        "messages": user(
            {
                "type": "search_result",
                "source": "s",
                "title": "t",
                "content": [{**text("Boats."), "citations": [CITATION]}],
            }
        )
    },
    "citation: Extra inputs": {"messages": user({**BOATS, "citation": {"enabled": True}})},
    "source.title: Extra inputs": {"messages": user({**BOATS, "source": {**BOATS["source"], "title": "t"}})},
    "system.0.text: Input should be": {"system": [{"type": "text", "text": 5}]},
    "tools.0.max_uses: Extra inputs": {"tools": [{**CODE, "max_uses": 2}]},
    "max_tokens: Input should": {
        "model": "claude-haiku-4-5",
        "max_tokens": "",
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    },
    "schema.type: Input should be one of string": _schema({"type": {"": ""}}),
    "schema.properties.a.type: Input": _schema(
        {"type": "object", "additionalProperties": False, "properties": {"a": {"type": ["string", 1]}}}
    ),
    "'properties' must be an object": _schema({"properties": [{"": {}}]}),
    "'anyOf' must be a list": _schema({"anyOf": {"type": "string"}}),
    "'enum' must be a list": _schema({"enum": {"": ""}}),
    "points to nothing": _schema({"$ref": {"": ""}}),
    "schema.items: Input should be an object": _schema({"type": "array", "items": [{"type": "string"}]}),
    "stream": {"stream": "yes"},
    "stop_sequences": {"stop_sequences": [" "]},
}


@pytest.mark.parametrize(("message", "changes"), BAD.items(), ids=BAD.keys())
def test_a_request_that_breaks_a_rule_is_refused(client, message, changes):
    with pytest.raises(anthropic.BadRequestError) as refused:
        post(client, **changes)
    assert message in refused.value.api_message
    assert refused.value.type == "invalid_request_error"


def test_a_schema_of_a_tool_may_say_more_than_is_declared(client):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    post(client, tools=[{"name": "look", "input_schema": schema}])


def test_what_the_beta_declares_is_accepted(client):
    question = {"model": MODEL, "max_tokens": 99, "messages": [{"role": "user", "content": "Hello"}]}
    budget = {"type": "tokens", "total": 1024, "remaining": 0}
    more = {
        "output_config": {"effort": "low", "task_budget": budget},
        "thinking": {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "error"}},
        "billing_policy": {"type": "billing_policy", "bill_to": "self"},
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "mcp_servers": [{"type": "url", "name": "search", "url": "https://example.com/mcp"}],
        "thread": {"type": "create"},
        "fallbacks": "default",
        "tools": [
            {"type": "mcp_toolset", "mcp_server_name": "search"},
            {"type": "computer_20251124", "name": "computer", "display_width_px": 1024, "display_height_px": 768},
        ],
    }
    assert client.beta.messages.create(**question, **more).content[0].text
    with pytest.raises(anthropic.BadRequestError, match=r"task_budget\.total"):
        client.beta.messages.create(**question, output_config={"task_budget": {"type": "tokens", "total": "many"}})
    with pytest.raises(anthropic.BadRequestError, match=r"tools\.0\.colour"):
        client.beta.messages.create(**question, tools=[more["tools"][1] | {"colour": "red"}])


def test_the_counter_has_fewer_parameters(client):
    body = {"model": MODEL, "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    with pytest.raises(anthropic.BadRequestError, match="max_tokens: Extra inputs"):
        client.post("/v1/messages/count_tokens", cast_to=object, body=body)


def test_an_unknown_model_is_a_404(client):
    with pytest.raises(anthropic.NotFoundError, match="claude-9"):
        post(client, model="claude-9")


def test_an_unknown_file_is_a_404(client):
    with pytest.raises(anthropic.NotFoundError, match="File `file_nobody` not found"):
        post(client, messages=user(document("file_nobody"), text("?")))


def test_an_unknown_container_is_a_404(client):
    with pytest.raises(anthropic.NotFoundError, match="container_nobody"):
        post(client, container="container_nobody", tools=[CODE])


@pytest.mark.parametrize("mime_type", ["text/csv", "text/markdown", "image/png"])
def test_only_pdf_and_plain_text_are_documents(client, upload, mime_type):
    sent = upload("a.bin", mime_type, b"x").id
    with pytest.raises(anthropic.BadRequestError, match="application/pdf and text/plain"):
        post(client, messages=user(document(sent)))


def test_only_images_are_images(client, manual):
    block = {"type": "image", "source": {"type": "file", "file_id": manual}}
    with pytest.raises(anthropic.BadRequestError, match="image blocks do not take"):
        post(client, messages=user(block))


def test_an_expired_file_is_refused_by_its_code(client, upload, expire):
    sent = upload("a.txt", "text/plain", b"x", expires_in_seconds=3600).id
    expire("files", sent)
    with pytest.raises(FileExpiredError):
        post(client, messages=user(document(sent)))


def test_a_body_that_is_no_json_is_refused(client):
    with pytest.raises(anthropic.BadRequestError, match="JSON"):
        client.post(
            "/v1/messages",
            cast_to=object,
            content=b"{",
            options={"headers": {"content-type": "application/json"}},
        )


def test_an_unknown_path_has_the_error_envelope(client):
    with pytest.raises(anthropic.NotFoundError) as refused:
        client.get("/v1/unheard-of", cast_to=object)
    assert refused.value.body["type"] == "error"


def test_cited_text_may_be_echoed_in_an_assistant_message(client, ask, manual):
    question = user(document(manual), text("What is bzip2recover?"))
    answer = ask(messages=question)
    follow_up = [*question, answer.to_param(), {"role": "user", "content": "Who wrote bzip2?"}]
    assert ask(messages=follow_up).stop_reason == "end_turn"


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "text", "file", "user"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
WHOLE = {
    "model": MODEL,
    "max_tokens": 9,
    "messages": user(BOATS, TIDES, text("boat?")),
    "system": [text("Be brief.")],
    "tools": [CODE],
}
THINKING = {
    "model": "claude-haiku-4-5",
    "max_tokens": 2000,
    "messages": [*user(text("boat?")), {"role": "assistant", "content": [text("Yes.")]}, *user(text("A boat?"))],
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "metadata": {"user_id": "u"},
    "stop_sequences": ["x"],
}
FIELDS = {
    "model": MODEL,
    "max_tokens": 9,
    "messages": user({**BOATS, "citations": {"enabled": False}}, text("boat?")),
    **_schema(
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["a"],
            "properties": {
                "a": {"type": ["string", "null"], "format": "date", "enum": ["x"]},
                "b": {"$ref": "#/$defs/b"},
            },
            "$defs": {"b": {"type": "array", "items": {"anyOf": [{"type": "number"}, {"const": 1.5}]}, "minItems": 1}},
        }
    ),
}


def spoiled(value, path, junk):
    """Return `value` with `junk` at the place that `path` leads to."""
    if not path or not isinstance(value, (dict, list)) or not value:
        return junk
    keys = sorted(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[path[0] % len(value)]
    items = dict(value) if isinstance(value, dict) else list(value)
    items[key] = spoiled(value[key], path[1:], junk)
    return items


@given(st.sampled_from([WHOLE, THINKING, FIELDS]), st.lists(st.integers(0, 9), max_size=8), JSON)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_request_breaks_the_server(client, whole, path, junk):
    assert status(client, spoiled(whole, path, junk)) in (200, 400, 404)


def status(client, body):
    try:
        client.post("/v1/messages", cast_to=object, body=body)
        return 200
    except anthropic.APIStatusError as refused:
        return refused.status_code
