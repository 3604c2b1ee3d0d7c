"""What a person names becomes paths: a path, a glob, a folder, a URL, or something in the notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbfiles._documents import convert
from nbfiles._documents.pdf import DocumentError
from nbfiles._files.options import UploadKeywords
from nbfiles._files.sources import notebook, objects, paths, urls
from nbfiles._files.sources.temp_files import TempFiles
from nbfiles.errors import NbfilesError, UnusableFile
from nbfiles.options import spelled

NOT_MEANT = {"__pycache__", "nbfiles_out"}  # folders that programs write, left out of `-r` like hidden ones


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A file to upload, or the `error` that came instead; `note` is what to say about it."""

    path: Path
    note: str = ""
    error: NbfilesError | None = None


class SourceResolver:
    """Finds what words mean: paths first, then the variables of `namespace`, written to the spool."""

    def __init__(self, namespace: Callable[[], Mapping[str, object]], spool: TempFiles) -> None:
        self._namespace = namespace
        self._spool = spool

    def gather(
        self, words: Iterable[Any], *, recursive: bool = False, hidden: bool = False, images: bool = False
    ) -> list[ResolvedSource]:
        """Return the files, in order, once each; a word that means none is one with an error.

        Notebooks come with the images of their outputs when `images` are asked for.
        """
        found: dict[Path, ResolvedSource] = {}
        for word in words:
            try:
                for one in self._files(word, recursive=recursive, hidden=hidden):
                    found.setdefault(one.path, one)
                    for image in self._images(one.path) if images else ():
                        found.setdefault(image.path, image)
            except NbfilesError as error:
                found.setdefault(Path(str(word)), ResolvedSource(Path(str(word)), error=error))
        return list(found.values())

    def knows(self, word: str) -> bool:
        """Tell whether a word is a variable that can become a file."""
        return objects.can_be_file(self._variable(word))

    def holds(self, word: str) -> bool:
        """Tell whether a word is a variable, whatever it holds: what is no file is refused by its type."""
        return word.isidentifier() and word[:1] != "_" and word in self._namespace()

    def knows_data(self, word: str) -> bool:
        """Tell whether a word is a variable that holds data or a picture."""
        return objects.is_data(self._variable(word))

    def keep_text(self, text: str, name: str) -> Path:
        """Write a cell's text to the spool."""
        path = self._spool.place(f"cell {name}", name)
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        return path

    def _files(self, word: Any, *, recursive: bool, hidden: bool) -> Iterator[ResolvedSource]:
        if not isinstance(word, str | os.PathLike):
            yield self._written(word, self._name_of(word))
        elif isinstance(word, str) and urls.is_url(word):
            yield ResolvedSource(urls.fetch(word, lambda name: self._spool.place(word, name)))
        elif isinstance(word, str) and not paths.exists(word) and self.holds(word):
            yield self._written(self._variable(word), word)
        else:
            note = "the file, not the variable of this name" if self.knows(str(word)) else ""
            for path in paths.expand([word]):
                folder = recursive and path.is_dir()
                inside = _walk(path, hidden=hidden) if folder else iter([path])
                yield from (ResolvedSource(one, note or self._saved(one)) for one in inside)

    def _images(self, path: Path) -> Iterator[ResolvedSource]:
        """Write the images of a notebook to the spool."""
        if path.suffix != ".ipynb":
            return
        try:
            pictures = convert.pictures(path)
        except DocumentError as error:
            yield ResolvedSource(path.with_name(f"images of {path.name}"), error=UnusableFile(str(error)))
            return
        for name, content in pictures:
            picture = self._spool.place(f"image of {path}", f"{path.stem}-image-{name}")
            picture.write_bytes(content)
            yield ResolvedSource(picture, f"an image of {path.name}")

    def _saved(self, path: Path) -> str:
        """Say of the notebook in use that what is read is its file, which may be older."""
        here = notebook.current(self._namespace()) if path.suffix == ".ipynb" else None
        return notebook.saved(path) if here and path.is_file() and here.samefile(path) else ""

    def _written(self, value: object, name: str) -> ResolvedSource:
        path = objects.write(value, name, lambda file_name: self._spool.place(f"variable {name}", file_name))
        return ResolvedSource(path, objects.note(value, path))

    def _variable(self, word: str) -> object:
        return self._namespace().get(word) if self.holds(word) else None

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
        option = spelled(UploadKeywords, "hidden", True)
        raise UnusableFile(f"The folder “{folder.name}” has no files to upload. For hidden ones, add ", option, ".")
