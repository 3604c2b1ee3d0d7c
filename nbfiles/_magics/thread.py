"""`%thread`: named conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._magics.arguments import magic_spelling, parse
from nbfiles._magics.lazy import functions
from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles._display.tables import TextTable

COMMANDS = ("list", "show", "fork", "undo", "drop")


@magic_arguments("thread")
@argument("command", nargs="*", help="list (the default), or: show NAME, fork NAME NEW, undo NAME, drop NAME")
def magic_thread(line: str) -> TextTable | None:
    """List the conversations, or show one, fork it, undo its last turn, or drop it."""
    with magic_spelling():
        match parse(line, magic_thread.parser).words:
            case [] | ["list"]:
                return functions.threads()
            case ["show", name]:
                functions.show_thread(name)
                return None
            case ["fork", name, new]:
                return functions.fork_thread(name, new)
            case ["undo", name]:
                return functions.undo_thread(name)
            case ["drop", name]:
                return functions.drop_thread(name)
            case [command, *_] if command in COMMANDS:
                raise BadInput("Which conversation? Type: %thread show NAME, fork NAME NEW, undo NAME, or drop NAME")
            case [name, *_]:
                close = close_matches(name, COMMANDS)
                hint = f"Did you mean: %thread {close[0]}?" if close else f"To see it: %thread show {name}"
                raise BadInput(f"%thread has no command “{name}”. {hint}")
    raise AssertionError("every list of words matches a case above")
