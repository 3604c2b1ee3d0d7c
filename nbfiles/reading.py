"""Text as a person reads it: its letters, without what splits or stands for them, and where they are in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from nbfiles.secret_kinds import Span, compiled

_TAG = r"<(?:/?[A-Za-z][A-Za-z0-9]*(?:[\s/][^<>]{0,4000})?|!--[^<>]{0,400}--)>"
_BLOCK = (  # a tag that ends the line
    "(?:(?i:</?(?:address|article|br|div|dd|dl|dt|h[1-6]|hr|li|ol|p|pre|section|summary|table|td|th|tr|ul))"
    r"(?:[\s/][^<>]{0,4000})?>[ \t\r\n]*)+"
)
_MARK = "\u2016?\ue000[0-9]{1,6}\ue001\u2016?"  # of a citation, as `sanitize` puts it into text
KEPT = f"{_TAG}|{_MARK}"  # what stays where the text around it is replaced
_LINE = "(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])"
_INDENT = "(?:[ \t]*[>|](?=[ \t]))*[ \t]*"  # or the marks of a quotation
_CODED_LINE = r"\\r\\n|\\[nr]"
_LETTER = (
    r"&\#?[A-Za-z0-9]{1,24};|%[2-7][0-9A-Fa-f]|\\u(?:00[2-7][0-9A-Fa-f]|\{0{0,4}[2-7][0-9A-Fa-f]\})|\\x[2-7][0-9A-Fa-f]"
    r"|\\(?:0[4-7]|1[0-7])[0-7]"
)
_WIDE = "[\uff01-\uff5e\u2010-\u2015\u2212]"
_TERMINAL = (  # with a colour whose control was taken out already: `[31m`
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]?|\\[[0-9;]{1,12}m"
)
# Each run of backslashes is read once, from its start; behind a run that ends a title of a terminal begins another.
_ESCAPE = r"(?:(?<!\\)|(?<=\x1b\\))\\++(?=[!-/:-@\[\]-`{-~\r\n])"
_UNSEEN = (
    "[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9a\x9c-\x9f\xad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_UNSEEN_ASCII = dict.fromkeys([*range(9), *range(14, 32), 127, *b"*`"])
# What may stand between two letters, or for one of them.
_NOISE = (
    f"(?P<line>(?:(?<![ \t])[ \t]++)?{_LINE}{_INDENT}|{_BLOCK}|{_CODED_LINE})|(?P<letter>{_LETTER}|{_WIDE})"
    f"|{KEPT}|{_TERMINAL}|{_ESCAPE}|[*`]+|~~|{_UNSEEN}"
)


def read(text: str) -> str:
    """Return the letters of a text; the same as `Reading(text).text` to what looks for words, and quicker."""
    if "<" in text:
        text = compiled(_TAG).sub("", compiled(_BLOCK).sub("\n", text))
    if "&" in text or "%" in text or "\\" in text:
        text = compiled(_LETTER).sub(lambda match: _decoded(match[0]), text)
        text = compiled(_ESCAPE).sub("", compiled(_CODED_LINE).sub("\n", text))
    if "\x1b" in text or "[" in text or "\x9b" in text:
        text = compiled(_TERMINAL).sub("", text)
    if text.isascii():
        text = text.translate(_UNSEEN_ASCII)
    else:
        text = compiled(_MARK).sub("", text) if "\ue000" in text else text
        text = compiled(_UNSEEN).sub("", text).replace("*", "").replace("`", "")
        text = compiled(_WIDE).sub(_narrow, text)
    text = compiled(_LINE).sub("\n", text.replace("~~", ""))
    return compiled(f"\n{_INDENT}").sub("\n", _without_trailing_blanks(text)) if "\n" in text else text


def _without_trailing_blanks(text: str) -> str:
    return "\n".join([line.rstrip(" \t") for line in text.split("\n")])


class Reading:
    """A text as `read` returns it, and where each of its letters stands in the text."""

    def __init__(self, text: str) -> None:
        pieces: list[str] = []
        self._read_at, self._stands_at, self._ends_at = [0], [0], [0]  # of pieces; -1 where all letters are their own
        self._length = end = 0
        for match in compiled(_NOISE).finditer(text):
            self._add(pieces, text[end : match.start()], end)
            letter = "\n" if match["line"] else _decoded(match["letter"]) if match["letter"] else ""
            self._add(pieces, letter, match.start(), match.end())
            end = match.end()
        self._add(pieces, text[end:], end)
        self.text = "".join(pieces)

    def _add(self, pieces: list[str], piece: str, start: int, end: int = -1) -> None:
        if piece:
            pieces.append(piece)
            self._read_at.append(self._length)
            self._stands_at.append(start)
            self._ends_at.append(end)
            self._length += len(piece)

    def positions(self, find: Callable[[str], list[Span]]) -> list[Span]:
        """Return what is found in the letters, by where it stands in the text."""
        return [Span(self._position(s.start), self._position(s.end - 1, end=True), s.shown) for s in find(self.text)]

    def _position(self, index: int, *, end: bool = False) -> int:
        """Return where a letter of the reading begins, or ends, in the text."""
        number = bisect_right(self._read_at, index) - 1
        whole = self._ends_at[number]
        if whole >= 0:
            return whole if end else self._stands_at[number]
        return self._stands_at[number] + index - self._read_at[number] + end


def _decoded(coded: str) -> str:
    """Return the letter that an entity, an escape or a wide letter stands for."""
    if coded[0] == "&":
        from html import unescape

        letters = unescape(coded)
        return compiled(_WIDE).sub(_narrow, letters) if letters.isprintable() else ""
    if coded[0] == "\\" and coded[1].isdigit():
        return chr(int(coded[1:], 8))
    return chr(int(coded.rstrip("}")[-2:], 16)) if coded[0] in "%\\" else compiled(_WIDE).sub(_narrow, coded)


def _narrow(match: re.Match[str]) -> str:
    return chr(ord(match[0]) - 0xFEE0) if match[0] >= "\uff01" else "-"
