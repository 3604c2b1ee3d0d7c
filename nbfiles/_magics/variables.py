"""A word of a magic's line that stands for a variable: `{name}`, `$name`, and `*name` for what is in it.

The line is split first; then a word becomes what its variable holds, as one argument that is never an option.
IPython's own filling does it the other way round: a name with a space becomes two arguments, and a value such as
`--yes` an option.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeGuard

from IPython.core.getipython import get_ipython

from nbfiles._magics.arguments import looks_like_file
from nbfiles._magics.lazy import functions, records
from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles._files.store import FileStore
    from nbfiles.records import FileRecord

_REFERENCE = re.compile(r"""(?P<quote>["']?)(?:\{(?P<braced>[^\W\d]\w*)\}|\$(?P<bare>[^\W\d]\w*))(?P=quote)""")
_UNPACKED = re.compile(r"\*(?:\{(?P<braced>[^\W\d]\w*)\}|(?P<bare>[^\W\d]\w*))")
_EXPRESSION = re.compile(r"""["']?[^\s{}]*(\{[^{}]*\}|\{\{[^{}]*\}\})\S*["']?""")


class Variables:
    """The variables that the words of a line may stand for.

    `is_file` says whether a word means a file, `name_of` how a file of some path is called, by default its path.
    """

    def __init__(
        self,
        values: Mapping[str, object],
        is_file: Callable[[str], bool],
        name_of: Callable[[str], str] = str,
    ) -> None:
        self._values, self._is_file, self._name_of = values, is_file, name_of

    def sources(self, word: str, *, in_sentence: bool = False) -> list[str] | None:
        """Return the files that a word stands for; None where it is a word like any other.

        A path, a record, or a text that names a file is that file; what else a variable holds is uploaded as data
        of its name, but for text `in_sentence`, which is a part of the question. Raises BadInput for braces that
        stand for no variable, unless a file is called so.
        """
        unpacked = _UNPACKED.fullmatch(word)
        if unpacked and isinstance(values := self._values.get(_name(unpacked)), list | tuple | set | frozenset):
            return None if self._is_file(word) else [self._of_item(value, word) for value in values]
        if self._is_plain(word):
            return None
        match = _REFERENCE.fullmatch(word)
        if match is None:
            raise BadInput(
                f"{word} is more than the name of a variable, so nothing is filled in. "
                "Assign it first, for example: f = …, and type: {f}"
            )
        name = _name(match)
        if name not in self._values:
            if in_sentence and match["bare"]:
                return None
            raise self._unknown(word, name)
        value = self._values[name]
        if in_sentence and isinstance(value, str) and not self._means_file(value):
            return None
        return [self._source(value, name)]

    def _is_plain(self, word: str) -> bool:
        return not (_REFERENCE.fullmatch(word) or _EXPRESSION.fullmatch(word)) or self._is_file(word.strip("\"'"))

    def _unknown(self, word: str, name: str) -> BadInput:
        close = close_matches(name, [known for known in self._values if known[:1] != "_"])
        hint = f"Did you mean {{{close[0]}}}?" if close else "Assign it first."
        return BadInput(f"{word} stands for a variable, but there is none called “{name}”. {hint}")

    def in_question(self, question: str) -> str:
        """Return a question whose first word, such as `{name}`, is filled like `{{name}}`: as text, which is data."""
        first, space, rest = question.partition(" ")
        match = _REFERENCE.fullmatch(first)
        if match is None or _name(match) not in self._values:
            return question
        return f"{{{{{_name(match)}}}}}{space}{rest}"

    def text(self, word: str) -> str | None:
        """Return what to put in place of the value of an option, as text; None for a word like any other."""
        match = _REFERENCE.fullmatch(word)
        if match is None or _name(match) not in self._values:
            return None
        return _text_of(self._values[_name(match)])

    def _source(self, value: object, name: str) -> str:
        if isinstance(value, str):
            return self._name_of(value) if self._means_file(value) else name
        return self._name_of(_text_of(value)) if (isinstance(value, os.PathLike) or _is_record(value)) else name

    def _of_item(self, value: object, word: str) -> str:
        if isinstance(value, str | os.PathLike) or _is_record(value):
            return self._name_of(_text_of(value))
        raise BadInput(f"{word} holds more than names of files: one item is of type {type(value).__name__}.")

    def _means_file(self, value: str) -> bool:
        return value not in self._values and (self._is_file(value) or looks_like_file(value))


def notebook_variables(*, of_registered: bool = False) -> Variables:
    """Return the variables of the notebook, beside the files of this kernel; `of_registered` where no path is one."""
    shell = get_ipython()

    def files() -> FileStore:
        return functions.current_session().connection.files

    name_of = (lambda path: files().registry.name_of(path)) if of_registered else str
    return Variables(shell.user_ns if shell else {}, lambda name: files().is_file(name), name_of)


def _name(match: re.Match[str]) -> str:
    return str(match["braced"] or match["bare"])


def _is_record(value: object) -> TypeGuard[FileRecord]:
    return isinstance(value, records.FileRecord)


def _text_of(value: object) -> str:
    if _is_record(value):
        return value.name
    path = os.fspath(value) if isinstance(value, os.PathLike) else str(value)
    # With its folder, so that it is not taken for a file of this name that came from elsewhere.
    is_here = isinstance(value, os.PathLike) and os.path.lexists(path)
    return os.path.abspath(path) if is_here else str(path)  # noqa: PTH100 - resolve() would lose the name of a link
