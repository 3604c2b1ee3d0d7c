"""Files and questions for Claude, from a notebook cell: upload once, ask by name.

In a notebook: `%load_ext nbfiles`, then `%upload report.pdf` and `%%ask_file report.pdf`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# Public names, and the room each lives in: imported on first use, so that `import nbfiles` costs nothing.
_HOMES = {
    "Answer": "nbfiles._messages.answer",
    "FileRecord": "nbfiles.records",
    "Files": "nbfiles.records",
    "NbfilesError": "nbfiles.errors",
    "Session": "nbfiles.session",
    "ask": "nbfiles._functions",
    "ask_each": "nbfiles._functions",
    "cite": "nbfiles._functions",
    "code": "nbfiles._functions",
    "configure": "nbfiles._functions",
    "cost": "nbfiles._functions",
    "eject": "nbfiles._functions",
    "models": "nbfiles._functions",
    "plan": "nbfiles._functions",
    "skills": "nbfiles._functions",
    "threads": "nbfiles._functions",
    "current_session": "nbfiles.session",
    "doctor": "nbfiles._functions",
    "download": "nbfiles._functions",
    "drop_zone": "nbfiles._functions.widgets",
    "file_table": "nbfiles._functions.widgets",
    "files": "nbfiles._functions",
    "status": "nbfiles._functions",
    "upload": "nbfiles._functions",
    "upload_text": "nbfiles._functions",
    "use": "nbfiles._functions",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nbfiles' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics (`%load_ext nbfiles`) and say where requests will go."""
    from nbfiles import _magics

    _magics.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything back that `load_ipython_extension` did (`%unload_ext nbfiles`)."""
    from nbfiles import _magics

    _magics.unload(shell)
