"""The files in a folder or of a glob, and which of them are links to somewhere else.

A folder that somebody sent may hold a link to a private file of yours, which nobody meant by the folder's name.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbfiles._files.filenames import expanded, is_lock
from nbfiles._files.options import UploadKeywords
from nbfiles.errors import UnusableFile
from nbfiles.options import spelled
from nbfiles.private_values import redacted_repr

PROGRAM_FOLDERS = {"__pycache__", "nbfiles_out"}  # that programs write, left out like hidden ones


@redacted_repr
@dataclass(frozen=True, slots=True)
class FolderOptions:
    """How folders are read: taken at all when `recursive`, with what is `hidden` in them, and `links` to elsewhere.

    Notebooks come with the `images` of their outputs.
    """

    recursive: bool = False
    hidden: bool = False
    links: bool = False
    images: bool = False


NAMED_ALONE = FolderOptions()


def files_in(folder: Path, *, hidden: bool) -> Iterator[Path]:
    """Yield the files in a folder, sorted; links to folders are not followed, so no loop is possible."""
    count = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in PROGRAM_FOLDERS and (hidden or f[0] != "."))
        for name in sorted(files):
            path = Path(parent) / name
            if (hidden or name[0] != ".") and path.is_file() and _has_contents(path):
                count += 1
                yield path
    if not count:
        option = spelled(UploadKeywords, "hidden", True)
        raise UnusableFile(f"The folder “{folder.name}” has no files to upload. For hidden ones, add ", option, ".")


def _has_contents(path: Path) -> bool:
    """Return whether a file is neither empty nor the lock file of an open document."""
    size = path.stat().st_size
    return size > 0 and not is_lock(path.name, size)


def folder_of_glob(pattern: str | os.PathLike[str]) -> Path | None:
    """Return the folder that a glob searches; None for a path that names one thing."""
    path = expanded(pattern)
    if os.path.lexists(path) or not glob.has_magic(str(path)):
        return None
    return next(parent for parent in path.parents if not glob.has_magic(str(parent)))


def refusal(path: Path, folder: Path) -> UnusableFile | None:
    """Return why a file that was found in a folder is not taken: it is a link to another place, or a hidden file."""
    real, inside = path.resolve(), folder.resolve()
    if real.is_relative_to(inside) and not _is_hidden(real.relative_to(inside), path):
        return None
    option = spelled(UploadKeywords, "links", True)
    where = "a hidden file" if real.is_relative_to(inside) else f"a file outside “{inside.name}”"
    why = f"“{path.name}” is a link to {where}, and was not sent. Upload it by its own name, or all such links with "
    return UnusableFile(why, option, ".")


def _is_hidden(real: Path, path: Path) -> bool:
    """Return whether a link leads to something hidden, which its own path does not say."""
    return any(part[0] == "." and part not in path.parts for part in real.parts)
