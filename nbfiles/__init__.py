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
    "Answer": "nbfiles.asking.answer",
    "FileRecord": "nbfiles.records",
    "Files": "nbfiles.records",
    "NbfilesError": "nbfiles.errors",
    "Session": "nbfiles.session",
    "ask": "nbfiles.api",
    "ask_each": "nbfiles.api",
    "cite": "nbfiles.api",
    "code": "nbfiles.api",
    "configure": "nbfiles.api",
    "cost": "nbfiles.api",
    "eject": "nbfiles.api",
    "models": "nbfiles.api",
    "plan": "nbfiles.api",
    "skills": "nbfiles.api",
    "threads": "nbfiles.api",
    "current_session": "nbfiles.session",
    "doctor": "nbfiles.api",
    "download": "nbfiles.api",
    "drop_zone": "nbfiles.api.widgets",
    "file_table": "nbfiles.api.widgets",
    "files": "nbfiles.api",
    "status": "nbfiles.api",
    "upload": "nbfiles.api",
    "upload_text": "nbfiles.api",
    "use": "nbfiles.api",
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
    from nbfiles import magics

    magics.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything back that `load_ipython_extension` did (`%unload_ext nbfiles`)."""
    from nbfiles import magics

    magics.unload(shell)
