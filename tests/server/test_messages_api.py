import base64

import anthropic
import pytest

from tests.server.official import CODE, MODEL, SAMPLES, document, text

QUESTION = "Can bzip2recover repair damaged files?"


def streamed(client, **request):
    with client.messages.stream(**request) as stream:
        events = list(stream)
        return [event.type for event in events], stream.get_final_message()


def said(message):
    return [message.to_dict()[key] for key in ("content", "usage", "stop_reason", "model", "role")]


def test_json_and_stream_say_the_same(client, manual):
    content = [document(manual), text(QUESTION)]
    request = {"model": MODEL, "max_tokens": 2000, "messages": [{"role": "user", "content": content}]}
    types, message = streamed(client, **request)
    assert said(message) == said(client.messages.create(**request))
    assert types[0] == "message_start"
    assert types[-1] == "message_stop"


def test_the_raw_stream_is_named_as_documented(client, manual):
    content = [document(manual), text(QUESTION)]
    messages = [{"role": "user", "content": content}]
    with client.messages.create(model=MODEL, max_tokens=500, messages=messages, stream=True) as stream:
        deltas = [e.delta.type for e in stream if e.type == "content_block_delta"]
    assert set(deltas) == {"text_delta", "citations_delta"}
    assert deltas.count("text_delta") > 20


def test_max_tokens_cuts_the_answer_and_says_so(ask, manual):
    message = ask(document(manual), text(QUESTION), max_tokens=40)
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens <= 40


def test_a_stop_sequence_ends_the_answer_before_itself(ask, manual):
    message = ask(document(manual), text(QUESTION), stop_sequences=["cannot"])
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "cannot")
    assert message.content[-1].text.endswith("Local server: ")


def test_usage_grows_with_the_document(ask, manual):
    alone = ask(text("Hello?")).usage.input_tokens
    with_manual = ask(document(manual), text("Hello?")).usage.input_tokens
    assert 38 * 1500 < with_manual - alone < 38 * 3000


def test_count_tokens_agrees_with_usage(client, ask):
    content = [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "word " * 99}}]
    messages = [{"role": "user", "content": [*content, text("How many?")]}]
    counted = client.messages.count_tokens(model=MODEL, messages=messages).input_tokens
    assert counted == ask(messages=messages).usage.input_tokens > 100


def test_count_tokens_refuses_files_and_server_tools(client, manual):
    messages = [{"role": "user", "content": [document(manual), text("?")]}]
    with pytest.raises(anthropic.BadRequestError, match="file sources"):
        client.messages.count_tokens(model=MODEL, messages=messages)
    with pytest.raises(anthropic.BadRequestError, match="server tools"):
        client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "?"}], tools=[CODE])


def test_an_image_is_described_as_far_as_known(ask, upload):
    image = upload("flower.jpg", "image/jpeg").id
    message = ask({"type": "image", "source": {"type": "file", "file_id": image}}, text("Which flower?"))
    assert "JPEG, 640 × 427 pixels, 142,987 bytes" in message.content[0].text
    assert "cannot see images" in message.content[0].text


def test_a_question_without_files_gets_an_honest_answer(ask):
    assert "cannot answer in its own words" in ask(text("What is love?")).content[0].text


def test_a_pdf_may_come_along_as_base64(ask):
    encoded = base64.b64encode((SAMPLES / "bzip2-manual.pdf").read_bytes()).decode()
    source = {"type": "base64", "media_type": "application/pdf", "data": encoded}
    block = {"type": "document", "source": source, "title": "Manual", "citations": {"enabled": True}}
    cited = [c for b in ask(block, text(QUESTION)).content for c in b.citations or ()]
    assert {c.document_title for c in cited} == {"Manual"}


def test_a_broken_pdf_is_refused_before_the_answer_begins(ask, upload):
    broken = upload("broken.pdf", "application/pdf", b"%PDF-1.7 and no more").id
    with pytest.raises(anthropic.BadRequestError, match="PDF specified was not valid"):
        ask(document(broken), text("?"))


ENCRYPTED = b"""%%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>> endobj
4 0 obj <</Filter/Standard/V 1/R 2/P -4/O<%(o)s>/U<%(u)s>>> endobj
trailer <</Root 1 0 R/Size 5/Encrypt 4 0 R/ID[<00><00>]>>
%%%%EOF
""" % {b"o": b"ab" * 32, b"u": b"cd" * 32}


def test_an_encrypted_pdf_is_refused_by_that_name(ask, upload):
    locked = upload("locked.pdf", "application/pdf", ENCRYPTED).id
    with pytest.raises(anthropic.BadRequestError, match="PDF is encrypted"):
        ask(document(locked), text("?"))
