"""Bytes that would take all memory or time of the server are refused as the API does, and the server lives on."""

import base64
import resource

import anthropic
import pytest

from tests.bombs import pdf_bomb
from tests.server.official import document, text

GROWTH_MB = 150  # of this process, where the server runs, too


def inline(kind, mime_type, content):
    return {
        "type": kind,
        "source": {"type": "base64", "media_type": mime_type, "data": base64.b64encode(content).decode()},
    }


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def test_a_pdf_that_unpacks_to_gigabytes_is_no_valid_one(ask, upload, manual, tmp_path):
    bomb = pdf_bomb(tmp_path / "bomb.pdf").read_bytes()
    before = peak_mb()
    file_id = upload("bomb.pdf", "application/pdf", bomb).id
    for block in (document(file_id), inline("document", "application/pdf", bomb)):
        with pytest.raises(anthropic.BadRequestError, match="The PDF specified was not valid"):
            ask(block, text("What does it say?"))
    assert peak_mb() - before < GROWTH_MB
    assert ask(document(manual), text("What is a block?")).content


@pytest.mark.parametrize("content", [b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(99), b"RIFF\0\0\0\0WEBPVP8X"])
def test_an_image_that_is_none_cannot_be_processed(ask, content):
    with pytest.raises(anthropic.BadRequestError, match="could not process image"):
        ask(inline("image", "image/png", content), text("What is it?"))


def test_a_text_that_cannot_fit_is_refused_before_it_is_read(ask, upload):
    file_id = upload("long.txt", "text/plain", b"word " * 4_000_000).id
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long: 1250000 tokens > 1000000 maximum"):
        ask(document(file_id), text("What does it say?"))
