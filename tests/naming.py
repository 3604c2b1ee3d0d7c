"""Read the names of a package from its source, and say which of them are banned (banned_words.txt)."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LISTS = Path(__file__).with_name("banned_words.txt")
# Public names, methods that another library calls, and names on the wire stay as their users know them.
ALLOWED = {"made_by_code", "not_found", "connection_made", "tell"}  # `tell` is what a handle to upload has
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Name:
    """A name where it is defined: `kind` is module, class, function or local."""

    kind: str
    name: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.kind} {self.name}"


def banned_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that no name may hold, and those that may not be a whole name."""
    lists: dict[str, set[str]] = defaultdict(set)
    section = ""
    for line in LISTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            lists[section].add(line.strip())
    return frozenset(lists["anywhere"]), frozenset(lists["anywhere"] | lists["alone"])


def is_banned(name: str) -> bool:
    """Return whether a name holds a banned word, or is one."""
    if name in ALLOWED:
        return False
    anywhere, alone = banned_words()
    parts = [part.lower() for part in _PARTS.findall(name)]
    return any(part in anywhere for part in parts) or (len(parts) == 1 and parts[0] in alone)


def defined(package: Path) -> Iterator[Name]:
    """Yield every module, class and function of a package."""
    for path in sorted(package.rglob("*.py")):
        shown = str(path.relative_to(package.parent))
        if path.stem not in ("__init__", "__main__"):
            yield Name("module", path.stem, shown, 1)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield Name("class", node.name, shown, node.lineno)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Name("function", node.name, shown, node.lineno)


def local_names(package: Path) -> Iterator[Name]:
    """Yield every parameter and every name that is assigned in a function, once for each function."""
    for path in sorted(package.rglob("*.py")):
        shown = str(path.relative_to(package.parent))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from (Name("local", name, shown, line) for name, line in _locals(function).items())


def _locals(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, int]:
    names: dict[str, int] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            names.setdefault(node.arg, node.lineno)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, node.lineno)
    return names


def classes_of_one_name(package: Path) -> dict[str, list[str]]:
    """Return the names that several classes of a package have, with where they stand."""
    positions: dict[str, list[str]] = defaultdict(list)
    for name in defined(package):
        if name.kind == "class":
            positions[name.name].append(f"{name.path}:{name.line}")
    return {name: where for name, where in positions.items() if len(where) > 1}
