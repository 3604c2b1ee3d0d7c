"""What a person names becomes paths: a path, a glob, a folder, a URL, or something in the notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbfiles.errors import NbfilesError, UnusableFile
from nbfiles.filing import sources, things, web
from nbfiles.filing.spool import Spool

NOT_MEANT = {"__pycache__", "nbfiles_out"}  # folders that programs write, left out of `-r` like hidden ones


@dataclass(frozen=True, slots=True)
class Found:
    """A file to upload, or the `error` that came instead; `note` is what to say about it."""

    path: Path
    note: str = ""
    error: NbfilesError | None = None


class Gatherer:
    """Finds what words mean: paths first, then the variables of `namespace`, written to the spool."""

    def __init__(self, namespace: Callable[[], Mapping[str, object]], spool: Spool) -> None:
        self._namespace = namespace
        self._spool = spool

    def gather(self, words: Iterable[Any], *, recursive: bool = False, hidden: bool = False) -> list[Found]:
        """Return the files, in order, once each; a word that means none is one with an error."""
        found: dict[Path, Found] = {}
        for word in words:
            try:
                for one in self._files(word, recursive=recursive, hidden=hidden):
                    found.setdefault(one.path, one)
            except NbfilesError as error:
                found.setdefault(Path(str(word)), Found(Path(str(word)), error=error))
        return list(found.values())

    def knows(self, word: str) -> bool:
        """Tell whether a word is a variable that can become a file."""
        return things.is_thing(self._variable(word))

    def knows_data(self, word: str) -> bool:
        """Tell whether a word is a variable that holds data or a picture."""
        return things.is_data(self._variable(word))

    def keep_text(self, text: str, name: str) -> Path:
        """Write a cell's text to the spool."""
        path = self._spool.place(f"cell {name}", name)
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        return path

    def _files(self, word: Any, *, recursive: bool, hidden: bool) -> Iterator[Found]:
        if not isinstance(word, str | os.PathLike):
            yield Found(self._written(word, self._name_of(word)))
        elif isinstance(word, str) and web.is_url(word):
            yield Found(web.fetch(word, lambda name: self._spool.place(word, name)))
        elif isinstance(word, str) and not sources.exists(word) and self.knows(word):
            yield Found(self._written(self._variable(word), word))
        else:
            note = "the file, not the variable of this name" if self.knows(str(word)) else ""
            for path in sources.expand([word]):
                folder = recursive and path.is_dir()
                inside = _walk(path, hidden=hidden) if folder else iter([path])
                yield from (Found(one, note) for one in inside)

    def _written(self, value: object, name: str) -> Path:
        return things.write(value, name, lambda file_name: self._spool.place(f"variable {name}", file_name))

    def _variable(self, word: str) -> object:
        return self._namespace().get(word) if word.isidentifier() and word[:1] != "_" else None

    def _name_of(self, value: object) -> str:
        """Return the variable that holds an object, or what it is."""
        held = (n for n, other in self._namespace().items() if other is value and n[:1] != "_")
        return next(held, type(value).__name__.lower())


def _walk(folder: Path, *, hidden: bool) -> Iterator[Path]:
    """Yield the files in a folder, sorted; links to folders are not followed, so no loop is possible."""
    count = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in NOT_MEANT and (hidden or f[0] != "."))
        for name in sorted(files):
            path = Path(parent) / name
            if (hidden or name[0] != ".") and path.is_file() and path.stat().st_size:
                count += 1
                yield path
    if not count:
        raise UnusableFile(f"The folder “{folder.name}” has no files to upload. Hidden ones need --hidden.")
