"""Documented limits on what one request may hold."""

import base64
import io

import anthropic
import pypdfium2
import pytest
from anthropic.types import ImageDimensionsTooLargeError
from PIL import Image

from tests.server.official import document, text


def picture(width, height, **more):
    target = io.BytesIO()
    Image.new("1", (width, height)).save(target, "PNG")
    data = base64.b64encode(target.getvalue()).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}, **more}


def book(pages):
    made, target = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        made.new_page(100, 100)
    made.save(target)
    return target.getvalue()


def test_a_request_has_at_most_600_pages_and_100_for_small_models(ask, upload):
    large = upload("large.pdf", "application/pdf", book(601)).id
    small = upload("small.pdf", "application/pdf", book(101)).id
    with pytest.raises(anthropic.BadRequestError, match="maximum of 600 PDF pages"):
        ask(document(large), text("?"))
    assert ask(document(small), text("?")).content
    with pytest.raises(anthropic.BadRequestError, match="maximum of 100 PDF pages"):
        ask(document(small), text("?"), model="claude-haiku-4-5")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([picture(8001, 1)], r"messages\.0\.content\.0\.image: .* exceed max allowed size: 8000 pixels"),
        ([picture(2001, 1)] * 21, "max allowed size for many-image requests: 2000 pixels"),
        ([picture(1, 1)] * 601, "maximum of 600 images"),
        ([picture(2577, 1, transformations={"oversized_image": "error"})], "2577 × 1 pixels exceed"),
    ],
)
def test_images_have_limits(ask, content, message):
    with pytest.raises(anthropic.BadRequestError, match=message):
        ask(*content, text("?"))


def test_images_that_are_too_large_are_named_in_the_details(ask):
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    seen = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [text("Here"), picture(1, 9000)]}
    messages = [
        {"role": "user", "content": [text("?"), picture(8001, 1), picture(1, 1)]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [seen]},
    ]
    with pytest.raises(ImageDimensionsTooLargeError) as caught:
        ask(messages=messages, tools=[{"name": "look", "input_schema": {"type": "object"}}])
    assert caught.value.details.max_side_length_pixels == 8000
    assert caught.value.details.paths == ["messages.0.content.1", "messages.2.content.0.content.1"]


def test_images_within_the_limits_are_taken(ask):
    assert ask(picture(8000, 1), text("?")).content
    assert ask(*[picture(2000, 1)] * 21, text("?")).content
    assert ask(picture(2577, 1, transformations={"oversized_image": "downsize"}), text("?")).content


def test_an_inline_image_has_at_most_10_mb(ask):
    block = picture(1, 1)
    block["source"]["data"] = "A" * (10 * 1024**2 + 4)
    with pytest.raises(anthropic.BadRequestError, match="exceeds 10 MB of base64"):
        ask(block, text("?"))


def test_a_prompt_longer_than_the_context_is_refused(client, ask):
    words = "word " * 200_000
    with pytest.raises(anthropic.BadRequestError, match=r"prompt is too long: 25000\d tokens > 200000 maximum"):
        ask(text(words), model="claude-haiku-4-5")
    assert ask(text(words)).content
    counted = client.messages.count_tokens(model="claude-haiku-4-5", messages=[{"role": "user", "content": words}])
    assert counted.input_tokens > 200_000


def test_the_newest_models_are_not_forced_to_use_a_tool(ask):
    tool = {"name": "look", "input_schema": {"type": "object"}}
    with pytest.raises(anthropic.BadRequestError, match=r"tool_choice\.type: 'any' is not supported"):
        ask(text("?"), tools=[tool], tool_choice={"type": "any"})
    assert ask(text("?"), tools=[tool], tool_choice={"type": "any"}, model="claude-opus-4-8").content
    assert ask(text("?"), tools=[tool], tool_choice={"type": "auto"}).content


def test_diagnostics_are_told_when_asked_for(ask):
    assert ask(text("?")).diagnostics is None
    assert ask(text("?"), diagnostics={"previous_message_id": None}).diagnostics.cache_miss_reason is None
    known = ask(text("?"), diagnostics={"previous_message_id": "msg_1"}).diagnostics
    assert known.cache_miss_reason.type == "unavailable"
