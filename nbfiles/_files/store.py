"""The files of one destination: names become FileRecords, uploaded once, and again when they are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from nbfiles import page_ranges
from nbfiles._files.convert import text_sent
from nbfiles._files.download import MOST_AT_ONCE, Download
from nbfiles._files.downloads_folder import OUT_FOLDER, folder_of
from nbfiles._files.file_tokens import ESTIMATED, Counting
from nbfiles._files.index import FileIndex, FilesApi
from nbfiles._files.options import UploadKeywords
from nbfiles._files.peek import PeekKeywords, peek
from nbfiles._files.progress import OnProgress
from nbfiles._files.refresh import Refresh
from nbfiles._files.registry import Registry
from nbfiles._files.smaller_images import SmallerImages
from nbfiles._files.sources import paths
from nbfiles._files.sources.resolve import ResolvedSource, SourceResolver, source_of
from nbfiles._files.upload import Upload
from nbfiles._files.upload_cache import UploadCache
from nbfiles._files.upload_call import Failed, UploadOptions
from nbfiles.errors import BadInput, NbfilesError, Stopped
from nbfiles.options import spelled
from nbfiles.records import JSON, FileRecord, Origin, Progress, typed

MOST_NAMED = 3  # files that a note names
NOT_GENERATED = "“{}” is a file that you uploaded: only files that code made can be downloaded."


def _ignore(_rows: Sequence[Progress]) -> None:
    """Watch nothing."""


def hidden_paths(registry: Registry, names: Iterable[object]) -> tuple[str, ...]:
    """Say of names that mean files uploaded earlier, and not those of the current folder, how to type the path."""
    notes = [_note_hidden(registry, name) for name in names if isinstance(name, str)]
    return tuple(dict.fromkeys(filter(None, notes)))


def _note_hidden(registry: Registry, name: str) -> str:
    record = registry.find(name) or registry.find((page_ranges.split(name) or ("", ""))[0])
    if record is None:
        return _note_new_files(registry, name) if registry.match(name) else ""
    if record.path is None or not paths.is_other(record.path, name):
        return ""
    return f"“{name}” is {paths.origin(record.path)}. For the file in the current folder, type: {typed(f'./{name}')}"


def _note_new_files(registry: Registry, pattern: str) -> str:
    """Say of a glob over names which files of the current folder match it, too, and are not uploaded."""
    uploaded = {record.path for record in registry}
    new = [f"“{path.name}”" for path in paths.expand_or_none(pattern) if path.absolute() not in uploaded]
    if not new:
        return ""
    more = f" and {len(new) - MOST_NAMED} more" if len(new) > MOST_NAMED else ""
    listed = ", ".join(new[:MOST_NAMED]) + more
    return f"“{pattern}” means the files uploaded earlier, without {listed}. For all, type: {typed(f'./{pattern}')}"


class FileStore:
    """Files by name, and the ways they come in (`upload`, `resolve`)."""

    def __init__(
        self,
        workspace: Callable[[], FilesApi],
        cache: UploadCache,
        namespace: Callable[[], Mapping[str, object]] = dict,
        counting: Counting = ESTIMATED,
    ) -> None:
        self.index = FileIndex(workspace, cache, counting=counting)
        self._resolver = SourceResolver(namespace, self.index.temp_files, self.index.registry.find)

    @property
    def _refresh(self) -> Refresh:
        return Refresh(self.index)

    @property
    def registry(self) -> Registry:
        """The names of this kernel."""
        return self.index.registry

    @property
    def smaller_images(self) -> SmallerImages:
        """The smaller copies of images."""
        return SmallerImages(self.index)

    def upload(
        self, values: Iterable[object], watch: OnProgress = _ignore, options: UploadOptions | None = None
    ) -> list[FileRecord]:
        """Upload paths, globs, folders, URLs and what the notebook holds; files already uploaded are not sent again.

        One value may also be the name of a file of this kernel, which is uploaded from where it came.

        A file that fails does not stop the others; its error is raised when they are done. Raises
        Stopped when the user interrupts; what was finished is kept.
        """
        options, values = options or UploadOptions(), list(values)
        if len(values) == 1 and (record := _of_name(values[0], self.registry, self._resolver)):
            options = replace(options, name=options.name or record.name, as_text=record.converted)
            if record.pages:
                return Upload(self.index, [source_of(record)], watch, options).run()
            values = [record.path]
        files = self._resolver.resolve(values, options.folders)
        if options.name and len(files) > 1:
            name = spelled(UploadKeywords, "name")
            raise BadInput(name, f" names one file, and these are {len(files)}. Upload them one by one.")
        return Upload(self.index, files, watch, options).run()

    def upload_text(
        self, text: str, name: str, watch: OnProgress = _ignore, options: UploadOptions | None = None
    ) -> FileRecord:
        """Upload text as a file called `name`."""
        path = self._resolver.keep_text(text, name)
        return Upload(self.index, [ResolvedSource(path)], watch, options or UploadOptions()).run()[0]

    def knows(self, name: str, *, only_data: bool = False) -> bool:
        """Return whether a name means files: a name, a glob over names, a path or glob, or a variable.

        With `only_data`, a variable that holds text means none: in a question it may be a plain word.
        """
        if self.named(name) or paths.exists(name) or self._resolver.is_part(name):
            return True
        return self._resolver.is_data(name) if only_data else self._resolver.is_convertible(name)

    def is_source(self, name: str) -> bool:
        """Return whether a name means files, or a source such as a URL that is fetched to know."""
        return self.is_file(name) or self._resolver.is_convertible(name)

    def is_file(self, name: str) -> bool:
        """Return whether a name means files and no variable: a name here, a path or glob, or a URL."""
        at_hand = self.named(name) or paths.exists(name)
        return bool(at_hand) or (self._resolver.can_resolve(name) and not self._resolver.is_variable(name))

    def sent_text(self, record: FileRecord) -> Path:
        """Return the text that was sent of a converted file; raises UnusableFile."""
        return text_sent(record, self.index.temp_files.path_for)

    def resolve(
        self,
        values: Iterable[object],
        watch: OnProgress = _ignore,
        *,
        as_text: bool = False,
        for_code: bool = False,
        failed: Failed = None,
    ) -> list[FileRecord]:
        """Turn names into records: a name, a glob over names, or what is uploaded on first use.

        With `as_text`, tables that only code could read come as text. What is `for_code` is uploaded under its
        own name, as data always is. Errors of files that are uploaded are put into `failed`, or raised.
        """
        files: dict[str, FileRecord] = {}
        # All names mean what they meant before the first of these files was uploaded.
        meant = [(value, self._meant(value) if isinstance(value, str) else []) for value in values]
        for value, named in meant:
            if isinstance(value, str) and not named and not self._resolver.can_resolve(value):
                raise self.registry.unknown(value, paths.neighbours(value))
            records = named or self.upload([value], watch, UploadOptions(as_text=as_text, failed=failed))
            records = [self._refresh.own_copy(record, watch, as_text) for record in records]
            if as_text:
                records = [self._refresh.text_of(record, watch) for record in records]
            files |= {record.name: record for record in records}
        fresh = self._refresh.fresh(list(files.values()), watch)
        if as_text:
            return fresh
        return [self._refresh.under_own_name(record, watch, for_code) for record in fresh]

    def reached_by(self, api: Callable[[], FilesApi]) -> FileStore:
        """Return this store, with the same names and files, that reaches the workspace through another client."""
        view = copy(self)
        view.index = self.index.reached_by(api)
        return view

    def peek(self, names: Sequence[str], **how: Unpack[PeekKeywords]) -> list[FileRecord]:
        """As `resolve`, without uploading; what is new or changed has a file_id that begins with `new `."""
        return peek(names, self._require_named, self.index, self._resolver, how)

    def _require_named(self, name: str) -> list[FileRecord]:
        """As `named`; raises UnknownName for what is no source either."""
        matches = self.named(name)
        if not matches and not self.is_source(name):
            raise self.registry.unknown(name, paths.neighbours(name))
        return matches

    def heal(self, request: JSON, watch: OnProgress = _ignore, attached: Sequence[FileRecord] = ()) -> JSON:
        """Return a request with what is gone of the `attached` uploaded again; raises FileGone where that cannot be."""
        return self._refresh.heal(request, watch, attached)

    def alive(self, records: Sequence[FileRecord]) -> set[str]:
        """Ask the workspace which file_ids are there."""
        return self._refresh.alive(records)

    def facts(self, record: FileRecord) -> list[tuple[str, str]]:
        """Return what reading a file on this machine tells about it, and what a question about it costs."""
        return self._refresh.facts(record)

    def download(self, names: Sequence[str], to: Path | None = None) -> list[FileRecord]:
        """Download files that code made, by name, into `to` (default `nbfiles_out`)."""
        records = [record for name in names for record in self.made_by_code(name)]
        arrived: dict[str, FileRecord] = {}
        origins = {record.file_id: record.origin for record in records}
        download = Download(self.index, to or Path(OUT_FOLDER), lambda record: arrived.update({record.file_id: record}))
        try:
            error = download.run(origins)
        except KeyboardInterrupt:
            count = f"{sum(r.path is not None for r in arrived.values())} of {len(origins)} files were downloaded"
            raise Stopped(f"{count}. For the others, run the cell again.") from None
        if error:
            raise error
        return [arrived[file_id] for file_id in origins]

    def download_generated(
        self, origins: Mapping[str, Origin], asked: tuple[str, Sequence[str]], on_file: Callable[[FileRecord], None]
    ) -> NbfilesError | None:
        """Download what an answer's code made, told one by one in any thread; returns what went wrong, if anything.

        `asked` are the question and the names of its files, after which the folder is named.
        """
        question, names = asked
        return Download(self.index, folder_of(question, *names[:1]), on_file, MOST_AT_ONCE).run(origins)

    def expect_generated(self, origins: Mapping[str, Origin], on_file: Callable[[FileRecord], None]) -> None:
        """Give names to what an answer's code made, where it cannot be looked up now."""
        Download(self.index, Path(OUT_FOLDER), on_file).expect(origins)

    def named(self, value: str) -> list[FileRecord]:
        """Return the files of this name, or whose names match this glob."""
        exact = self.registry.find(value)
        if exact or self._resolver.is_part(value):
            return [exact] if exact else []
        return self.registry.match(value)

    def _meant(self, value: str) -> list[FileRecord]:
        """As `named`; raises BadInput where code chose a name for a file that a variable has."""
        records = self.named(value)
        generated = next((record.path for record in records if record.made_by_code), None)
        if generated and self._resolver.is_convertible(value):
            raise _two_meanings(value, generated)
        return records

    def made_by_code(self, value: str) -> list[FileRecord]:
        """Return what code made of `named`; raises UnknownName, or BadInput where all are the user's own."""
        files = self.named(value) or [self.registry.get(value)]
        generated = [record for record in files if record.made_by_code]
        if not generated:
            raise BadInput(NOT_GENERATED.format(files[0].name))
        return generated


def _of_name(value: object, registry: Registry, resolver: SourceResolver) -> FileRecord | None:
    """Return the file of this kernel that a word names, where it means no path and no variable."""
    if not isinstance(value, str) or paths.exists(value) or resolver.is_convertible(value):
        return None
    record = registry.find(value)
    return record if record and record.path else None


def _two_meanings(name: str, generated: Path) -> BadInput:
    return BadInput(
        f"“{name}” is a variable and a file that code made. For the file, type its path: "
        f"{paths.typed(generated)}. For the variable, give it another name."
    )
