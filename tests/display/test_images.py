"""Pictures: known by their content, bounded in size, and nothing of Pillow's troubles gets out."""

import struct
import zlib
from base64 import b64decode
from html.parser import HTMLParser
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nbfiles._display import previews
from nbfiles._documents.readers import images
from nbfiles._documents.readers.images import picture, svg
from nbfiles.errors import UnusableFile
from nbfiles.records import CheckedImage

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'


def made(kind: str, size: tuple[int, int] = (30, 20)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind)
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + made("PNG")[33:]


def webp_claiming(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size + made("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def attributes(html: str) -> dict[str, str | None]:
    found: list[dict[str, str | None]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag == "img"
            found.append(dict(attrs))

    Reader().feed(html)
    (only,) = found
    return only


@pytest.mark.parametrize(("kind", "mime_type"), images.FORMATS.items())
def test_a_picture_is_known_by_its_content(kind: str, mime_type: str) -> None:
    data = made(kind)
    assert picture(data) == CheckedImage(mime_type, 30, 20, data)


@pytest.mark.parametrize("data", [webp_claiming(30, 20), made("WEBP", (601, 33))], ids=["VP8X", "VP8"])
def test_every_kind_of_webp_says_its_size(data: bytes) -> None:
    image = picture(data)
    assert images.webp_size(data) == (image.width, image.height)


def test_a_lossless_webp_says_its_size() -> None:
    buffer = BytesIO()
    Image.new("RGB", (301, 77)).save(buffer, "WEBP", lossless=True)
    assert images.webp_size(buffer.getvalue()) == (301, 77)


@pytest.mark.parametrize(
    "data",
    [
        png_claiming(6400, 6400),
        png_claiming(12_000, 12_000),  # between Pillow's warning and its error
        png_claiming(30_000, 30_000),
        png_claiming(2**31 - 1, 1),
        png_claiming(0, 5),
        webp_claiming(16_383, 16_383),
        webp_claiming(2**24, 2**24),
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        b"BM" + bytes(100),
        made("BMP"),
        made("TIFF"),
        made("PPM"),
        made("ICO"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        SVG,
        b"<html><script>alert(1)</script>",
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFile):
        picture(data)


def test_a_picture_at_the_limit_is_shown() -> None:
    assert picture(png_claiming(8000, 5000)).width == 8000


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(UnusableFile, match="are shown"):
        picture(made("PNG") + bytes(images.MAX_BYTES))


@settings(max_examples=150)
@given(st.sampled_from(list(images.FORMATS)), st.integers(0, 200), st.binary(min_size=1, max_size=8))
def test_a_damaged_picture_is_shown_or_refused(kind: str, place: int, noise: bytes) -> None:
    data = made(kind)
    data = data[:place] + noise + data[place + len(noise) :]
    try:
        image = picture(data)
    except UnusableFile:
        return
    assert 0 < image.width * image.height <= images.MAX_PIXELS


def test_a_tag_holds_the_bytes_and_an_escaped_text() -> None:
    found = attributes(previews.svg(svg(SVG), "a\"><script>x</script>'\u202e"))
    head, _, data = str(found["src"]).partition(",")
    assert (head, b64decode(data)) == ("data:image/svg+xml;base64", SVG)
    assert found["alt"] == "a\"><script>x</script>'"


def test_an_svg_becomes_an_img() -> None:
    found = attributes(previews.svg(svg(b"\xef\xbb\xbf" + SVG), "chart"))
    assert str(found["src"]).startswith("data:image/svg+xml;base64,")
    assert found["alt"] == "chart"


def test_the_doctype_of_drawing_libraries_is_left_out() -> None:
    doctype = b"""<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n"""
    data = svg(doctype + SVG)
    assert data.strip() == SVG


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg PUBLIC "x" "http://evil.example/x.dtd">' + SVG,
        b"<!doctype svg>" + SVG,
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG,
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"/>'.encode(
            "utf-16"
        ),
        b"<svg",
        b"<svg/>",
        b"",
        b'<html xmlns="http://www.w3.org/1999/xhtml"><svg/></html>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>&nbsp;</text></svg>',
        made("PNG"),
    ],
)
def test_an_svg_that_is_none_or_has_a_dtd_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFile):
        svg(data)


def test_a_large_svg_is_refused() -> None:
    with pytest.raises(UnusableFile):
        svg(SVG + b" " * images.MAX_SVG_BYTES)


def repeating(levels: int) -> bytes:
    """An SVG whose last element repeats the one before it ten times, and so on."""
    uses = [f'<use href="#a{n}"/>' * 10 for n in range(levels)]
    groups = "".join(f'<g id="a{n}">{use}</g>' for n, use in enumerate(uses, 1))
    shape = '<rect id="a0" width="9" height="9"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg"><defs>{shape}{groups}</defs></svg>'.encode()


@pytest.mark.parametrize("data", [repeating(9), SVG.replace(b">", b'><g id="a"><use href="#a"/></g>', 1)])
def test_an_svg_that_repeats_itself_for_ever_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFile, match="100,000 elements"):
        svg(data)


def test_an_svg_may_repeat_its_shapes() -> None:
    assert svg(repeating(3))
