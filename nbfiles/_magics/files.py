"""`%files`: this kernel's files, the workspace, and how to tidy it up."""

from __future__ import annotations

import contextlib
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._magics.arguments import parse
from nbfiles._magics.lazy import functions, output, widgets, workspace
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles._display.workspace import WorkspaceTable
    from nbfiles.records import Files, LiveFiles

COMMANDS = ("adopt", "clean", "info", "rm", "usage", "verify")


@magic_arguments("files")
@argument("what", nargs="*", help="a glob over names, or: info, rm, clean, usage, adopt, verify")
@argument("--all", action="store_true", help="the whole workspace, not only this kernel's files")
@argument("--sort", metavar="BY", help="by name, size, age or expiry")
@argument("--older-than", metavar="AGE", help="with clean: what is older than this, such as 12h or 30d")
@argument("--generated", action="store_true", help="with clean: what Claude's code made")
@argument("--mine", action="store_true", help="with clean: what you uploaded")
@argument("--as", dest="name", metavar="NAME", help="with adopt: what to call the file here")
@argument("--yes", action="store_true", help="with rm and clean: delete, instead of listing what would go")
def magic_files(line: str) -> Files | WorkspaceTable:
    """Show the files of this kernel: name, kind, how they are read, size, age, expiry.

    `info NAME` tells about one, `rm NAME ...` and `clean` delete, `usage` adds up the workspace,
    `adopt NAME` names a file that is in it, `verify` looks whether all are there.
    """
    parsed = parse(line, magic_files.parser)
    if parsed.words and parsed.words[0] in COMMANDS:
        return _command(parsed.words[0], parsed.words[1:], parsed.options)
    if len(parsed.words) > 1:
        raise BadInput("%files takes one glob. Type, for example: %files *.pdf")
    found = workspace.listed(*parsed.words, everything=parsed.options.all, sort=parsed.options.sort)
    if parsed.words and not parsed.options.all and not len(found):
        _explain(parsed.words[0])
    return found


def show_files(found: LiveFiles) -> None:
    """Show what `%files` returned: live while it is still what is there, else as it was."""
    if output.in_notebook() and workspace.listed(found.pattern, sort=found.sort) == found:
        with contextlib.suppress(ImportError):  # anywidget is not there, or broken
            return widgets.show_files(found)
    functions.show(found)


def _command(command: str, names: list[str], given: Any) -> Files | WorkspaceTable:
    if command in ("info", "adopt") and len(names) != 1:
        raise BadInput(f"Which file? Type one name: %files {command} NAME")
    if command == "rm" and not names:
        raise BadInput("Which files? Type their names: %files rm NAME …")
    if command in ("clean", "usage", "verify") and names:
        raise BadInput(f"%files {command} takes no names. To delete by name, type: %files rm {names[0]}")
    calls: dict[str, Any] = {
        "info": lambda: workspace.info(names[0]),
        "adopt": lambda: workspace.adopt(names[0], name=given.name),
        "rm": lambda: workspace.remove(*names, yes=given.yes),
        "clean": lambda: workspace.clean(
            older_than=given.older_than, generated=given.generated, mine=given.mine, yes=given.yes
        ),
        "usage": workspace.usage,
        "verify": workspace.verify,
    }
    found: Files | WorkspaceTable = calls[command]()
    return found


def _explain(word: str) -> None:
    close = get_close_matches(word, COMMANDS, n=1)
    hint = f"Did you mean: %files {close[0]}?" if close else "Type %files alone to see them all."
    raise BadInput(f"No file of this kernel is called “{word}”. {hint}")
