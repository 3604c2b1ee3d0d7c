"""`%thread`: named conversations."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles.errors import BadInput
from nbfiles.magics.late import api
from nbfiles.magics.lines import parse

if TYPE_CHECKING:
    from nbfiles.display.listing import Listing

COMMANDS = ("list", "show", "fork", "undo", "drop")


@magic_arguments("thread")
@argument("command", nargs="*", help="list (the default), or: show NAME, fork NAME NEW, undo NAME, drop NAME")
def magic_thread(line: str) -> Listing | None:
    """List the threads, or show one, fork it, undo its last turn, drop it."""
    match parse(line, magic_thread.parser).words:
        case [] | ["list"]:
            return api.threads()
        case ["show", name]:
            api.show_thread(name)
            return None
        case ["fork", name, new]:
            return api.fork_thread(name, new)
        case ["undo", name]:
            return api.undo_thread(name)
        case ["drop", name]:
            return api.drop_thread(name)
        case [command, *_] if command in COMMANDS:
            raise BadInput("Which thread? Type: %thread show NAME, fork NAME NEW, undo NAME, or drop NAME")
        case [word, *_]:
            close = get_close_matches(word, COMMANDS, n=1)
            hint = f"Did you mean: %thread {close[0]}?" if close else f"To see it: %thread show {word}"
            raise BadInput(f"%thread has no command “{word}”. {hint}")
    raise AssertionError("every list of words matches a case above")
