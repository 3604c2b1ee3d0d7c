"""A small `.msg` file as Outlook saves mails: a compound file whose streams are the properties of the mail."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

_SECTOR, _SHORT = 512, 64  # bytes of a sector, and of one of the short streams
_END, _FREE, _TABLE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_ROOT, _STREAM = 5, 2
_UNICODE, _BINARY = 0x1F, 0x102  # types of properties


def write_msg(path: Path, texts: Mapping[int, str], binaries: Mapping[int, bytes] | None = None) -> None:
    """Write a mail with these properties, each of less than 4,096 bytes."""
    values = {(number, _UNICODE): text.encode("utf-16-le") for number, text in texts.items()}
    values |= {(number, _BINARY): data for number, data in (binaries or {}).items()}
    streams = {f"__substg1.0_{number:04X}{kind:04X}": data for (number, kind), data in values.items()}
    rows = (
        struct.pack("<HHIII", kind, number, 6, len(data) + 2 * (kind == _UNICODE), 0)
        for (number, kind), data in values.items()
    )
    streams["__properties_version1.0"] = bytes(32) + b"".join(rows)
    path.write_bytes(_compound_file(streams))


def _compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Return a compound file ([MS-CFB]) of short streams in its root."""
    short, starts, chain = b"", [], []
    for data in streams.values():
        starts.append(len(short) // _SHORT)
        short += data.ljust(-(-len(data) // _SHORT) * _SHORT, b"\0")
        count = len(short) // _SHORT - starts[-1]
        chain += [*range(starts[-1] + 1, starts[-1] + count), _END] if count else []
    entries = _entry("Root Entry", _ROOT, child=1, start=0, size=len(short))
    for number, (name, start) in enumerate(zip(streams, starts, strict=True), 1):
        following = number + 1 if number < len(streams) else _NONE
        entries += _entry(name, _STREAM, right=following, start=start, size=len(streams[name]))
    parts = [_padded(short, b"\0"), _padded(entries, b"\0"), _padded(struct.pack(f"<{len(chain)}I", *chain), b"\xff")]
    table: list[int] = []
    for part in parts:
        table += [*range(len(table) + 1, len(table) + len(part) // _SECTOR), _END]
    own = len(table)
    first_entry, first_short = len(parts[0]) // _SECTOR, (len(parts[0]) + len(parts[1])) // _SECTOR
    table = [*table, _TABLE]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII", 0, 1, first_entry, 0, 4096, first_short, len(parts[2]) // _SECTOR, _END, 0, own)
    return b"".join((_padded(head, b"\xff"), *parts, _padded(struct.pack(f"<{len(table)}I", *table), b"\xff")))


def _entry(name: str, kind: int, *, right: int = _NONE, child: int = _NONE, start: int, size: int) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(coded), kind, 1, _NONE, right, child)
    return coded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def _padded(data: bytes, filler: bytes) -> bytes:
    return data.ljust(-(-len(data) // _SECTOR) * _SECTOR, filler)
