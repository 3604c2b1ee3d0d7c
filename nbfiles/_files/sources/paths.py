"""What may be uploaded: paths and globs become `Source`s, checked and hashed, still on this machine."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import IO

from nbfiles._documents import unread
from nbfiles._files.file_kinds import CODE, HEAD_BYTES, of_whole, recognise
from nbfiles._files.filenames import expanded, is_lock, safe_name
from nbfiles._files.sources import folders
from nbfiles._files.sources.temp_files import PREFIX
from nbfiles.close_matches import close_matches
from nbfiles.errors import FileErrors, Spelled, UnusableFile
from nbfiles.limits import FILE_BYTES, FILE_LIMIT
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord, Kind, variant


@redacted_repr
@dataclass(frozen=True, slots=True)
class Source:
    """A file on this machine, ready to be sent; `fingerprint` tells whether it changed since.

    `sha256` is empty until it is known. `converter` names what turns it into the text that is sent; `pages`,
    `longest_side` and `characters` are as in FileRecord; `note` is what a person should know about it.
    """

    path: Path
    name: str
    kind: str
    mime_type: str
    size_bytes: int
    fingerprint: tuple[int, int, int]
    sha256: str = ""
    converter: str | None = None
    note: str = ""
    pages: str = ""
    longest_side: int = 0
    characters: int = 0

    @property
    def variant(self) -> str:
        """As in FileRecord: what is made of the bytes."""
        converted = self.converter is not None
        return variant(self.kind, self.mime_type, converted=converted, pages=self.pages, longest_side=self.longest_side)

    @property
    def is_sent_as_it_is(self) -> bool:
        """Whether nothing is made of the file before it is sent; of an image, only its reader can tell."""
        return not (self.converter or self.pages or self.kind == Kind.IMAGE)


def expand(names: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Turn paths and globs into paths, in order, once each; raises UnusableFile for a glob of nothing."""
    paths: dict[Path, None] = {}
    for name in names:
        for path in _paths(name):
            paths[path] = None
    return list(paths)


def expand_or_none(name: str) -> list[Path]:
    """Return as `expand` does, and nothing for a glob of nothing or what is no path."""
    return expand([name]) if exists(name) else []


def inspect(path: Path, *, as_text: bool = False) -> Source:
    """Check and classify a file, without reading it whole; raises UnusableFile with what to do instead.

    With `as_text`, tables that only code could read are to become text, under a name of their own.
    """
    with opened(path) as handle:
        info = os.fstat(handle.fileno())
        _check_size(path, info.st_size)
        head = handle.read(HEAD_BYTES)
        name = safe_name(path.name)
        row = of_whole(recognise(name, head), head, handle)
    _check_lock(path, info.st_size)
    if row.refusal:
        raise UnusableFile(f"“{path.name}” {row.refusal}")
    kind, mime_type, reader = row.name, row.mime_type, row.converter
    if as_text and row.converter_without_code:
        kind, mime_type, reader = Kind.TEXT, "text/plain", row.converter_without_code
        name = safe_name(f"{name}.txt")
    unread_kind = unread.named(name, head) if row.block == CODE and not reader else None
    note = unread_kind.note if unread_kind else ""
    return Source(path, name, kind, mime_type, info.st_size, fingerprint(info), converter=reader, note=note)


def hashed(source: Source) -> Source:
    """Return the source with its SHA-256; raises UnusableFile when it changed since `inspect`."""
    with opened(source.path) as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        check_unchanged(source, handle)
    return replace(source, sha256=digest)


def lies_there(name: str) -> bool:
    """Return whether a word is a path that exists as it stands, and not as a glob."""
    try:
        return os.path.lexists(expanded(name))
    except (OSError, ValueError):
        return False


def exists(name: str) -> bool:
    """Return whether a word is a path that exists or a glob that matches a file."""
    path = expanded(name)
    try:
        matches = glob.iglob(str(path)) if glob.has_magic(name) else ()  # noqa: PTH207 - as in _paths
        return os.path.lexists(path) or any(map(os.path.isfile, matches))
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


def unsent(name: str, failed: FileErrors | None = None) -> list[FileRecord]:
    """Return records of files that are not uploaded yet; a variable or a URL has no size yet.

    What cannot be uploaded is put into `failed`, or raised where there is none.
    """
    now = datetime.now(UTC)
    if not exists(name):
        return [FileRecord(name, f"new {name}", Kind.DATA, "text/plain", 0, now)]
    sources: list[Source] = []
    for path in expand([name]):
        try:
            sources.append(_of_glob(path, name))
        except UnusableFile as error:
            if failed is None:
                raise
            failed[path] = path.name, error
    return [
        FileRecord(
            s.name,
            f"new {s.name}",
            s.kind,
            s.mime_type,
            s.size_bytes,
            now,
            path=s.path,
            converted=s.converter is not None,
        )
        for s in sources
    ]


def _of_glob(path: Path, pattern: str) -> Source:
    """Return the source of a path that a name or a glob means."""
    folder = folders.folder_of_glob(pattern)
    if folder and (refusal := folders.refusal(path, folder)):
        raise refusal
    return inspect(path)


def check_unchanged(source: Source, handle: IO[bytes]) -> None:
    """Raise UnusableFile when an open file is not what was looked at, by size, time and inode."""
    if fingerprint(os.fstat(handle.fileno())) != source.fingerprint:
        raise UnusableFile(f"“{source.path.name}” changed while it was read. Upload it again when it is finished.")


def opened(path: Path) -> BufferedReader:
    """Open a regular file for reading; raises UnusableFile where that cannot be done."""
    try:
        # Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise UnusableFile(_missing(path)) from None
    except OSError as error:
        raise UnusableFile(f"“{path.name}” cannot be read: {error.strerror}.") from None
    except ValueError:  # a NUL, or half of a surrogate pair
        raise UnusableFile(f"“{path.name}” is not a path: it has a character that no file name has.") from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        upload = Spelled(f"nbfiles.upload({str(typed(path))!r}, recursive=True)", f"%upload -r {typed(path)}")
        raise UnusableFile(f"“{path.name}” is a folder. To upload its files, type: ", upload)
    raise UnusableFile(f"“{path.name}” is not a regular file, so its end is not known. Copy it to a file first.")


def fingerprint(info: os.stat_result) -> tuple[int, int, int]:
    """Return what changes when a file is written to: size, time of change in ns, inode."""
    return info.st_size, info.st_mtime_ns, info.st_ino


def _paths(name: str | os.PathLike[str]) -> list[Path]:
    path = expanded(name)
    if os.path.lexists(path) or not glob.has_magic(str(path)):
        return [path]
    matches = sorted(Path(match) for match in glob.glob(str(path), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
    files = [match for match in matches if match.is_file() and not is_lock(match.name, match.stat().st_size)]
    if not files:
        raise UnusableFile(f"No file matches “{name}”. The current folder is “{Path.cwd().name}”.")
    return files


def _check_size(path: Path, size: int) -> None:
    if size == 0:
        raise UnusableFile(f"“{path.name}” is empty, so there is nothing to ask about.")
    if size > FILE_BYTES:
        raise UnusableFile(
            f"“{path.name}” has {size / 1e6:,.1f} MB, the limit of the API is {FILE_LIMIT}. Split it first."
        )


def _check_lock(path: Path, size: int) -> None:
    if is_lock(path.name, size):
        raise UnusableFile(
            f"“{path.name}” is a lock file, which office programs keep beside an open document. "
            "Upload the document instead."
        )


def is_other(path: Path, name: str) -> bool:
    """Return whether a name is a file of the current folder, and another one than this path."""
    here = Path(name)
    return here.is_file() and not (path.exists() and here.samefile(path))


def origin(path: Path) -> str:
    """Return in words which file an earlier upload came from, without what is private above its folder."""
    if PREFIX in str(path):  # of a variable, a cell, a drop or an address
        return "what was uploaded earlier under this name"
    return f"the file uploaded earlier from the folder “{path.parent.name}”"


def neighbours(name: str | os.PathLike[str]) -> list[str]:
    """Return the files beside the one that is meant, spelled the same way."""
    path = Path(name)
    folder = expanded(path).parent
    with contextlib.suppress(OSError, ValueError):
        return [str(path.parent / entry.name) for entry in folder.iterdir() if entry.is_file()]
    return []


def typed(path: Path) -> Path:
    """Return a path as one would type it here, which also keeps private folders out of notebooks."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else Path(path.name)


def _missing(path: Path) -> str:
    close = close_matches(path.name, [Path(name).name for name in neighbours(path)])
    hint = f"Did you mean “{close[0]}”?" if close else f"The current folder is “{Path.cwd().name}”."
    return f"There is no file “{path.name}”. {hint}"
