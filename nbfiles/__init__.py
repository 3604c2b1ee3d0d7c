"""Ask Claude about your files without leaving the notebook: upload once, ask by name.

In a notebook: `%load_ext nbfiles`, then `%upload report.pdf` and `%%ask_file report.pdf`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbfiles import workspace as workspace
    from nbfiles._functions.admin import configure, cost, eject, models, skills, status, use
    from nbfiles._functions.ask import ask, ask_each, cite, code, plan, threads
    from nbfiles._functions.doctor import doctor
    from nbfiles._functions.files import download, files, upload, upload_text
    from nbfiles._functions.kernel import current_session
    from nbfiles._functions.widgets import drop_zone, file_table
    from nbfiles._messages.answer import Answer
    from nbfiles.errors import NbfilesError
    from nbfiles.records import FileRecord, Files
    from nbfiles.session import Session

    __version__: str

__all__ = [
    "Answer",
    "FileRecord",
    "Files",
    "NbfilesError",
    "Session",
    "ask",
    "ask_each",
    "cite",
    "code",
    "configure",
    "cost",
    "current_session",
    "doctor",
    "download",
    "drop_zone",
    "eject",
    "file_table",
    "files",
    "models",
    "plan",
    "skills",
    "status",
    "threads",
    "upload",
    "upload_text",
    "use",
]

# Where the public names are defined. Each is imported on first use, so that `import nbfiles` costs nothing;
# the imports above say the same to type checkers.
_MODULES = {
    "nbfiles._functions.admin": ("configure", "cost", "eject", "models", "skills", "status", "use"),
    "nbfiles._functions.ask": ("ask", "ask_each", "cite", "code", "plan", "threads"),
    "nbfiles._functions.doctor": ("doctor",),
    "nbfiles._functions.files": ("download", "files", "upload", "upload_text"),
    "nbfiles._functions.widgets": ("drop_zone", "file_table"),
    "nbfiles._messages.answer": ("Answer",),
    "nbfiles.errors": ("NbfilesError",),
    "nbfiles.records": ("FileRecord", "Files"),
    "nbfiles._functions.kernel": ("current_session",),
    "nbfiles.session": ("Session",),
}
_SUBMODULES = ("workspace",)

if not TYPE_CHECKING:  # a type checker would take any name from a function that returns objects

    def __getattr__(name: str) -> object:
        if name in _SUBMODULES:
            return import_module(f"{__name__}.{name}")
        if name == "__version__":
            return import_module("importlib.metadata").version("nbfiles")
        for module, names in _MODULES.items():
            if name in names:
                return getattr(import_module(module), name)
        raise AttributeError(f"module 'nbfiles' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_SUBMODULES, "__version__"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics (`%load_ext nbfiles`) and say where requests will go."""
    from nbfiles import _magics

    _magics.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Undo what `load_ipython_extension` did (`%unload_ext nbfiles`)."""
    from nbfiles import _magics

    _magics.unload(shell)
