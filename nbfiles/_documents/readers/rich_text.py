"""The text of RTF files, with their headers, notes, comments, text boxes, list numbers and addresses of links.

A file is a row of tokens: groups in braces, control words, and bytes of text in the code page of the font that is set.
RTF that was made of a web page, as Outlook does, becomes this page again ([MS-OXRTFEX]).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from nbfiles._documents.readers.html import page_lines
from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.rtf_fonts import RtfFonts
from nbfiles._documents.readers.rtf_groups import CHANGES, Group
from nbfiles._documents.readers.rtf_words import APART, CELLS, CHARACTERS, DOCUMENT_CHARSETS, READ, ROWS, SKIPPED
from nbfiles._documents.readers.scripts import STRUCK, marked

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,9})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<symbol>.)"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_LINK = re.compile(r'\s*HYPERLINK\s+(?:\\[a-z]\s+)*"?([^"\s]+)')
_FROM_PAGE = re.compile(rb"\\fromhtml1\b")
_HEAD_BYTES = 1024  # in which RTF says that it was made of a web page
_CELL = " | "


def rtf(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield the lines of an RTF file."""
    yield from rtf_lines(path.read_bytes(), left_out)


def rtf_lines(data: bytes, left_out: LeftOut) -> Iterator[str]:
    """Yield the lines of RTF."""
    was_page = _FROM_PAGE.search(data[:_HEAD_BYTES]) is not None
    text = RtfText(left_out).read(data)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # a character may be written as two
    yield from page_lines(text) if was_page else (line.rstrip() for line in text.splitlines())


class RtfText:
    """Makes one text of the tokens."""

    def __init__(self, left_out: LeftOut) -> None:
        self._left_out, self._fonts = left_out, RtfFonts()
        self._texts: list[str] = []
        self._script, self._is_struck = "", False  # of the last text
        self._bytes = bytearray()  # of text, not decoded yet
        self._group, self._groups = Group(), list[Group]()
        self._fallback = 0  # characters still to be skipped
        self._instruction = ""  # of the last field
        self._links: list[tuple[int, int, str]] = []  # depth, where its text begins, address

    def read(self, data: bytes) -> str:
        """Return the text of a file."""
        position, star = max(data.find(b"{"), 0), False
        while match := _TOKEN.match(data, position):
            position = match.end() + _binary_bytes(match)
            if match["brace"]:
                if not self._brace(match["brace"]):
                    break
            elif match["word"]:
                self._control_word(match["word"].decode("ascii"), match["number"], star=star)
            elif match["symbol"]:
                self._character(match["symbol"].decode("latin-1"))
            else:
                self._add_bytes(match["text"] or bytes.fromhex((match["hex"] or b"").decode("ascii")))
            star = match["symbol"] == b"*"
        self._flush()
        return "".join(self._texts) + STRUCK * self._is_struck

    def _brace(self, brace: bytes) -> bool:
        """Begin or end a group; return whether the document goes on."""
        self._flush()
        self._fallback = 0
        if brace == b"{":
            self._groups.append(self._group)
            self._group = self._group._replace(end="") if self._group.end else self._group
            return True
        self._write(self._group.end)
        if self._links and self._links[-1][0] == len(self._groups):
            self._end_link(*self._links.pop()[1:])
        if self._groups:
            self._group = self._groups.pop()
        return bool(self._groups)

    def _control_word(self, word: str, digits: bytes | None, *, star: bool) -> None:
        self._flush()
        number = 1 if digits is None else int(digits)
        if self._fallback:
            self._fallback -= 1
        elif change := CHANGES.get(word):
            self._group = change(self._group, number)
        elif action := _ACTIONS.get(word):
            action(self, number)
        elif word in APART:
            before, end = APART[word]
            self._write(before)
            self._group = self._group._replace(end=end)
        elif word in SKIPPED or (star and word not in READ):
            self._group = self._group._replace(skipped=True)
        elif word in DOCUMENT_CHARSETS:
            self._fonts.set_document(word)
        else:
            self._character(word)

    def _character(self, name: str) -> None:
        self._flush()
        if self._fallback and name != "*":
            self._fallback -= 1
        elif name in CELLS:
            self._write(_CELL)
        elif name in ROWS:
            while self._texts and self._texts[-1] == _CELL:
                self._texts.pop()
            self._write("\n")
        elif name in CHARACTERS:
            self._write(CHARACTERS[name])

    def _add_bytes(self, data: bytes) -> None:
        skipped = min(self._fallback, len(data))
        self._fallback -= skipped
        if not self._group.skipped or self._group.in_instruction or self._group.in_fonts:
            self._bytes += data[skipped:]

    def _flush(self) -> None:
        """Decode the bytes of text since the last control word."""
        if not self._bytes:
            return
        data, group = bytes(self._bytes), self._group
        self._bytes.clear()
        if group.in_fonts:
            self._fonts.set_name(group.font, data)
        elif group.in_instruction:
            self._instruction += self._fonts.decoded(-1, data)
        else:
            self._write(self._fonts.decoded(group.font, data))

    def _write(self, text: str) -> None:
        group = self._group
        if text and not (group.skipped or group.deleted or group.for_rtf_only):
            if group.struck != self._is_struck:
                self._texts.append(STRUCK)
            self._is_struck = group.struck
            before = self._texts[-1] if self._texts else ""
            self._texts.append(marked(before, text, group.script, self._script))
            self._script = group.script

    def _end_link(self, begin: int, address: str) -> None:
        text = "".join(self._texts[begin:])
        if text.strip() and text.strip() not in (address, address.partition(":")[2].strip("/")):
            self._texts[begin:] = [f"[{text}]({address})"]

    def _picture(self, _number: int) -> None:
        self._left_out["image"] += not self._group.skipped
        self._group = self._group._replace(skipped=True)

    def _object(self, _number: int) -> None:
        self._left_out["embedded object"] += not self._group.skipped

    def _unicode(self, number: int) -> None:
        self._write(chr(number % 0x10000))
        self._fallback = self._group.fallback

    def _charset(self, number: int) -> None:
        if self._group.in_fonts:
            self._fonts.set_charset(self._group.font, number)

    def _code_page(self, number: int) -> None:
        self._fonts.set_code_page(number)

    def _field(self, _number: int) -> None:
        self._instruction = ""

    def _result(self, _number: int) -> None:
        if match := _LINK.match(self._instruction):
            self._links.append((len(self._groups), len(self._texts), match[1]))
        self._instruction = ""


def _binary_bytes(match: re.Match[bytes]) -> int:
    """Return how many bytes behind a control word are no RTF."""
    return max(int(match["number"] or 0), 0) if match["word"] == b"bin" else 0


_ACTIONS: dict[str, Callable[[RtfText, int], None]] = {
    "u": RtfText._unicode,
    "fcharset": RtfText._charset,
    "ansicpg": RtfText._code_page,
    "pict": RtfText._picture,
    "object": RtfText._object,
    "field": RtfText._field,
    "fldrslt": RtfText._result,
}
