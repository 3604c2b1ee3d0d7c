"""Bytes of a text become letters: by what the file says of itself, else by a guess that is named as one.

1. A byte order mark, or the zero bytes of two or four bytes a letter.
2. UTF-8, which other encodings hardly ever look like.
3. What the file declares: in a `meta` element, an XML declaration, or a line for Python or an editor.
4. UTF-8 with a few bytes of something else, which are shown as �.
5. A guess by charset-normalizer; `letters` chooses between those of its results that are equally likely.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nbfiles._documents.readers import letters
from nbfiles._documents.text_bytes import mark_encoding, wide_encoding

DECLARED_WITHIN = 4096  # bytes from the beginning; browsers look at 1024, and pages put scripts before it
SAMPLE = 16_384  # bytes of the lines that are not ASCII, by which a guess is made
BEFORE = 200  # bytes of a line before the first that is not ASCII
MOST_BROKEN = 0.02  # of the characters of a declared encoding, beyond which the declaration is wrong
FIT_STEP = 0.05  # of how well a text fits, below which other things tell
NOT_A_RESULT = 0.1  # how much worse a text has to be taken that charset-normalizer did not find likely
GOOD_FOR_BAD = 3  # characters of UTF-8 for each byte that is none, in a text that is UTF-8 all the same

# As names of Python's codecs, the likelier first where nothing else tells; and how people call them.
GUESSES = {
    "cp1252": "Windows-1252",
    "gb18030": "GBK",
    "big5hkscs": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "koi8_u": "KOI8-U",
    "cp1250": "Windows-1250",
    "iso8859_2": "ISO-8859-2",
    "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
    "cp1253": "Windows-1253",
    "iso8859_7": "ISO-8859-7",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp874": "Windows-874",
    "mac_roman": "Mac Roman",
    "cp850": "CP850",
    "cp437": "CP437",
    "mac_cyrillic": "Mac Cyrillic",
    "cp866": "CP866",
    "iso8859_5": "ISO-8859-5",
}
# What programs write under these names is the larger set (WHATWG Encoding Standard, "Names and labels").
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_LABELS = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "iso-8859-8-i": "iso8859-8",
    "dos-874": "cp874",
    "windows-874": "cp874",
}
_NO_DECLARATION = ("utf-16", "utf-32", "utf-8", "unicode", "raw-unicode", "idna", "punycode")  # or no encoding
_DECLARATIONS = (
    re.compile(rb"""<meta\b[^>]{0,500}?\bcharset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})""", re.IGNORECASE),
    re.compile(rb"""\A\s{0,99}<\?xml\b[^>]{0,200}?\bencoding\s{0,9}=\s{0,9}["']([\w.:-]{2,40})"""),
    re.compile(rb"""\A\s{0,99}@charset\s{1,9}"([\w.:-]{2,40})";"""),  # of a style sheet
)
_CODING_LINE = re.compile(rb"^[ \t\f]*(?:#|//|;|--|%|/\*|<!--).{0,200}?coding[:=][ \t]*([-\w.]{2,40})")  # PEP 263
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, the name of its encoding (none for UTF-8), and in words how that is known."""

    text: str
    encoding: str = ""
    known_by: str = ""

    @property
    def is_guess(self) -> bool:
        """Whether nothing says what the encoding is."""
        return self.known_by == _GUESS

    @property
    def bad(self) -> int:
        """The number of characters that could not be read."""
        return self.text.count("\ufffd")

    @property
    def note(self) -> str:
        """Return in words how the bytes were read; nothing where that is UTF-8 without a fault."""
        broken = f"{self.bad:,} character{'s' if self.bad != 1 else ''} that could not be read: �" if self.bad else ""
        read_as = f"read as {self.encoding}" if self.encoding else ""
        return ", ".join(filter(None, (read_as, self.known_by, broken)))


_GUESS, _DECLARED = "a guess", "as it declares"


def decode(data: bytes, label: str = "") -> DecodedText:
    """Return the text of bytes in any encoding; what is wrong in them is shown as �.

    `label` is the encoding that is named outside the text, as in a mail; it counts before what the text declares.
    """
    if marked := mark_encoding(data):
        mark, name = marked
        return DecodedText(data[len(mark) :].decode(name, "replace"), "" if name == "utf-8" else _spelled(name))
    if wide := wide_encoding(data):
        return DecodedText(data.decode(wide, "replace"), _spelled(wide), _GUESS)
    named = [name for name in (_codec(label.lower()), declared_encoding(data)) if name]
    declared = filter(None, (_as_declared(data, name) for name in named))
    return _utf8(data, named) or next(declared, None) or _nearly_utf8(data) or _guessed(data)


def _utf8(data: bytes, named: Sequence[str]) -> DecodedText | None:
    """Return the text if it is UTF-8; letters of ASCII alone may stand for others, where that is declared."""
    if data.isascii() and any(name.startswith(("iso2022", "hz", "utf-7", "utf_7")) for name in named):
        return None
    if data.isascii() and b"\x1b$" in data:
        return _stateful(data)
    try:
        return DecodedText(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _stateful(data: bytes) -> DecodedText:
    for name in ("iso2022_jp", "iso2022_jp_2", "iso2022_kr"):
        try:
            return DecodedText(data.decode(name), name.upper().replace("_", "-", 1), _GUESS)
        except UnicodeDecodeError:
            continue
    return DecodedText(data.decode("ascii"))


def declared_encoding(data: bytes) -> str | None:
    """Return the codec that a text names in its beginning, if there is one of that name."""
    head = data[:DECLARED_WITHIN]
    names = [match[1] for pattern in _DECLARATIONS if (match := pattern.search(head))]
    names += [match[1] for line in head.splitlines()[:2] if (match := _CODING_LINE.match(line))]
    return next((codec for name in names if (codec := _codec(name.decode("ascii", "ignore").lower()))), None)


def _codec(label: str) -> str | None:
    """Return the codec of a label; of two bytes a letter it cannot be, as its label could be read."""
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
        b"".decode(name)  # hex and the like are no encodings of text
    except (LookupError, ValueError):
        return None
    return None if name.startswith(_NO_DECLARATION) else _LARGER.get(name, name)


def _as_declared(data: bytes, codec: str) -> DecodedText | None:
    """Return the text in an encoding that is declared, unless too much of it is none."""
    text = data.decode(codec, "replace")
    if text.count("\ufffd") > MOST_BROKEN * max(len(text), 1):
        return None
    return DecodedText(text, _spelled(codec), _DECLARED)


def _nearly_utf8(data: bytes) -> DecodedText | None:
    """Return a text of UTF-8 with a few bytes that are none."""
    beyond_ascii = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    count = size = 0
    for match in _UTF8_CHARACTER.finditer(data):
        count, size = count + 1, size + match.end() - match.start()
    if count < GOOD_FOR_BAD * (beyond_ascii - size):
        return None
    return DecodedText(data.decode("utf-8", "replace"))


def _guessed(data: bytes) -> DecodedText:
    name = guess(_sample(data))
    return DecodedText(data.decode(name, "replace"), _spelled(name), _GUESS)


def _sample(data: bytes) -> bytes:
    """Return lines that are not ASCII, from the whole of a text; of a long one, what is around the other bytes."""
    pieces: list[bytes] = []
    position = size = 0
    while size < SAMPLE and (beyond := _BEYOND_ASCII.search(data, position)):
        start = max(data.rfind(b"\n", position, beyond.start()) + 1, beyond.start() - BEFORE, position)
        line_end = data.find(b"\n", beyond.end(), start + SAMPLE)
        position = line_end if line_end >= 0 else start + SAMPLE
        pieces.append(_whole_characters(data[start:position], cut=line_end < 0 and position < len(data)))
        size += len(pieces[-1])
    return b"\n".join(pieces)


def _whole_characters(piece: bytes, *, cut: bool) -> bytes:
    """Return a piece up to a byte that ends a word, if it was cut; half a character would rule its encoding out."""
    end = max(piece.rfind(mark) for mark in (b" ", b"\r", b",", b".")) if cut else -1
    return piece[:end] if end > 0 else piece


@lru_cache(maxsize=4)
def guess(sample: bytes) -> str:
    """Return the codec in which a sample is most like a text; Windows-1252 where none is better."""
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=list(GUESSES), enable_fallback=False, preemptive_behaviour=False)
    return min([*map(_rank, matches), _usual(sample)])[-1]


def _usual(sample: bytes) -> tuple[float, float, int, str]:
    """Return the rank of Windows-1252, which is left out of the results for some short texts."""
    fit = letters.fit(sample.decode("cp1252", "replace"), "cp1252")
    return -_rounded(fit - NOT_A_RESULT), 0.0, 0, "cp1252"


def _rounded(fit: float) -> float:
    return round(fit / FIT_STEP) * FIT_STEP


def _rank(match: Any) -> tuple[float, float, int, str]:
    """Return what sorts the best result of charset-normalizer first, and its codec."""
    order = list(GUESSES)
    likeliest = min(order.index(name) for name in match.could_be_from_charset if name in GUESSES)  # of the same text
    fit = letters.fit(str(match), order[likeliest])
    return -_rounded(fit - 2 * match.chaos), -round(match.coherence, 2), likeliest, order[likeliest]


def _spelled(codec: str) -> str:
    """Return a codec by the name that people know."""
    return GUESSES.get(codec) or codec.replace("iso8859", "ISO-8859").replace("_", "-").upper()
