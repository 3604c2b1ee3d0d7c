"""The magics: cell text becomes typed options and one call of nbfiles._functions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbfiles import config, destinations
from nbfiles._magics.input_transformer import keep_question_mark
from nbfiles._magics.lazy import LazyFunction, functions
from nbfiles.credentials import ANTHROPIC
from nbfiles.errors import BadInput
from nbfiles.redact import redact

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

MAGICS: dict[str, tuple[Any, str]] = {
    name: (LazyFunction(f"nbfiles._magics.{name}", f"magic_{name}"), kind)
    for name, kind in {
        "ask_file": "line_cell",
        "cite": "line",
        "download": "line",
        "files": "line",
        "nbfiles": "line",
        "thread": "line",
        "upload": "line_cell",
    }.items()
}
SHOWN: dict[tuple[str, str], Callable[[Any], None]] = {
    ("nbfiles._messages.answer", "Answer"): lambda value: functions.show(value),
    ("nbfiles.records", "Files"): lambda value: functions.show(value),
    ("nbfiles.records", "LiveFiles"): LazyFunction("nbfiles._magics.files", "show_files"),
}


def load(shell: InteractiveShell) -> None:
    """Register the magics, the `?` of questions and the look of answers; say where requests go."""
    for name, (function, kind) in MAGICS.items():
        shell.register_magic_function(function, kind, name)
    if keep_question_mark not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(keep_question_mark)
    for (module, name), show in SHOWN.items():
        _formatter(shell).for_type_by_name(module, name, show)
    sys.stdout.write(f"nbfiles: {_greeting()}\n")  # and not through `_display`, which takes longer to load


def unload(shell: InteractiveShell) -> None:
    """Take back what `load` did, and nothing that another extension put there; the files keep their names."""
    for name, (function, _) in MAGICS.items():
        for registered in shell.magics_manager.magics.values():
            if registered.get(name) is function:
                del registered[name]
    while keep_question_mark in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(keep_question_mark)
    for module, name in SHOWN:
        _formatter(shell).pop(f"{module}.{name}", None)
    if kernel := sys.modules.get("nbfiles._functions.kernel"):
        kernel.disconnect()


def _formatter(shell: InteractiveShell) -> Any:
    """Return the formatter that shows a value in its own way."""
    return shell.display_formatter.ipython_display_formatter  # type: ignore[union-attr]


def _greeting() -> str:
    """Say where requests go; an address of one's own may hold a secret, which is redacted."""
    settings = config.read()
    try:
        destination = destinations.find(settings.use, settings)
    except BadInput as problem:
        return str(problem)
    if destination.greeting:
        return destination.greeting
    about = destination.about
    return f"files and questions go to {about if destination.base_url == ANTHROPIC else redact(about)}."
