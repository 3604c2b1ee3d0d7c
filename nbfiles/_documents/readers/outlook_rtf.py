"""RTF as mails of Outlook keep it, compressed ([MS-OXRTFCP])."""

from __future__ import annotations

import struct

_HEADER = struct.Struct("<IIII")  # compressed size, size, form, checksum
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
# What every text is taken to begin with, so that it can be referred to.
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096  # bytes that can be referred to
_FLAGS = 8  # tokens of which a byte says what they are


def uncompressed(data: bytes) -> bytes:
    """Return the RTF; as far as it goes, where the end is missing."""
    if len(data) < _HEADER.size:
        return b""
    _, size, form, _ = _HEADER.unpack_from(data)
    if form == _PLAIN:
        return data[_HEADER.size : _HEADER.size + size]
    return _expanded(data)[:size] if form == _COMPRESSED else b""


def _expanded(data: bytes) -> bytes:
    text, position, base = bytearray(_DICTIONARY), _HEADER.size, len(_DICTIONARY)
    while position < len(data):
        flags = data[position]
        position += 1
        for bit in range(_FLAGS):
            is_reference = flags >> bit & 1
            token = data[position : position + 1 + is_reference]
            position += len(token)
            if len(token) <= is_reference:  # cut off
                return bytes(text[base:])
            if not is_reference:
                text += token
            elif not _repeat(text, token[0] << 4 | token[1] >> 4, (token[1] & 0xF) + 2):
                return bytes(text[base:])
    return bytes(text[base:])


def _repeat(text: bytearray, offset: int, length: int) -> bool:
    """Write again what stands at an offset of the window; return whether the text goes on."""
    end = len(text) % _WINDOW
    if offset == end:
        return False
    start = len(text) - (end - offset) % _WINDOW
    for index in range(start, start + length):
        text.append(text[index] if index >= 0 else 0)
    return True
