"""`%nbfiles`: where requests go, and what was spent."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles.errors import BadInput
from nbfiles.magics.late import api
from nbfiles.magics.lines import parse

if TYPE_CHECKING:
    from nbfiles.display.status import Status

COMMANDS = ("status", "use")


@magic_arguments("%nbfiles")
@argument("command", nargs="*", help="status (the default), or: use local, use claude, use URL")
def magic_nbfiles(line: str) -> Status:
    """Show where requests go, with which model, and what was spent; or send them elsewhere with `use`."""
    match parse(line, magic_nbfiles.parser).words:
        case [] | ["status"]:
            return api.status()
        case ["use", place]:
            return api.use(place)
        case ["use", *_]:
            raise BadInput(
                "Use what? Type: %nbfiles use local, %nbfiles use claude, or %nbfiles use https://…"
            )
        case [word, *_]:
            close = get_close_matches(word, COMMANDS, n=1)
            hint = f"Did you mean: %nbfiles {close[0]}?" if close else "Type %nbfiles, or %nbfiles use PLACE."
            raise BadInput(f"%nbfiles has no command “{word}”. {hint}")
    raise AssertionError("every list of words matches a case above")
