"""What counts within a group of RTF, and the control words that change nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from nbfiles._documents.readers.scripts import SUB, SUPER

_MOST_FALLBACK = 100  # characters that stand for one of Unicode in old programs


class Group(NamedTuple):
    """What counts until a group ends."""

    skipped: bool = False
    font: int = -1
    first_font: int = -1
    fallback: int = 1  # characters that stand behind each of Unicode, for old programs
    deleted: bool = False
    script: str = ""  # SUPER, SUB or on the line
    struck: bool = False
    end: str = ""  # written where the group ends
    in_fonts: bool = False  # the table of fonts
    in_instruction: bool = False  # of a field
    in_both: bool = False  # a text in two forms, of which that in Unicode is read
    for_rtf_only: bool = False  # in what was a web page


def _script(script: str) -> Callable[[Group, int], Group]:
    return lambda group, number: group._replace(script=script if number else "")


# By the control word; the number is 1 where none is written.
CHANGES: dict[str, Callable[[Group, int], Group]] = {
    "uc": lambda group, number: group._replace(fallback=min(max(number, 0), _MOST_FALLBACK)),
    "f": lambda group, number: group._replace(font=number),
    "deff": lambda group, number: group._replace(font=number, first_font=number),
    "plain": lambda group, _: group._replace(script="", deleted=False, struck=False, font=group.first_font),
    "deleted": lambda group, number: group._replace(deleted=number != 0),
    "super": _script(SUPER),
    "up": _script(SUPER),
    "sub": _script(SUB),
    "dn": _script(SUB),
    "strike": lambda group, number: group._replace(struck=number != 0),
    "striked": lambda group, number: group._replace(struck=number != 0),
    "nosupersub": _script(""),
    "htmlrtf": lambda group, number: group._replace(for_rtf_only=number != 0),
    "upr": lambda group, _: group._replace(skipped=True, in_both=not group.skipped),
    "ud": lambda group, _: group._replace(skipped=group.skipped and not group.in_both),
    "fonttbl": lambda group, _: group._replace(skipped=True, in_fonts=True),
    "fldinst": lambda group, _: group._replace(skipped=True, in_instruction=not group.skipped),
}
