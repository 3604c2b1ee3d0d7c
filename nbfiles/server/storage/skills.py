"""Skills: the four of Anthropic, and custom ones, whose files go into containers. Knows no HTTP."""

from __future__ import annotations

import io
import os
import sqlite3
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbfiles.server import ids
from nbfiles.server.errors import ApiProblem, deleted_meanwhile, invalid, missing
from nbfiles.server.ids import timestamp
from nbfiles.server.json_types import JsonObject
from nbfiles.server.storage.removal import remove
from nbfiles.server.storage.store import Store, private_directory

LONGEST_PATH, LONGEST_NAME = 1_000, 255  # bytes of a path in a skill, and of a name in it
MOST_LEVELS = 50  # names in a path
RELEASED = 1760313600.0  # 13 October 2025, the date in the version of Anthropic's own

_ANTHROPIC = {"pptx": "PowerPoint", "xlsx": "Excel", "docx": "Word", "pdf": "PDF"}
_VERSION = "20251013"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS skills (id TEXT PRIMARY KEY, display_name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS skill_versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    skill_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at REAL NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a skill."""

    seq: int
    id: str
    skill_id: str
    name: str
    description: str
    created_at: float

    @property
    def shape(self) -> JsonObject:
        """The version as the API shows it."""
        return {
            "id": self.id,
            "type": "skill_version",
            "skill_id": self.skill_id,
            "name": self.name,
            "description": self.description,
            "created_at": timestamp(self.created_at),
        }


@dataclass(frozen=True, slots=True)
class StoredSkill:
    """A skill with its versions, newest first."""

    id: str
    display_name: str
    source: str
    versions: tuple[Version, ...]

    @property
    def shape(self) -> JsonObject:
        """The skill as the API shows it."""
        return {
            "id": self.id,
            "type": "skill",
            "display_name": self.display_name,
            "latest_version_id": self.versions[0].id,
            "source": {"type": self.source},
            "created_at": timestamp(self.versions[-1].created_at),
            "updated_at": timestamp(self.versions[0].created_at),
        }


class SkillStore:
    """The skills that one workspace sees."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = private_directory(store.root / "skills")
        store.database.create(_SCHEMA)

    def all(self) -> list[StoredSkill]:
        """Return all skills, custom ones first, newest first."""
        query = "SELECT s.display_name, v.* FROM skill_versions v JOIN skills s ON s.id = v.skill_id"
        with self._store.database.connection() as db:  # one query: a skill may be deleted between two
            rows = db.execute(f"{query} ORDER BY v.seq DESC").fetchall()
        names, by_skill = dict[str, str](), dict[str, list[Version]]()
        for display_name, *row in rows:
            version = Version(*row)
            names[version.skill_id] = display_name
            by_skill.setdefault(version.skill_id, []).append(version)
        custom = [StoredSkill(key, names[key], "custom", tuple(versions)) for key, versions in by_skill.items()]
        return custom + _anthropic()

    def get(self, skill_id: str) -> StoredSkill:
        """Return a skill, or raise the API's 404."""
        for skill in self.all():
            if skill.id == skill_id:
                return skill
        raise _unknown_skill(skill_id)

    def folder(self, version_id: str) -> Path:
        """Return where the files of a version lie."""
        return self._folder / version_id

    def add(
        self,
        name: str,
        description: str,
        files: Mapping[str, bytes],
        *,
        display_name: str = "",
        to: str | None = None,
    ) -> Version:
        """Keep a new skill, or a new version of one; `files` by their paths within it."""
        skill_id, version_id = to or ids.new("skill"), ids.new("skillver")
        row = (version_id, skill_id, name, description, time.time())
        try:
            self._write(self.folder(version_id), files)
            with self._store.database.transaction() as db:
                if to is None:
                    db.execute("INSERT INTO skills VALUES (?, ?)", (skill_id, display_name or name))
                elif _count(db, "skills WHERE id", to) == 0:  # deleted meanwhile
                    raise _unknown_skill(to)
                seq = db.execute("INSERT INTO skill_versions VALUES (NULL, ?, ?, ?, ?, ?)", row).lastrowid or 0
        except BaseException:
            remove(self.folder(version_id))
            raise
        return Version(seq, *row)

    def _write(self, folder: Path, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            target = folder / _inside(path)
            try:
                private_directory(target.parent)
                flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_BINARY", 0)
                handle = os.open(target, flags, 0o600)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                raise invalid(f"files: '{path}' is both a file and a directory") from None
            with os.fdopen(handle, "wb") as target_file:
                target_file.write(content)

    def archive(self, version: Version) -> bytes:
        """Return the files of a custom version as a zip archive, in the directory that a container has them in."""
        folder, target = self.folder(version.id), io.BytesIO()
        with (
            deleted_meanwhile(f"Skill {version.skill_id}", folder / "SKILL.md"),
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
        ):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, PurePosixPath(version.name, *path.relative_to(folder).parts).as_posix())
            (folder / "SKILL.md").stat()  # it may be gone since the list was made
        return target.getvalue()

    def delete(self, skill_id: str, version_id: str | None = None) -> None:
        """Forget a skill with its versions, or one version that is not its only one."""
        skill = self.get(skill_id)
        if skill.source != "custom":
            raise invalid(f"Skill {skill_id} is Anthropic's and cannot be deleted.")
        gone = [v.id for v in skill.versions if version_id in (None, v.id)]
        if not gone:
            raise missing(f"Skill version {version_id} not found.")
        with self._store.database.transaction() as db:
            if version_id is not None and _count(db, "skill_versions WHERE skill_id", skill_id) == 1:
                raise invalid(f"Skill version {version_id} is the only one of {skill_id}: delete the skill instead.")
            if version_id is None:
                gone = [row[0] for row in db.execute("SELECT id FROM skill_versions WHERE skill_id = ?", (skill_id,))]
                db.execute("DELETE FROM skills WHERE id = ?", (skill_id,))
            db.executemany("DELETE FROM skill_versions WHERE id = ?", [(one,) for one in gone])
        for one in gone:
            remove(self.folder(one))


def _count(db: sqlite3.Connection, where: str, value: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {where} = ?", (value,)).fetchone()[0])


def _unknown_skill(skill_id: str) -> ApiProblem:
    return missing(f"Skill {skill_id} not found.")


def _anthropic() -> list[StoredSkill]:
    return [
        StoredSkill(key, name, "anthropic", (Version(0, _VERSION, key, key, f"{name} documents.", RELEASED),))
        for key, name in _ANTHROPIC.items()
    ]


def version_of(skill: StoredSkill, name: str) -> Version:
    """Return a version of a skill by id, or its latest."""
    for version in skill.versions:
        if name in ("latest", version.id):
            return version
    raise missing(f"Skill version {name} not found.")


def _inside(path: str) -> PurePosixPath:
    """Return a path that leads nowhere but into the skill's own directory."""
    parts = PurePosixPath(path).parts
    long = len(path.encode()) > LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in parts)
    deep = len(parts) > MOST_LEVELS
    if not parts or long or deep or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise invalid(f"files: '{path}' is not a path within the skill")
    return PurePosixPath(*parts)
