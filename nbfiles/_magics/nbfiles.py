"""`%nbfiles`: where requests go, what was spent, and what questions get by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._magics.arguments import magic_spelling, option_arguments, parse
from nbfiles._magics.lazy import ask as questions
from nbfiles._magics.lazy import functions, output
from nbfiles.close_matches import close_matches
from nbfiles.destinations import UseKeywords
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles._display.doctor import DoctorReport
    from nbfiles._display.tables import Status, TextTable

COMMANDS = ("status", "use", "set", "cost", "models", "skills", "code", "show", "doctor", "eject")


@magic_arguments("nbfiles")
@argument(
    "command",
    nargs="*",
    help="status (the default), use DESTINATION, set KEY=VALUE, cost, models, skills, code N, show, doctor, eject",
)
@option_arguments(UseKeywords)
def magic_nbfiles(line: str) -> Status | TextTable | DoctorReport | None:
    """Show where requests go, with which model, and what was spent; or one of the commands.

    use local, use claude, use URL [--key-from ENVVAR]: where requests go. set KEY=VALUE: model, max_tokens,
    effort, budget. cost: what was spent. models: what each can do. skills: what --skill takes. code N: step N of
    the last answer as the next cell, not run. show: the last answer again. doctor: check this setup.
    eject: plain SDK code.
    """
    with magic_spelling():
        parsed = parse(line, magic_nbfiles.parser)
        key_from = parsed.options.key_from
        if key_from is not None and parsed.words[:1] != ["use"]:
            raise BadInput("--key-from goes with a destination. Type: %nbfiles use https://… --key-from ENVVAR")
        match parsed.words:
            case [] | ["status"]:
                return functions.status()
            case ["use", destination]:
                return functions.use(destination, key_from)
            case ["use", *_]:
                raise BadInput("Use what? Type: %nbfiles use local, %nbfiles use claude, or %nbfiles use https://…")
            case ["set", *settings] if settings:
                return functions.configure(**dict(map(_setting, settings)))
            case ["set"]:
                raise BadInput("Set what? Type, for example: %nbfiles set budget=2.00")
            case words:
                return _report(words)


def _report(words: list[str]) -> TextTable | DoctorReport | None:
    match words:
        case ["cost"]:
            return functions.cost()
        case ["models"]:
            return functions.models()
        case ["skills"]:
            return functions.skills()
        case ["doctor"]:
            return functions.doctor()
    if _is_about_last_answer(words):
        return None
    close = close_matches(words[0], COMMANDS)
    hint = f"Did you mean: %nbfiles {close[0]}?" if close else f"It has {', '.join(COMMANDS)}."
    raise BadInput(f"%nbfiles has no command “{' '.join(words)}”. {hint}")


def _is_about_last_answer(words: list[str]) -> bool:
    """Do what is asked of the last answer; return whether anything was."""
    match words:
        case ["code"]:
            _insert(functions.code())
        case ["code", number, *names] if len(names) < 2:
            _insert(functions.code(_number(number), *names))
        case ["show", *names] if len(names) < 2:
            questions.show_last(*names)
        case ["eject", *names] if len(names) < 2:
            output.print_text(functions.eject(*names), end="")
        case _:
            return False
    return True


def _insert(code: str) -> None:
    """Put code into the next cell, for a person to read and run."""
    shell = get_ipython()
    if shell is not None:
        shell.set_next_input(code)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise BadInput(f"Which step? Type its number, for example: %nbfiles code 1, not “{text}”.")
    return int(text)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"“{text}” sets nothing. Type it with =, for example: %nbfiles set budget=2.00")
    return name.replace("-", "_"), value
