"""Whether bytes are a text, by the first of them: in UTF-8, in two or four bytes a letter, or in an older encoding."""

from __future__ import annotations

import codecs
from collections import Counter
from io import BufferedReader

from nbfiles._documents.reader_table import BOOKS

# The longer ones first: that of UTF-16 begins that of UTF-32.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Bytes that no text has, as file(1) counts them: it allows BEL, BS, VT and ESC, which terminals write.
CONTROLS = bytes(byte for byte in range(32) if byte not in b"\a\b\t\n\v\f\r\x1b\x1a")
BLANKS = b"\t\n\f\r "
MOST_CONTROLS = 0.3  # of a text in UTF-8; some formats separate fields by one
FEW_CONTROLS = 0.01  # of any other; of random bytes, 9 % are controls
LEAST_LETTERS, SAME_SCRIPT = 16, 0.9  # of one script, by which letters of two bytes are told from other bytes
EAST_ASIA = 0x30
SAMPLE = 4096  # bytes that tell two or four bytes a letter
UTF8, OLDER, BINARY = "UTF-8", "older", "binary"
PIECE = 1 << 20  # bytes read at once
_STATES = b"\x1b$"  # begins Japanese or Chinese letters in ISO 2022, which are bytes of ASCII


def is_utf8(head: bytes, *, whole: bool) -> bool:
    """Return whether bytes are text in UTF-8; the last character may be cut where they are not the whole file."""
    if b"\0" in head or _STATES in head or _share(head, _ALL_CONTROLS) > MOST_CONTROLS:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def is_older_text(head: bytes) -> bool:
    """Return whether bytes that are not UTF-8 are text in another encoding."""
    if wide_encoding(head):
        return True
    return b"\0" not in head and _share(head, CONTROLS) <= FEW_CONTROLS and _share(head, _ALL_CONTROLS) <= MOST_CONTROLS


_ALL_CONTROLS = bytes(byte for byte in range(32) if byte not in BLANKS)


def _share(head: bytes, controls: bytes) -> float:
    return 1 - len(head.translate(None, controls)) / max(len(head), 1)


def mark_encoding(head: bytes) -> tuple[bytes, str] | None:
    """Return the byte order mark that bytes begin with, and the encoding that it says."""
    return next(((mark, name) for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), None)


def wide_encoding(head: bytes) -> str | None:
    """Return the encoding of a text of two or four bytes a letter, which its mark or its zero bytes tell."""
    marked = mark_encoding(head)
    if marked and marked[1] != "utf-8":
        return marked[1] if _is_plausible(head[len(marked[0]) :], marked[1]) else None
    if b"\0" not in head:
        return None
    names = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
    blanks = (name for name in names if _has_blanks(head, name) and _is_plausible(head, name))
    return next(blanks, None) or next((name for name in names[2:] if _is_in_one_script(head, name)), None)


def _is_in_one_script(head: bytes, encoding: str) -> bool:
    """Return whether bytes are words of one alphabet, or of East Asia, whose letters of two bytes have no zero."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head[: SAMPLE // 2 * 2])
    except UnicodeDecodeError:
        return False
    scripts = Counter(_script(char) for char in text if not char.isascii())
    has_blanks, has_controls = " " in text or "\n" in text, any(char < " " and char not in "\t\n\f\r" for char in text)
    count = scripts.total()
    return (
        has_blanks and not has_controls and count >= max(LEAST_LETTERS, len(text) / 2)
        and max(scripts.values()) > SAME_SCRIPT * count
    )  # fmt: skip


def _script(char: str) -> int:
    """Return a number for the script of a character; ideographs, kana and Hangul are one."""
    code = ord(char)
    return EAST_ASIA if 0x3000 <= code < 0xA000 or 0xAC00 <= code < 0xD7A4 or code >= 0xFF00 else code >> 8


def _has_blanks(head: bytes, encoding: str) -> bool:
    """Return whether there are blanks or line ends where letters of this encoding are."""
    size = 4 if "32" in encoding else 2
    letters = head[: SAMPLE // 4 * 4]
    zeros = letters[size - 1 if encoding.endswith("le") else 0 :: size].count(0) * size
    return zeros * 5 > len(letters) and any(blank.encode(encoding) in letters for blank in " \n")


def _is_plausible(text: bytes, encoding: str) -> bool:
    """Return whether a beginning can be decoded, and has no controls."""
    whole = text[: min(SAMPLE, len(text)) // 4 * 4] if len(text) > 4 else text
    try:
        letters = codecs.getincrementaldecoder(encoding)().decode(whole)
    except UnicodeDecodeError:
        return False
    return bool(letters) and sum(char < " " and char not in "\t\n\f\r\x1b" for char in letters) <= len(letters) / 100


def kind_of_rest(head: bytes, handle: BufferedReader) -> str:
    """Return what a file is whose head is UTF-8: UTF8, OLDER where other bytes follow, or BINARY.

    What is longer than a question can hold is not read to its end.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    piece, read = head, 0
    while piece and read <= BOOKS:
        read += len(piece)
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            return OLDER if is_older_text(piece) else BINARY
        piece = handle.read(PIECE)
    return OLDER if decoder.getstate()[0] and not piece else UTF8
