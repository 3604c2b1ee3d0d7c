"""Characters of symbol fonts, which a document names by font and code."""

from __future__ import annotations

# Adobe's Symbol from 0x20 and from 0xA0, as the table `symbol.txt` of the Unicode Consortium has it.
_SYMBOL = dict(
    enumerate(
        " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\u203eαβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼", 0x20
    )
) | dict(
    enumerate(
        "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\uf8ff〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭", 0xA0
    )
)
# Those of Wingdings that are used in texts.
_WINGDINGS = {
    0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x75: "◆",
    0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔",
    0xEF: "⇦", 0xF0: "⇨", 0xF3: "⇔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}
_PRIVATE = 0xF000  # where Office puts the 256 characters of a symbol font


def symbol(font: str, code: int) -> str:
    """Return a character of a font as Unicode has it; in words, where that is not known."""
    table = _FONTS.get(font.lower())
    if not _PRIVATE <= code <= _PRIVATE + 0xFF and table is None:
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    match = (table or {}).get(code & 0xFF)
    return match or f"[symbol {code & 0xFF:02X} of {font or 'a font'}]"


def in_font(text: str, font: str) -> str:
    """Return text of a run; characters in the private area belong to its font."""
    if font.lower() not in _FONTS or not any(_PRIVATE <= ord(char) <= _PRIVATE + 0xFF for char in text):
        return text
    return "".join(symbol(font, ord(char)) if ord(char) >= _PRIVATE else char for char in text)
