"""The text editor of a container: view, create and str_replace, as results or errors in the API's shapes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nbfiles.server.engines.sandbox import folders
from nbfiles.server.json_types import JsonObject

MOST_BYTES = 1024 * 1024  # of a file that is edited; the API's own limit is not public
MOST_CHARS = 100_000  # of a file that is shown
LISTED = 500  # names of a directory

_KINDS = {
    ".pdf": "pdf",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".gif": "image",
    ".webp": "image",
}
_PREFIX = "text_editor_code_execution"


class EditorError(Exception):
    """A call that cannot be done: its error code, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def edit(root: Path, arguments: JsonObject) -> JsonObject:
    """Do one call within `root` and return the content of its result block."""
    commands = {"view": _view, "create": _create, "str_replace": _str_replace}
    try:
        command = commands.get(str(arguments.get("command")))
        if command is None:
            raise EditorError("invalid_tool_input", f"command: one of {', '.join(commands)}")
        root = root.resolve()
        return command(root, _within(root, arguments.get("path")), arguments)
    except EditorError as problem:
        return error(problem.code, str(problem))
    except OSError as problem:
        return error("unavailable", problem.strerror or type(problem).__name__)


def error(code: str, message: str | None = None) -> JsonObject:
    """Return an error as the content of a result block."""
    return {"type": f"{_PREFIX}_tool_result_error", "error_code": code, "error_message": message}


def _within(root: Path, name: object) -> Path:
    if not isinstance(name, str) or not name or "\0" in name:
        raise EditorError("invalid_tool_input", "path: Field required")
    try:
        path = (root / name).resolve()
    except (RuntimeError, ValueError):  # a link to itself; half a character
        raise EditorError("invalid_tool_input", "path: leads nowhere") from None
    if not path.is_relative_to(root):
        raise EditorError("invalid_tool_input", f"path: {name} is outside the container")
    return path


def _text(root: Path, path: Path) -> str:
    if _size(root, path) > MOST_BYTES:
        raise EditorError("invalid_tool_input", f"{path.name}: larger than {MOST_BYTES:,} bytes")
    try:
        with folders.opened_within(root, path) as file:
            return file.read(MOST_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise EditorError("invalid_tool_input", f"{path.name}: not a text") from None


def _view(root: Path, path: Path, arguments: JsonObject) -> JsonObject:
    kind = _KINDS.get(path.suffix.lower(), "text")
    if path.is_dir():
        text = "\n".join(folders.names_within(root, path)[:LISTED])
    else:
        text = _text(root, path) if kind == "text" else f"{path.name}: {_size(root, path)} bytes"
    lines = text.splitlines(keepends=True)
    first, last = _range(arguments.get("view_range"), len(lines))
    visible = lines[first - 1 : last]
    content = {"content": "".join(visible)[:MOST_CHARS], "file_type": kind, "num_lines": len(visible)}
    return {"type": f"{_PREFIX}_view_result", **content, "start_line": first, "total_lines": len(lines)}


def _size(root: Path, path: Path) -> int:
    try:
        with folders.opened_within(root, path) as file:
            return os.fstat(file.fileno()).st_size
    except OSError:
        raise EditorError("file_not_found", f"{path.name}: no such file") from None


def _range(view_range: object, total: int) -> tuple[int, int]:
    """Return the first and last line of a view_range; -1 is the end."""
    if view_range is None:
        return 1, total
    if not isinstance(view_range, list) or len(view_range) != 2 or not all(type(n) is int for n in view_range):
        raise EditorError("invalid_tool_input", "view_range: two line numbers")
    first, last = view_range
    if first < 1 or (last != -1 and last < first):
        raise EditorError("invalid_tool_input", "view_range: from 1 on, the first before the last")
    return first, total if last == -1 else last


def _create(root: Path, path: Path, arguments: JsonObject) -> JsonObject:
    text, existed = _string(arguments, "file_text"), path.exists()
    _write(root, path, text)
    return {"type": f"{_PREFIX}_create_result", "is_file_update": existed}


def _str_replace(root: Path, path: Path, arguments: JsonObject) -> JsonObject:
    text, old, new = _text(root, path), _string(arguments, "old_str"), arguments.get("new_str") or ""
    if not old or text.count(old) != 1:
        raise EditorError("invalid_tool_input", f"old_str: found {text.count(old) if old else 0} times, not once")
    changed = text.replace(old, str(new))
    _write(root, path, changed)
    return {"type": f"{_PREFIX}_str_replace_result", **_hunk(text.splitlines(), changed.splitlines())}


def _write(root: Path, path: Path, text: str) -> None:
    try:
        content = text.encode()  # before the file is emptied
    except UnicodeEncodeError:
        raise EditorError("invalid_tool_input", f"{path.name}: the new text has half a character") from None
    with folders.opened_within(root, path, write=True) as file:
        file.write(content)


def _hunk(before: list[str], after: list[str]) -> JsonObject:
    """Return the place of the change as a unified diff numbers it."""
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    old_from, old_to, new_from, new_to = head, len(before) - tail, head, len(after) - tail
    if old_from == old_to and new_from == new_to:
        return {"lines": [], "old_start": 1, "old_lines": 0, "new_start": 1, "new_lines": 0}
    lines = [f"-{line}" for line in before[old_from:old_to]] + [f"+{line}" for line in after[new_from:new_to]]
    sizes = {"old_lines": old_to - old_from, "new_lines": new_to - new_from}
    return {"lines": lines, "old_start": old_from + 1, "new_start": new_from + 1, **sizes}


def _alike(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many lines are the same from the first on; comparing each with each would take hours."""
    pairs = enumerate(zip(before, after, strict=False))
    return next((n for n, (old, new) in pairs if old != new), min(len(before), len(after)))


def _string(arguments: JsonObject, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise EditorError("invalid_tool_input", f"{name}: Field required")
    return value
