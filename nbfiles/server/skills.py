"""Skills: the four of Anthropic, and custom ones of a workspace. Knows no HTTP.

Of a custom skill the metadata is kept, not the files: nothing here would read them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from nbfiles.server import ids
from nbfiles.server.errors import invalid, not_found
from nbfiles.server.store import Store
from nbfiles.server.validate import runs_code
from nbfiles.server.wire import timestamp

MOST_LOADED = 20  # skills of one request
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
    def shape(self) -> dict[str, Any]:
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
class Skill:
    """A skill with its versions, newest first."""

    id: str
    display_name: str
    source: str
    versions: tuple[Version, ...]

    @property
    def shape(self) -> dict[str, Any]:
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


class Skills:
    """The skills that one workspace sees."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.transaction() as db:
            for statement in _SCHEMA.split(";"):
                db.execute(statement)

    def all(self) -> list[Skill]:
        """Return all skills, custom ones first, newest first."""
        with self._store.connection() as db:
            names = dict(db.execute("SELECT id, display_name FROM skills").fetchall())
            rows = db.execute("SELECT * FROM skill_versions ORDER BY seq DESC").fetchall()
        found: dict[str, list[Version]] = {}
        for version in (Version(*row) for row in rows):
            found.setdefault(version.skill_id, []).append(version)
        custom = [Skill(key, names[key], "custom", tuple(versions)) for key, versions in found.items()]
        return custom + _anthropic()

    def get(self, skill_id: str) -> Skill:
        """Return a skill, or raise the API's 404."""
        for skill in self.all():
            if skill.id == skill_id:
                return skill
        raise not_found(f"Skill {skill_id} not found.")

    def add(self, name: str, description: str, *, display_name: str = "", to: str | None = None) -> Version:
        """Keep a new skill, or a new version of one."""
        skill_id, version_id = to or ids.new("skill"), ids.new("skillver")
        with self._store.transaction() as db:
            if to is None:
                db.execute("INSERT INTO skills VALUES (?, ?)", (skill_id, display_name or name))
            row = (version_id, skill_id, name, description, time.time())
            db.execute("INSERT INTO skill_versions VALUES (NULL, ?, ?, ?, ?, ?)", row)
        return next(version for version in self.get(skill_id).versions if version.id == version_id)

    def delete(self, skill_id: str, version_id: str | None = None) -> None:
        """Forget a skill, or one version of it; a skill without versions is gone."""
        skill = self.get(skill_id)
        if skill.source != "custom":
            raise invalid(f"Skill {skill_id} is Anthropic's and cannot be deleted.")
        gone = [v.id for v in skill.versions if version_id in (None, v.id)]
        if not gone:
            raise not_found(f"Skill version {version_id} not found.")
        with self._store.transaction() as db:
            db.executemany("DELETE FROM skill_versions WHERE id = ?", [(one,) for one in gone])
            if len(gone) == len(skill.versions):
                db.execute("DELETE FROM skills WHERE id = ?", (skill_id,))


def _anthropic() -> list[Skill]:
    return [
        Skill(key, name, "anthropic", (Version(0, _VERSION, key, key, f"{name} documents.", RELEASED),))
        for key, name in _ANTHROPIC.items()
    ]


def version_of(skill: Skill, wanted: str) -> Version:
    """Return a version of a skill by id, or its latest."""
    for version in skill.versions:
        if wanted in ("latest", version.id):
            return version
    raise not_found(f"Skill version {wanted} not found.")


def loaded(skills: Skills, body: Any) -> list[dict[str, str]] | None:
    """Return the skills of a Messages request with their versions. [docs] At most 20, with code execution."""
    container = body.get("container")
    wanted = container.get("skills") if isinstance(container, dict) else None
    if not wanted:
        return None
    if len(wanted) > MOST_LOADED:
        raise invalid(f"container.skills: at most {MOST_LOADED} skills are allowed")
    if not runs_code(body):
        raise invalid("container.skills: skills require the code execution tool")
    found = []
    for entry in wanted:
        skill = skills.get(entry["skill_id"])
        version = version_of(skill, entry.get("version") or "latest")
        found.append({"type": skill.source, "skill_id": skill.id, "version": version.id})
    return found
