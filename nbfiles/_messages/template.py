"""`{{name}}` in a question: replaced once, strictly; nothing else in the text is special.

The local server runs the fenced blocks of a question that begin at the start of a line. Only what was typed
is a program. So where a value has a part in a block, the lines with its fences are sent one space further in:
a model reads them as before, and the server takes them for text.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord, Files

MAX_CHARS = 100_000  # of one variable in the question; a longer one is a file, and would be paid for again and again
HEAD_ROWS = 10  # of a DataFrame, to see what is in it
CELL_CHARS = 100  # of a cell in those rows

_FENCE = re.compile(r"```\w+[ \t]*")  # the line that begins a program
_END = re.compile(r"```[ \t]*")
_NAME = re.compile(r"\{\{[ \t]*([^\W\d]\w*)[ \t]*\}\}")


@redacted_repr
@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a question: what was typed, or what a variable put in, which may be the word of a file."""

    text: str
    typed: bool = False
    is_file: bool = False


@redacted_repr
@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A question whose variables were found."""

    pieces: tuple[Piece, ...]
    variables: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The words of the files that the variables name, in order."""
        return tuple(dict.fromkeys(piece.text for piece in self.pieces if piece.is_file))

    def text(self, names: Mapping[str, str]) -> str:
        """Return the question, `names` telling what each file is called."""
        return "\n".join(f" {line}" if moved else line for line, moved in self._lines(names))

    def holds_code(self, names: Mapping[str, str]) -> bool:
        """Return whether what was put in has a part in a fence, which then is not a program."""
        return any(moved for _, moved in self._lines(names))

    def _lines(self, names: Mapping[str, str]) -> list[tuple[str, bool]]:
        """Return the lines, and whether each is moved in."""
        parts = [(names.get(p.text, p.text) if p.is_file else p.text, p.typed) for p in self.pieces]
        lines = _lines([(_sendable(text), typed) for text, typed in parts])
        return [(line, line.startswith("```") and not _is_typed(lines, at)) for at, (line, _) in enumerate(lines)]


def fill(question: str, variables: Mapping[str, Any] | None) -> FilledTemplate:
    """Replace each `{{name}}` by its variable; raises BadInput for one that is unknown or has no text form.

    Without `variables` the question stays as it is. What is put in is never read again.
    """
    if variables is None:
        return FilledTemplate((Piece(question, typed=True),))
    pieces: list[Piece] = []
    used: dict[str, None] = {}
    end = 0
    for match in _NAME.finditer(question):
        pieces.append(Piece(question[end : match.start()], typed=True))
        pieces += _put_in(match[1], _value(match[1], variables))
        used[match[1]], end = None, match.end()
    return FilledTemplate((*pieces, Piece(question[end:], typed=True)), tuple(used))


def _put_in(name: str, value: Any) -> list[Piece]:
    """Return a variable's text, or its files with commas between them."""
    paths = _paths(value)
    if not paths:
        return [Piece(_text(name, value))]
    return [piece for path in paths for piece in (Piece(", "), Piece(path, is_file=True))][1:]


def _lines(parts: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return the lines, and whether all of each was typed."""
    lines = [("", True)]
    for text, typed in parts:
        first, *rest = text.split("\n")
        lines[-1] = lines[-1][0] + first, lines[-1][1] and (typed or not text)
        lines += [(line, typed) for line in rest]
    return lines


def _is_typed(lines: Sequence[tuple[str, bool]], at: int) -> bool:
    """Return whether the fence that begins or ends in a line was typed as a whole."""
    line, typed = lines[at]
    if not typed or not _FENCE.fullmatch(line):
        return typed
    for line, typed in islice(lines, at, None):
        if not typed or _END.fullmatch(line):
            return typed
    return True


def _sendable(text: str) -> str:
    """Return text without halves of surrogate pairs, which cannot be sent; names of files may bring them."""
    return text.encode(errors="replace").decode()


def _value(name: str, variables: Mapping[str, Any]) -> Any:
    if name in variables:
        return variables[name]
    # Functions are no text: IPython's own `open` is never what was meant.
    names = [key for key, value in variables.items() if not key.startswith("_") and not callable(value)]
    close = close_matches(name, names)
    hint = f"Did you mean {{{{{close[0]}}}}}?" if close else "Define it in a cell above."
    raise BadInput(f"The question has {{{{{name}}}}}, but there is no variable “{name}”. {hint}")


def _paths(value: Any) -> list[str]:
    match value:
        case Path():
            return [str(value)]
        case FileRecord():
            return [value.name]
        case Files() if value:
            return [record.name for record in value]
    return []


def _text(name: str, value: Any) -> str:
    try:
        frame = _frame(value)
        text = _described(name, frame) if frame is not None else _plain(name, value)
    except BadInput:
        raise
    except Exception as error:  # noqa: BLE001 - a value may fail in any way when it is asked for its text
        raise BadInput(f"“{name}” cannot be written as text: {type(error).__name__}.") from None
    if len(text) > MAX_CHARS:
        raise BadInput(
            f"“{name}” has {len(text):,} characters, more than the {MAX_CHARS:,} that fit into a question. "
            "Save it as a file and ask about the file."
        )
    return text


def _plain(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    kind = type(value)
    says_nothing = str(value) == object.__repr__(value)
    if says_nothing or callable(value) or isinstance(value, ModuleType | bytes | bytearray | memoryview):
        raise BadInput(f"“{name}” is a {kind.__name__}, which has no text to put into a question.")
    if isinstance(value, list | tuple | dict):
        try:
            return json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError):
            return repr(value)
    return str(value)


def _frame(value: Any) -> Any:
    """Return a pandas or Polars frame; whoever made one has imported its library."""
    for library in ("pandas", "polars"):
        module = sys.modules.get(library)
        if module is None or not hasattr(module, "DataFrame"):
            continue
        if isinstance(value, module.Series):
            return value.to_frame()
        if isinstance(value, module.DataFrame):
            return value
    return None


def _described(name: str, frame: Any) -> str:
    """Return a frame's schema and its first rows; the rest of its rows stay here."""
    rows, columns = frame.shape
    types = [f"- {_cell(column)}: {_cell(kind)}" for column, kind in zip(frame.columns, frame.dtypes, strict=True)]
    cells = frame.head(HEAD_ROWS)
    body = cells.itertuples(index=False, name=None) if hasattr(cells, "itertuples") else cells.rows()
    lines = [[_cell(column) for column in frame.columns], *([_cell(cell) for cell in row] for row in body)]
    extent = f"its first {min(rows, HEAD_ROWS)} rows" if rows > HEAD_ROWS else "all its rows"
    head = f"table “{name}” with {rows:,} rows and {columns:,} columns:"
    table = "\n".join("\t".join(line) for line in lines)
    return "\n".join(["", head, *types, f"{extent}, tab-separated:", table, ""])


def _cell(cell: Any) -> str:
    """Return a cell, or the name or type of a column, on one line."""
    text = " ".join(str(cell).split())
    return text if len(text) <= CELL_CHARS else text[:CELL_CHARS] + "…"
