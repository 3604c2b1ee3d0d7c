"""Pictures from bytes that nobody vouches for: checked by content and size, shown without a way out."""

from __future__ import annotations

import re
import struct
import warnings
from base64 import b64encode
from dataclasses import dataclass, field
from io import BytesIO
from xml.parsers import expat

from PIL import Image

from nbfiles.display.safe import attribute
from nbfiles.errors import UnusableFile

MAX_BYTES = 20_000_000  # of one picture; it goes base64-coded into the notebook
MAX_PIXELS = 40_000_000  # a browser unpacks four bytes for each; 18 KB of PNG can claim more
MAX_SVG_BYTES = 5_000_000
MAX_WIDTH = 900  # CSS pixels; a notebook's column

# The one DOCTYPE that drawing libraries write; it names a DTD that no browser reads, and is left out.
_USUAL_DOCTYPE = re.compile(
    rb'<!DOCTYPE\s+svg\s+PUBLIC\s+"-//W3C//DTD SVG [0-9.]+//EN"\s+"https?://www\.w3\.org/[\w./]+"\s*>'
)

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# What Pillow raises over headers that lie; it lists no common base.
_BAD_HEADER = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, OverflowError, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a browser can show: its type by content, its size in pixels."""

    mime_type: str
    width: int
    height: int
    data: bytes = field(repr=False)


def picture(data: bytes) -> Picture:
    """Check the header of a PNG, JPEG, GIF or WebP; raises UnusableFile for all else. Nothing is unpacked."""
    if len(data) > MAX_BYTES:
        raise UnusableFile(
            f"The picture has {len(data) / 1e6:.0f} MB; up to {MAX_BYTES / 1e6:.0f} MB are shown."
        )
    if _is_webp(data):
        _check_pixels(*_webp_size(data))  # Pillow would set memory aside for it before it says the size
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(data), formats=tuple(FORMATS)) as image,
        ):
            (width, height), kind = image.size, str(image.format)
    except _BAD_HEADER:
        raise UnusableFile("This is no picture in PNG, JPEG, GIF or WebP that can be shown.") from None
    _check_pixels(width, height)
    return Picture(FORMATS[kind], width, height, data)


def img_tag(data: bytes, alt: str, *, max_width: int = MAX_WIDTH) -> str:
    """Return a checked picture as an HTML `img` that holds its bytes."""
    image = picture(data)
    return _tag(image.mime_type, data, alt, min(image.width, max_width))


def svg_tag(data: bytes, alt: str, *, max_width: int = MAX_WIDTH) -> str:
    """Return an SVG as an HTML `img`, where a browser runs and fetches nothing of it."""
    if len(data) > MAX_SVG_BYTES:
        raise UnusableFile(
            f"The SVG has {len(data) / 1e6:.0f} MB; up to {MAX_SVG_BYTES / 1e6:.0f} MB are shown."
        )
    data = _USUAL_DOCTYPE.sub(b"", data, count=1)
    _check_svg(data)
    return _tag("image/svg+xml", data, alt, max_width)


def _tag(mime_type: str, data: bytes, alt: str, width: int) -> str:
    source = f"data:{mime_type};base64,{b64encode(data).decode()}"
    return f'<img src="{source}" alt="{attribute(alt)}" style="width:{width}px;max-width:100%">'


def _check_pixels(width: int, height: int) -> None:
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        limit = f"up to {MAX_PIXELS // 1_000_000} megapixels are shown"
        raise UnusableFile(f"The picture says it has {width:,} × {height:,} pixels; {limit}.")


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _webp_size(data: bytes) -> tuple[int, int]:
    """Read the canvas from the first chunk, which is one of three kinds."""
    head = data[20:30].ljust(10, b"\0")
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack("<HH", head[6:10])
            return width & 0x3FFF, height & 0x3FFF


def _check_svg(data: bytes) -> None:
    """Read it through with a real parser: well-formed, an `svg` at its root, and no DTD to expand."""
    roots: list[str] = []

    def start(name: str, _: object) -> None:
        if not roots:
            roots.append(name)

    def doctype(*_: object) -> None:
        raise ValueError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except ValueError:
        raise UnusableFile(
            "The SVG has a DOCTYPE; such a file is not shown, as it can unfold without end."
        ) from None
    except expat.ExpatError:
        raise UnusableFile("This is no SVG: it is not well-formed XML.") from None
    if roots != ["http://www.w3.org/2000/svg svg"]:
        raise UnusableFile("This is no SVG: its root is another element.")
