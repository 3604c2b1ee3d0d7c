"""SOURCES: what a person may name as a file, from a path to an object of the notebook, and how it becomes files.

To add a source, add a row before those that are more general: `%upload` and questions take it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nbfiles import page_ranges
from nbfiles._documents import convert
from nbfiles._documents.pdf import DocumentError
from nbfiles._files.filenames import expanded
from nbfiles._files.sources import folders, notebook, objects, paths, urls
from nbfiles._files.sources.temp_files import TempFiles
from nbfiles.errors import NbfilesError, UnusableFile
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord


@redacted_repr
@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A file to upload, or the `error` that came instead; `note` is what to say about it.

    `pages` are those that were typed behind a PDF (`3-20`), None for all of it; `name` is what the PDF is called here.
    """

    path: Path
    note: str = ""
    error: NbfilesError | None = None
    pages: str | None = None
    name: str = ""


def source_of(record: FileRecord) -> ResolvedSource:
    """Return the source that a record came from, to upload it again."""
    assert record.path
    if not record.pages:
        return ResolvedSource(record.path)
    return ResolvedSource(record.path, pages=record.pages, name=record.name.removesuffix(f"[{record.pages}]"))


@redacted_repr
@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a source is found with: the notebook's `variables`, `temp_files`, and how folders and globs are read.

    `uploaded` finds the file that has a name in this kernel.
    """

    variables: Mapping[str, object]
    temp_files: TempFiles
    options: folders.FolderOptions = folders.NAMED_ALONE
    uploaded: Callable[[str], FileRecord | None] = lambda _name: None

    def variable(self, name: str) -> object:
        """Return what a variable holds, None where there is none of this name."""
        return self.variables.get(name) if self.is_variable(name) else None

    def is_variable(self, name: str) -> bool:
        """Return whether a name is a variable, whatever it holds: what is not a file is refused by its type."""
        return name.isidentifier() and name[:1] != "_" and name in self.variables

    def path_named(self, name: str) -> Path | None:
        """Return the file that the text or the path in a variable of this name names."""
        return _file_named_by(self.variable(name))

    def name_of(self, value: object) -> str:
        """Return the variable that holds an object, or what it is."""
        names = (name for name, other in self.variables.items() if other is value and name[:1] != "_")
        return next(names, type(value).__name__.lower())

    def written(self, value: object, name: str) -> ResolvedSource:
        """Write an object to a temporary file."""
        path = objects.write(value, name, lambda file_name: self.temp_files.path_for(f"variable {name}", file_name))
        return ResolvedSource(path, objects.note(value, path))


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source: `matches` says whether a value is one, `fetch` yields its files or raises NbfilesError."""

    name: str
    matches: Callable[[object, SourceContext], bool]
    fetch: Callable[[object, SourceContext], Iterable[ResolvedSource]]


def _is_object(value: object, _context: SourceContext) -> bool:
    return not isinstance(value, str | os.PathLike)


def _is_part(value: object, context: SourceContext) -> bool:
    """Return whether a name means pages of a file: one that exists as it stands is that file."""
    if not isinstance(value, str | os.PathLike) or (part := page_ranges.split(str(value))) is None:
        return False
    base, _ = part
    if paths.lies_there(str(value)):
        return False
    is_here = bool(context.uploaded(base)) or paths.exists(base) or bool(context.path_named(base))
    return is_here or _is_url(base, context)


def _is_url(value: object, _context: SourceContext) -> bool:
    return isinstance(value, str) and urls.is_url(value)


def _is_variable(value: object, context: SourceContext) -> bool:
    return isinstance(value, str) and not paths.exists(value) and context.is_variable(value)


def _is_path(value: object, _context: SourceContext) -> bool:
    return isinstance(value, os.PathLike) or (isinstance(value, str) and paths.exists(value))


def _object(value: object, context: SourceContext) -> Iterator[ResolvedSource]:
    yield context.written(value, context.name_of(value))


def _part(value: object, context: SourceContext) -> Iterator[ResolvedSource]:
    """Yield the file whose pages are meant, or the files of a glob."""
    part = page_ranges.split(str(value))
    assert part
    base, pages = part
    record = context.uploaded(base)
    if record is None:
        yield from (replace(file, pages=pages) for file in _source_of(base, context).fetch(base, context))
    elif record.path is None or not record.path.is_file():
        raise UnusableFile(f"“{record.name}” is not on this machine, so no part of it can be made.")
    elif record.pages:
        words = page_ranges.in_words(record.pages)
        raise UnusableFile(f"“{record.name}” is {words} of a file itself. Take the pages of that file.")
    else:
        yield ResolvedSource(record.path, pages=pages, name=record.name)


def _url(value: object, context: SourceContext) -> Iterator[ResolvedSource]:
    yield ResolvedSource(urls.fetch(str(value), lambda name: context.temp_files.path_for(str(value), name)))


def _variable(value: object, context: SourceContext) -> Iterator[ResolvedSource]:
    """Yield the file that a variable names, or what it holds as a file."""
    held = context.variable(str(value))
    if path := _file_named_by(held):
        yield ResolvedSource(path, f"the file that {value} names")
    else:
        yield context.written(held, str(value))


def _file_named_by(value: object) -> Path | None:
    """Return the file that a variable's text or path names, where there is one."""
    if not isinstance(value, str | os.PathLike):
        return None
    path = expanded(value)
    return path if os.path.isfile(path) else None  # noqa: PTH113 - is False for a text that no path can be


def _path(value: object, context: SourceContext) -> Iterator[ResolvedSource]:
    """Yield the files of a path, a glob, or a folder; raises UnusableFile for what is none of them."""
    assert isinstance(value, str | os.PathLike)
    is_shadowed = objects.can_be_file(context.variable(str(value)))
    note = "the file, not the variable of this name" if is_shadowed else ""
    searched = folders.folder_of_glob(value)
    for path in paths.expand([value]):
        if context.options.recursive and path.is_dir():
            inside = folders.files_in(path, hidden=context.options.hidden)
            yield from (_file_in(file, path, note, context) for file in inside)
        else:
            yield _file_in(path, searched, note, context)


def _file_in(path: Path, folder: Path | None, note: str, context: SourceContext) -> ResolvedSource:
    """Return a file that was named, or found in a folder, where a link may stand for a file that nobody meant."""
    error = None if folder is None or context.options.links else folders.refusal(path, folder)
    return ResolvedSource(path, note or _saved_note(path, context), error)


# The first row that matches is what is meant; the last one also says what is wrong with a name that is nothing.
SOURCES: tuple[SourceKind, ...] = (
    SourceKind("object", _is_object, _object),
    SourceKind("pages of a PDF", _is_part, _part),
    SourceKind("URL", _is_url, _url),
    SourceKind("variable", _is_variable, _variable),
    SourceKind("path, glob or folder", _is_path, _path),
)


class SourceResolver:
    """Finds what values mean by the table, with the variables of `namespace` as they are then."""

    def __init__(
        self,
        namespace: Callable[[], Mapping[str, object]],
        temp_files: TempFiles,
        uploaded: Callable[[str], FileRecord | None] = lambda _name: None,
    ) -> None:
        self._namespace = namespace
        self._temp_files = temp_files
        self._uploaded = uploaded

    def resolve(
        self, values: Iterable[object], options: folders.FolderOptions = folders.NAMED_ALONE
    ) -> list[ResolvedSource]:
        """Return the files, in order, once each; a value that means none is one with an error."""
        context = replace(self._context(), options=options)
        files: dict[tuple[Path, str | None], ResolvedSource] = {}
        for value in values:
            try:
                for file in _source_of(value, context).fetch(value, context):
                    files.setdefault((file.path, file.pages), file)
                    for image in _images(file.path, context) if options.images else ():
                        files.setdefault((image.path, None), image)
            except NbfilesError as error:
                files.setdefault((Path(str(value)), None), ResolvedSource(Path(str(value)), error=error))
        return list(files.values())

    def can_resolve(self, name: str) -> bool:
        """Return whether a name is a source of any kind, though fetching it may fail."""
        context = self._context()
        return any(row.matches(name, context) for row in SOURCES)

    def is_part(self, name: str) -> bool:
        """Return whether a name means pages of a file."""
        return _is_part(name, self._context())

    def parts(self, name: str) -> list[ResolvedSource]:
        """Return the files of which a name means pages; raises NbfilesError."""
        return list(_part(name, self._context()))

    def is_variable(self, name: str) -> bool:
        """Return whether a name is a variable, whatever it holds."""
        return self._context().is_variable(name)

    def is_convertible(self, name: str) -> bool:
        """Return whether a name is a variable that can become a file."""
        return objects.can_be_file(self._context().variable(name))

    def is_data(self, name: str) -> bool:
        """Return whether a name is a variable that holds data, a picture, or the name of a file."""
        value = self._context().variable(name)
        return objects.is_data(value) or _file_named_by(value) is not None

    def path_meant(self, name: str) -> str:
        """Return the path of the file that a variable names, or the name as it is."""
        path = None if paths.exists(name) else _file_named_by(self._context().variable(name))
        return str(path or name)

    def keep_text(self, text: str, name: str) -> Path:
        """Write a cell's text to a temporary file."""
        path = self._temp_files.path_for(f"cell {name}", name)
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        return path

    def _context(self) -> SourceContext:
        return SourceContext(self._namespace(), self._temp_files, uploaded=self._uploaded)


def _source_of(value: object, context: SourceContext) -> SourceKind:
    return next((row for row in SOURCES if row.matches(value, context)), SOURCES[-1])


def _images(path: Path, context: SourceContext) -> Iterator[ResolvedSource]:
    """Write the images of a notebook to temporary files."""
    if path.suffix != ".ipynb":
        return
    try:
        images = convert.images(path)
    except DocumentError as error:
        yield ResolvedSource(path.with_name(f"images of {path.name}"), error=UnusableFile(str(error)))
        return
    for name, content in images:
        image = context.temp_files.path_for(f"image of {path}", f"{path.stem}-image-{name}")
        image.write_bytes(content)
        yield ResolvedSource(image, f"an image of {path.name}")


def _saved_note(path: Path, context: SourceContext) -> str:
    """Say of the notebook in use that what is read is its file, which may be older."""
    here = notebook.current(context.variables) if path.suffix == ".ipynb" else None
    return notebook.saved_note(path) if here and path.is_file() and here.samefile(path) else ""
