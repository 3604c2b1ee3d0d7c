"""`%files`: this kernel's files, the workspace, and how to clean it up."""

from __future__ import annotations

import contextlib
from argparse import Namespace
from typing import TYPE_CHECKING

from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._files.options import ListKeywords
from nbfiles._magics.arguments import magic_spelling, option_arguments, parse
from nbfiles._magics.lazy import functions, output, widgets, workspace
from nbfiles._magics.variables import notebook_variables
from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles._display.workspace import WorkspaceTable
    from nbfiles.records import Files, LiveFiles

COMMANDS = ("adopt", "clean", "info", "rm", "usage", "verify")


@no_var_expand
@magic_arguments("files")
@argument("what", nargs="*", help="a glob over names, or: info, rm, clean, usage, adopt, verify")
@option_arguments(ListKeywords)
def magic_files(line: str) -> Files | WorkspaceTable:
    """Show the files of this kernel: name, kind, how they are read, size, age, expiry.

    `info NAME` describes a file or those of a glob, `rm NAME ...` and `clean` delete, `usage` adds up the workspace,
    `adopt NAME` gives a file of the workspace a name here, `verify` checks whether all are still there.
    """
    with magic_spelling():
        parsed = parse(line, magic_files.parser, variables=notebook_variables(of_registered=True))
        words, options = parsed.words, parsed.options
        if words and words[0] in COMMANDS:
            return _command(words[0], words[1:], options)
        if len(words) > 1:
            raise BadInput("%files takes one glob. Type, for example: %files *.pdf")
        files = workspace.listed(*words, everything=options.everything, sort=options.sort)
        if words and not options.everything and not len(files):
            _explain(words[0])
        return files


def show_files(files: LiveFiles) -> None:
    """Show what `%files` returned: live while it is still what is there, else as it was."""
    with magic_spelling():
        if output.in_notebook() and workspace.listed(files.pattern, sort=files.sort) == files:
            with contextlib.suppress(ImportError):  # anywidget is not there, or broken
                return widgets.show_files(files)
        functions.show(files)


def _check_names(command: str, names: list[str]) -> None:
    if command in ("info", "adopt") and len(names) != 1:
        raise BadInput(f"Which file? Type one name: %files {command} NAME")
    if command == "rm" and not names:
        raise BadInput("Which files? Type their names: %files rm NAME …")
    if command in ("clean", "usage", "verify") and names:
        raise BadInput(f"%files {command} takes no names. To delete by name, type: %files rm {names[0]}")


def _command(command: str, names: list[str], options: Namespace) -> Files | WorkspaceTable:
    _check_names(command, names)
    match command:
        case "info":
            return workspace.info(names[0])
        case "adopt":
            return workspace.adopt(names[0], name=options.name)
        case "rm":
            return workspace.remove(*names, yes=options.yes)
        case "clean":
            which = {name: getattr(options, name) for name in ("older_than", "generated", "mine", "yes")}
            return workspace.clean(**which)
        case "usage":
            return workspace.usage()
    return workspace.verify()


def _explain(name: str) -> None:
    close = close_matches(name, COMMANDS)
    hint = f"Did you mean: %files {close[0]}?" if close else "Type %files alone to see them all."
    raise BadInput(f"No file of this kernel is called “{name}”. {hint}")
