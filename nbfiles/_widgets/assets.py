"""Join the modules and styles of a widget into the one text each that anywidget wants."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "static"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def module(name: str, folder: Path = FOLDER) -> str:
    """Return a module as one text: what it imports from its folder comes first, once, without `export`.

    Only `import { name } from "./other.js";` on lines of its own is understood. The modules share one scope
    then, so no two may use the same name at the top.
    """
    texts: dict[str, str] = {}
    _collect(name, folder, texts)
    *others, last = texts.values()
    return "\n".join([*(_EXPORT.sub("", other) for other in others), last])


def style(name: str, folder: Path = FOLDER) -> str:
    """Return a style sheet after the one that all widgets share."""
    return _read(folder, "common.css") + _read(folder, name)


def _collect(name: str, folder: Path, texts: dict[str, str]) -> None:
    text = _read(folder, name)
    for other in _IMPORT.findall(text):
        if other not in texts:
            _collect(other, folder, texts)
    texts[name] = _IMPORT.sub("", text)


def _read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")
