"""What is found out about a PDF or an image before it is sent."""

import struct
import zlib
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image

from nbfiles._documents import checks
from nbfiles._documents.pdf import DocumentError
from tests.pdf_files import LETTER, line, stream, write

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


def scans(path, pages, texts=()):
    """A PDF of pages that a picture covers, and behind them pages with text."""
    picture = stream(
        bytes(100), "/Type/XObject/Subtype/Image/Width 10/Height 10/ColorSpace/DeviceGray/BitsPerComponent 8"
    )
    scan = ("600 0 0 780 6 6 cm /I0 Do", f"{LETTER}/Resources<</XObject<</I0 10 0 R>>>>")
    return write(path, [scan] * pages + [line(text, 100, 600) for text in texts], picture)


TEXT = "This page has enough words to be more than a stamp."


def test_a_scan_is_said_to_have_no_citations(tmp_path):
    assert checks.pdf(scans(tmp_path / "a.pdf", 1)) == "1 page, scanned: answers will have no citations"
    assert checks.pdf(blank(tmp_path / "b.pdf", 1)) == "1 page, without text: answers will have no citations"


def test_of_pages_that_are_scans_their_numbers_are_said(tmp_path):
    text = checks.pdf(scans(tmp_path / "a.pdf", 40, [TEXT] * 2))
    assert text == "42 pages, 40 of 42 pages are scans, which answers cannot cite (pages 1–40)"
    path = write(tmp_path / "b.pdf", [line(TEXT, 100, 600), "100 100 200 200 re f", line(TEXT, 100, 600)])
    assert checks.pdf(path) == "3 pages, 1 of 3 pages is without text, which answers cannot cite (page 2)"


def test_text_that_comes_late_is_no_scan(tmp_path):
    assert checks.pdf(write(tmp_path / "a.pdf", [""] * 40 + [line(TEXT, 100, 600)])) == "41 pages"


def test_sheets_are_not_called_by_the_numbers_that_others_have_in_print(tmp_path):
    labels = "/PageLabels<</Nums[0<</S/D/St 7>>]>>"
    path = write(tmp_path / "a.pdf", [line(TEXT, 100, 600), "9 9 9 9 re f"], catalog=labels)
    assert checks.pdf(path).endswith("1 of 2 pages is without text, which answers cannot cite (sheet 2)")


def test_a_font_that_does_not_say_its_letters_is_said(tmp_path):
    cmap = (
        "begincmap 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <20> <7E> <E020> endbfrange endcmap"
    )
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 10 0 R>>"
    path = write(tmp_path / "a.pdf", [line(TEXT, 100, 600)], stream(cmap.encode()), font=font)
    assert "1 of 1 pages is unreadable, as the fonts do not say which letters they draw (page 1)" in checks.pdf(path)


def test_of_an_xfa_form_only_the_placeholder_is_there_which_is_said(tmp_path):
    form = "/AcroForm<</Fields[]/XFA 10 0 R>>"
    path = write(tmp_path / "a.pdf", [line("Please wait...", 100, 600)], stream(b"<xdp/>"), catalog=form)
    assert "an XFA form, of which only a placeholder can be read" in checks.pdf(path)


def test_a_pdf_without_pages_is_refused(tmp_path):
    with pytest.raises(DocumentError, match="has no pages"):
        checks.pdf(write(tmp_path / "a.pdf", []))


def test_attachments_are_named_however_they_are_called(tmp_path):
    files = [f"<</Type/Filespec/F(x)/UF({name})/EF<</F 10 0 R>>>>" for name in ("a.xlsx", r"b\033[1m\n.csv", "c" * 300)]
    tree = f"/Names<</EmbeddedFiles<</Names[{' '.join(f'(k{n}) {n + 11} 0 R' for n in range(3))}]>>>>"
    page = (line(TEXT, 100, 600), f"{LETTER}/Annots[14 0 R]")
    pinned = "<</Type/Annot/Subtype/FileAttachment/Rect[9 9 20 20]/FS 11 0 R>>"
    path = write(tmp_path / "a.pdf", [page], stream(b"x", "/Type/EmbeddedFile"), *files, pinned, catalog=tree)
    text = checks.pdf(path)
    assert "4 attachments not read: a.xlsx, b" in text
    assert text.isprintable()
    assert "c" * 59 + "…, a.xlsx" in text


def test_more_pages_than_a_question_takes_are_refused(tmp_path):
    assert checks.pdf(blank(tmp_path / "a.pdf", 600)).startswith("600 pages")
    with pytest.raises(
        DocumentError,
        match=r"“a\.pdf” has 601 pages, .* at most 600\. Split it by pages: a\.pdf\[1-600\] a\.pdf\[601\]$",
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
