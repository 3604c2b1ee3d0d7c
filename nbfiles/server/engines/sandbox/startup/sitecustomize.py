"""What every Python in a container runs at its start: files of the working folder are data.

1. Matplotlib takes a file `matplotlibrc` in the working folder for its settings, which may even name a program; it is
imported as if the working folder were elsewhere. 2. The working folder is not on the search path, so that an upload
called `json.py` is not taken for a module. Modules there are found when code of the conversation imports them by
itself, if there is no installed one of that name.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:  # this is imported at each start of a Python
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would slow down each start
_FOLDER = os.environ["INPUT_DIR"]
_CODE = ("<cell", "<stdin>", _FOLDER + os.sep)  # how the names of files begin that the conversation's code has


class _SettingsElsewhere:
    """Finds Matplotlib, and imports it in another folder."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "matplotlib":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Elsewhere(spec.loader.name, spec.loader.path)
        return spec


class _Elsewhere(importlib.machinery.SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        before = os.open(".", os.O_RDONLY)
        os.chdir(_HERE)
        try:
            super().exec_module(module)
        finally:
            os.fchdir(before)
            os.close(before)


class _OwnModules:
    """Finds modules of the working folder, for code of the conversation only."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if path is not None or not _importer().startswith(_CODE):
            return None
        return PathFinder.find_spec(name, [_FOLDER], target)


def _importer() -> str:
    """Return the file name of the code that imports."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(("<frozen importlib", __file__)):
        frame = frame.f_back
    return str(frame.f_code.co_filename) if frame is not None else ""


def _go_on() -> None:
    """Run the sitecustomize of this Python, if it has one."""
    sys.path[:] = [name for name in sys.path if name != _HERE]
    this = sys.modules.pop("sitecustomize")
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        sys.modules["sitecustomize"] = this


if hasattr(os, "fchdir"):  # Windows cannot come back to a folder by a handle
    sys.meta_path.insert(0, _SettingsElsewhere)
sys.meta_path.append(_OwnModules)
_go_on()
