"""Images from bytes that nobody vouches for: checked by content and size, never unpacked."""

from __future__ import annotations

import re
import struct
import warnings
from collections import Counter
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from PIL import Image

from nbfiles._documents.reader_table import DocumentError
from nbfiles._documents.readers import heic
from nbfiles.errors import UnusableFile
from nbfiles.records import CheckedImage

HEAD_BYTES = 12  # that tell HEIC
MAX_BYTES = 20_000_000  # of one image; it goes base64-coded into the notebook
MAX_PIXELS = 40_000_000  # a browser unpacks four bytes for each; 18 KB of PNG can claim more
MAX_SVG_BYTES = 5_000_000
MAX_DRAWN = 100_000  # elements of an SVG, repeated ones counted each time; drawing these takes seconds

# The one DOCTYPE that drawing libraries write; it names a DTD that no browser reads, and is left out.
_USUAL_DOCTYPE = re.compile(
    rb'<!DOCTYPE\s+svg\s+PUBLIC\s+"-//W3C//DTD SVG [0-9.]+//EN"\s+"https?://www\.w3\.org/[\w./]+"\s*>'
)

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# What Pillow raises over headers that lie; it lists no common base.
BAD_HEADER = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, OverflowError, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip


def size(source: Path | bytes) -> tuple[str, int, int]:
    """Return format, width and height of an image of any kind, from its header."""
    name = f"“{source.name}”" if isinstance(source, Path) else "The image"
    if heic.is_heic(_head(source)):
        heic.require(name)
    try:
        with _opened(BytesIO(source) if isinstance(source, bytes) else source) as image:  # reads the header only
            return image.format or "image", image.width, image.height
    except Image.DecompressionBombError:
        raise DocumentError(f"{name} has far more pixels than the API reads.") from None
    except BAD_HEADER:
        raise DocumentError(f"{name} is not a readable image.") from None


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:HEAD_BYTES]
    with source.open("rb") as handle:
        return handle.read(HEAD_BYTES)


def _opened(source: Path | BytesIO, formats: tuple[str, ...] | None = None) -> Image.Image:
    """Open an image; Pillow's warnings about large ones are left out, as their size is checked."""
    with warnings.catch_warnings(action="ignore"):
        return Image.open(source, formats=formats)


def picture(data: bytes) -> CheckedImage:
    """Check the header of a PNG, JPEG, GIF or WebP; raises UnusableFile for all else. Nothing is unpacked."""
    _check_size(len(data), MAX_BYTES)
    if _is_webp(data):
        _check_pixels(*webp_size(data))  # Pillow would set memory aside for it before it says the size
    try:
        with _opened(BytesIO(data), tuple(FORMATS)) as image:
            (width, height), kind = image.size, str(image.format)
    except BAD_HEADER:
        raise UnusableFile("This is not a PNG, JPEG, GIF or WebP image that can be shown.") from None
    _check_pixels(width, height)
    return CheckedImage(FORMATS[kind], width, height, data)


def of_file(path: Path) -> CheckedImage:
    """As `picture`; what is too large is not read."""
    return picture(_read(path, MAX_BYTES))


def svg_of_file(path: Path) -> bytes:
    """As `svg`; what is too large is not read."""
    return svg(_read(path, MAX_SVG_BYTES))


def svg(data: bytes) -> bytes:
    """Return an SVG that a browser can show as an image; raises UnusableFile for what holds one up."""
    _check_size(len(data), MAX_SVG_BYTES)
    data = _USUAL_DOCTYPE.sub(b"", data, count=1)
    _check_svg(data)
    return data


def _read(path: Path, most: int) -> bytes:
    _check_size(path.stat().st_size, most)
    return path.read_bytes()


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise UnusableFile(f"The image has {size / 1e6:.1f} MB; up to {most / 1e6:.0f} MB are shown.")


def _check_pixels(width: int, height: int) -> None:
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        limit = f"up to {MAX_PIXELS // 1_000_000} megapixels are shown"
        raise UnusableFile(f"The image claims to have {width:,} × {height:,} pixels; {limit}.")


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def webp_size(data: bytes) -> tuple[int, int]:
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
    """Read it through with a real parser: well-formed, an `svg` at its root, and nothing that unfolds."""
    roots: list[str] = []
    drawn = _Drawn()

    def start(name: str, attributes: dict[str, str]) -> None:
        if not roots:
            roots.append(name)
        drawn.start(attributes)

    def doctype(*_: object) -> None:
        raise ValueError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = drawn.end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except ValueError:
        raise UnusableFile("The SVG has a DOCTYPE; such a file is not shown, as it can unfold without end.") from None
    except expat.ExpatError:
        raise UnusableFile("This is not an SVG: it is not well-formed XML.") from None
    if roots != ["http://www.w3.org/2000/svg svg"]:
        raise UnusableFile("This is not an SVG: its root is another element.")
    if drawn.count() > MAX_DRAWN:
        raise UnusableFile(f"The SVG draws more than {MAX_DRAWN:,} elements, which holds up a browser. Ask for a PNG.")


class _Drawn:
    """Counts what an SVG draws: `use` repeats an element, which may hold more of them."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._size: Counter[str] = Counter()  # elements within each named one, by id; "" is the root
        self._uses: dict[str, Counter[str]] = {}  # the ids that each named one refers to

    def start(self, attributes: dict[str, str]) -> None:
        """Begin an element; it counts for the named one around it."""
        around = self._open[-1] if self._open else ""
        name = attributes.get("id") or around
        if name != around:
            self._uses.setdefault(around, Counter())[name] += 1
        self._open.append(name)
        self._size[name] += 1
        for key, value in attributes.items():
            if key.rpartition(" ")[2] == "href" and value.strip().startswith("#"):
                self._uses.setdefault(name, Counter())[value.strip()[1:]] += 1

    def end(self, _name: str) -> None:
        """End the element that was begun last."""
        self._open.pop()

    def count(self) -> int:
        """Return how many elements are drawn, or more than MAX_DRAWN where that is enough to know."""
        total, todo = 0, Counter({"": 1})
        while todo and total <= MAX_DRAWN:
            following: Counter[str] = Counter()
            for name, times in todo.items():
                total += times * self._size[name]
                for used, often in self._uses.get(name, {}).items():
                    following[used] += times * often
            todo = following
        return total
