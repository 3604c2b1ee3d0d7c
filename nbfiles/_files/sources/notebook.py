"""The notebook that this kernel runs, as far as the program that started the kernel says which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from nbfiles.errors import BadInput, Spelled

# Variables that hold its path: of VS Code, and of ipykernel under a Jupyter server (JPY_SESSION_NAME).
_VARIABLES = ("__vsc_ipynb_file__", "__session__")


def current(namespace: Mapping[str, object]) -> Path | None:
    """Return the path of the notebook, or None where nobody says it or it was moved or never saved."""
    for name in _VARIABLES:
        value = namespace.get(name)
        if isinstance(value, str) and value.endswith(".ipynb") and Path(value).is_file():
            return Path(value)
    return None


def this(namespace: Mapping[str, object]) -> Path:
    """Return the path of the notebook; raises BadInput with what to type where it is not known."""
    path = current(namespace)
    if path is None:
        example = Spelled("nbfiles.upload('my-notebook.ipynb')", "%upload my-notebook.ipynb")
        raise BadInput("Where this notebook is saved is not known here. Type its name: ", example)
    return path


def saved_note(path: Path) -> str:
    """Say that it is the saved state that is read, and from when."""
    return f"as it was saved at {datetime.fromtimestamp(path.stat().st_mtime):%H:%M:%S}"
