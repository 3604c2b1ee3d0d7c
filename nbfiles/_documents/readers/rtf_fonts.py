"""The fonts and code pages of an RTF file, which say what letters its bytes are."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from nbfiles._documents.readers.rtf_words import CHARSETS, DOCUMENT_CHARSETS, SYMBOL_CHARSET
from nbfiles._documents.readers.symbols import symbol

_PRIVATE = 0xF000  # where a symbol font has its characters
_UTF8 = 65001


class _Font(NamedTuple):
    encoding: str = ""
    has_symbols: bool = False
    name: str = ""


class RtfFonts:
    """Decodes text in the code page of its font, or else of the document."""

    def __init__(self) -> None:
        self._encoding = DOCUMENT_CHARSETS["ansi"]
        self._fonts: dict[int, _Font] = {}

    def set_charset(self, font: int, number: int) -> None:
        """Take the character set of a font."""
        self._fonts[font] = _Font(CHARSETS.get(number, ""), has_symbols=number == SYMBOL_CHARSET)

    def set_name(self, font: int, data: bytes) -> None:
        """Take the name of a font, which ends with a semicolon."""
        if name := data.decode("latin-1").partition(";")[0].strip():
            self._fonts[font] = self._fonts.get(font, _Font())._replace(name=name)

    def set_document(self, word: str) -> None:
        """Take the character set of the document by its word."""
        self._encoding = DOCUMENT_CHARSETS[word]

    def set_code_page(self, number: int) -> None:
        """Take the code page of the document, unless nobody knows it."""
        try:
            self._encoding = codecs.lookup("utf-8" if number == _UTF8 else f"cp{number}").name
        except LookupError:
            return

    def decoded(self, font: int, data: bytes) -> str:
        """Return bytes as text."""
        own = self._fonts.get(font, _Font())
        if own.has_symbols:
            return "".join(symbol(own.name, _PRIVATE + byte) if byte > ord(" ") else chr(byte) for byte in data)
        return data.decode(own.encoding or self._encoding, "replace")
