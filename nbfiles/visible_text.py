"""Text without the characters that nobody sees: they steer a terminal, or hide what a reader should know."""

from __future__ import annotations

import re

# Patterns are compiled when they are needed, and kept by `re`: `%load_ext` has few milliseconds.
_LINE_END = "\r\n|[\x0b\x0c\x85\u2028\u2029]"
_JOINED = "\u0620-\u08ff\u0900-\u0dff\ufb50-\ufdcf\ufe0f\ufe70-\ufefe\u2600-\u27bf\U0001f000-\U0001faff"
_TERMINAL = "\x1b\\[[0-?]*[ -/]*[@-~]"  # such as a colour, whose letters would stay without the control
_UNSEEN = (
    f"{_TERMINAL}|"
    "[\x00-\x08\r\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    # A joiner is part of the spelling inside Persian, Indic and emoji sequences, and hidden elsewhere.
    + f"]|(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])"
)


def visible(text: str) -> str:
    """Return text without controls, bidi and zero-width characters, every line end as a line feed."""
    return re.sub(_UNSEEN, "", re.sub(_LINE_END, "\n", text))
