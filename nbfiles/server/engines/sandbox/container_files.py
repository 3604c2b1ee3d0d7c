"""The files of a container, where code may have changed anything since the server last looked.

files/         the working folder: uploads, skills/, outputs/
tmp/           temporary files, and what the cells print
state.json     which uploads and skills were put there; out of the code's reach
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nbfiles.server.engines.sandbox import folders
from nbfiles.server.messages.query import DataFile, LoadedSkill
from nbfiles.server.storage.store import private_directory

LONGEST_NAME = 250  # bytes; file systems take 255, and a second file of the name gets a number
SKILLS = "skills"  # the directory of custom ones


@dataclass
class _State:
    """What was put into a container: upload's name → file id, and versions of skills."""

    uploads: dict[str, str] = field(default_factory=dict)
    skills: list[str] = field(default_factory=list)


class ContainerFiles:
    """What lies in the folder of one container."""

    def __init__(self, root: Path) -> None:
        self.root = private_directory(root)
        self.folder, self.tmp = root / "files", root / "tmp"
        self.outputs = self.folder / "outputs"
        self.settings = self.tmp / "matplotlib"  # and its list of fonts
        self.make_folders()

    def make_folders(self) -> None:
        """Make what code may have removed."""
        for folder in (self.folder, self.outputs, self.tmp, self.settings):
            folders.own_folder(folder)

    def put(self, files: Sequence[DataFile]) -> list[str]:
        """Copy uploads into the directory, unless they were before, and return their names there."""
        self.make_folders()  # code may have removed them
        state = self._state()
        names: list[str] = []
        for file in files:
            name = _free_name(file.filename, {*names, self.outputs.name, SKILLS})
            names.append(name)
            if state.uploads.get(name) != file.file_id:
                folders.put(file.path, self.folder / name, self.root)
                state.uploads[name] = file.file_id
        self._keep(state)
        return names

    def mount(self, skills: Sequence[LoadedSkill]) -> None:
        """Copy the files of custom skills to skills/<name>, unless this version was before."""
        state = self._state()
        for skill in skills:
            if skill.folder is not None and skill.version not in state.skills:
                folders.put(skill.folder, folders.own_folder(self.folder / SKILLS) / skill.name, self.root)
                state.skills.append(skill.version)
        self._keep(state)

    def new_files(self, before: dict[str, tuple[int, int]]) -> dict[str, int]:
        """Return name and size of the regular files at the top of the output directory that are new or changed.

        They come in the order in which they were written.
        """
        now = self.snapshot()
        names = sorted(now, key=lambda name: (now[name][0], name))
        return {name: now[name][1] for name in names if before.get(name) != now[name]}

    def in_folder(self) -> dict[str, tuple[int, int]]:
        """Return the state of the working folder, of which nothing is kept."""
        return folders.regular_files(self.folder)

    def written_elsewhere(self, before: dict[str, tuple[int, int]]) -> list[str]:
        """Return the names of the files at the top of the working folder that are new or changed, but hidden ones."""
        now = self.in_folder()
        return sorted(name for name in now if before.get(name) != now[name] and name[0] != ".")

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Return the state of the output directory."""
        return folders.regular_files(self.outputs)

    def copy_output(self, name: str, target: Path, limit: int) -> None:
        """Copy a new file; raises OSError if it is a regular file no more, and TooLarge beyond `limit` bytes."""
        folders.copy_out(self.outputs, name, target, limit)

    def _state(self) -> _State:
        path = self.root / "state.json"
        return _State(**json.loads(path.read_text())) if path.exists() else _State()

    def _keep(self, state: _State) -> None:
        (self.root / "state.json").write_text(json.dumps(asdict(state)))


def _free_name(name: str, reserved: set[str]) -> str:
    """Return the name, or for a second file of the same name: data-2.csv."""
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    while len(f"{stem}{dot}{suffix}".encode()) > LONGEST_NAME:
        stem, suffix = (stem[:-1], suffix) if stem else (stem, suffix[:-1])
    name = f"{stem}{dot}{suffix}"
    return next(n for n in (name, *(f"{stem}-{k}{dot}{suffix}" for k in range(2, 1000))) if n not in reserved)
