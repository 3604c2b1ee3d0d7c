"""`%nbfiles`: where requests go, what was spent, and what questions get by default."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING

from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles.errors import BadInput
from nbfiles.magics.late import api
from nbfiles.magics.lines import parse

if TYPE_CHECKING:
    from nbfiles.display.listing import Listing
    from nbfiles.display.status import Status

COMMANDS = ("status", "use", "set", "cost", "models", "eject")


@magic_arguments("%nbfiles")
@argument("command", nargs="*", help="status (the default), use PLACE, set KEY=VALUE, cost, models, eject")
def magic_nbfiles(line: str) -> Status | Listing | None:
    """Show where requests go, with which model, and what was spent; or one of the commands.

    use local, use claude, use URL: send requests elsewhere. set KEY=VALUE: model, max_tokens, effort, budget.
    cost: what was spent. models: what each can do. eject: the last question as plain SDK code.
    """
    match parse(line, magic_nbfiles.parser).words:
        case [] | ["status"]:
            return api.status()
        case ["use", place]:
            return api.use(place)
        case ["use", *_]:
            raise BadInput(
                "Use what? Type: %nbfiles use local, %nbfiles use claude, or %nbfiles use https://…"
            )
        case ["set", *settings] if settings:
            return api.configure(**dict(map(_setting, settings)))
        case ["set"]:
            raise BadInput("Set what? Type, for example: %nbfiles set budget=2.00")
        case words:
            return _told(words)


def _told(words: list[str]) -> Listing | None:
    match words:
        case ["cost"]:
            return api.cost()
        case ["models"]:
            return api.models()
        case ["eject"]:
            sys.stdout.write(api.eject())
            return None
    close = get_close_matches(words[0], COMMANDS, n=1)
    hint = f"Did you mean: %nbfiles {close[0]}?" if close else f"It has {', '.join(COMMANDS)}."
    raise BadInput(f"%nbfiles has no command “{' '.join(words)}”. {hint}")


def _setting(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise BadInput(f"“{word}” sets nothing. Type it with =, for example: %nbfiles set budget=2.00")
    return name.replace("-", "_"), value
