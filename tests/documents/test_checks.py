"""What is found out about a PDF or an image before it is sent."""

import struct
import zlib
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image

from nbfiles._documents import checks
from nbfiles._documents.pdf import DocumentError

MANUAL = Path(__file__).parents[2] / "notebooks" / "samples" / "bzip2-manual.pdf"


def blank(path, pages):
    document = pdfium.PdfDocument.new()
    for _ in range(pages):
        document.new_page(100, 100)
    document.save(str(path))
    document.close()
    return path


def png(path, side):
    """A PNG of zeros that is small on disk: a header, one deflated stream, and an end."""
    line = b"\0" * (side // 8 + 1)
    squeeze = zlib.compressobj(9)
    data = b"".join(squeeze.compress(line) for _ in range(side)) + squeeze.flush()
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def test_a_manual_has_pages_and_nothing_to_warn_of():
    assert checks.pdf(MANUAL) == "38 pages"


def test_a_scan_is_said_to_have_no_citations(tmp_path):
    assert checks.pdf(blank(tmp_path / "a.pdf", 1)) == "1 page, scanned: answers will have no citations"


def test_more_pages_than_a_question_takes_are_refused(tmp_path):
    assert checks.pdf(blank(tmp_path / "a.pdf", 600)).startswith("600 pages")
    with pytest.raises(
        DocumentError,
        match=r"has 601 pages, .* at most 600\. Split it by pages: a\.pdf\[1-600\] a\.pdf\[601\]$",
    ):
        checks.pdf(blank(tmp_path / "a.pdf", 601))


@pytest.mark.parametrize("damage", [b"%PDF-1.7 nothing", MANUAL.read_bytes()[:3000]])
def test_a_broken_pdf_is_refused(tmp_path, damage):
    path = tmp_path / "a.pdf"
    path.write_bytes(damage)
    with pytest.raises(DocumentError, match="not a readable PDF"):
        checks.pdf(path)


def test_an_image_has_a_size():
    assert checks.image(MANUAL.parent / "flower.jpg").endswith("pixels")


@pytest.mark.parametrize("side", [12_000, 30_000])
def test_an_image_that_a_question_gets_smaller_is_said_or_refused_without_reading_it(tmp_path, side):
    path = png(tmp_path / "a.png", side)
    if side == 12_000:
        assert checks.image(path) == "12,000 × 12,000 pixels, more than the API reads: questions get a smaller copy"
        return
    with pytest.raises(DocumentError, match="pixels"):
        checks.image(path)


def test_half_an_image_is_refused_or_sized(tmp_path):
    Image.new("RGB", (10, 10)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:20])
    with pytest.raises(DocumentError, match="not a readable image"):
        checks.image(tmp_path / "b.png")
