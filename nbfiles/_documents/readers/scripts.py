"""Superscripts and subscripts in plain text: 10² is no 102, and log₁₀2 is no log102."""

from __future__ import annotations

SUPER, SUB = "super", "sub"
STRUCK = "~~"  # around what is struck out, as in Markdown: an old price is no digit of the new one
_MARKS = {SUPER: "^", SUB: "_"}
_SIGNS = "+-−–"


def marked(before: str, text: str, script: str, script_before: str) -> str:
    """Return a text as it is written behind `before`, with a mark or a blank where both would read as another number.

    `script` and `script_before` are SUPER, SUB, or empty for what stands on the line.
    """
    if script == script_before or not before or not text:
        return text
    if script:
        return _MARKS[script] + text if _is_ambiguous(before[-1], text, script) else text
    return f" {text}" if before[-1].isdigit() and text[0].isdigit() else text


def _is_ambiguous(last: str, text: str, script: str) -> bool:
    """Return whether a script would read as more digits, or a power as a word: `10^2`, `10^-3`, `m^2`, `x^n`."""
    if script == SUB:
        return last.isdigit() and text[0].isdigit()
    if text[0] in _SIGNS:
        return last.isdigit() or (last.isalpha() and text[1:2].isdigit())
    if not (last.isalnum() or last in ")]") or not text[0].isalnum():
        return False
    return any(map(str.isdigit, text)) or (len(text.strip()) == 1 and last.isalpha())
