"""Small PDFs for tests, written object by object: pages that are turned, cropped, labelled, filled in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

LETTER = "/MediaBox[0 0 612 792]"
FONT = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def line(text: str, x: float, y: float, size: float = 12) -> str:
    """Return what draws a line of text."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET\n"


def lines(texts: Sequence[str], x: float, y: float, size: float = 12) -> str:
    """Return what draws lines of text below each other."""
    return "".join(line(text, x, y - 1.2 * size * number, size) for number, text in enumerate(texts))


def write(
    path: Path,
    contents: Sequence[str | tuple[str, str]],
    *objects: str | bytes,
    catalog: str = "",
    font: str = FONT,
) -> Path:
    """Write a PDF with a page for each of `contents`: what draws it, and what its dictionary has beside the usual.

    `objects` are further ones, whose numbers begin at 10; pages have those from 100 on.
    """
    pages = [content if isinstance(content, tuple) else (content, LETTER) for content in contents]
    kids = " ".join(f"{100 + 2 * number} 0 R" for number in range(len(pages)))
    bodies: dict[int, bytes] = {
        1: f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode(),
        2: f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        3: font.encode(),
        **{10 + number: one if isinstance(one, bytes) else one.encode() for number, one in enumerate(objects)},
    }
    for number, (content, entries) in enumerate(pages):
        resources = "" if "/Resources" in entries else "/Resources<</Font<</F1 3 0 R>>>>"
        page = f"<</Type/Page/Parent 2 0 R/Contents {101 + 2 * number} 0 R{resources}{entries}>>"
        bodies[100 + 2 * number] = page.encode()
        bodies[101 + 2 * number] = stream(content.encode("latin-1"))
    path.write_bytes(_file(bodies))
    return path


def stream(data: bytes, entries: str = "") -> bytes:
    """Return a stream object."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries.encode(), data)


def _file(bodies: dict[int, bytes]) -> bytes:
    out, offsets = b"%PDF-1.7\n", {}
    for number, body in bodies.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (max(bodies) + 1, start)
