"""Workspaces: each has files, batches, skills and containers of its own; a header selects one.

The first one lies at the top of the data directory, the others below it. [docs] At most 100 of them.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.requests import Request

from nbfiles.server import rules
from nbfiles.server.engines import ENGINES, EngineRow, Engines
from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages import events
from nbfiles.server.messages.batches import Batches
from nbfiles.server.messages.query import LoadedSkill, Query
from nbfiles.server.messages.reader import RequestReader
from nbfiles.server.messages.upstream import Upstream
from nbfiles.server.storage.skills import SkillStore, version_of
from nbfiles.server.storage.store import FLOOR, QUOTA, Store

HEADER = "anthropic-workspace-id"
DEFAULT = "wrkspc_011Clocal"
MOST = 100
IDLE = 30  # seconds; a sender that stalls must not hold a connection for ever

_ID = re.compile(r"wrkspc_[A-Za-z0-9]{1,64}")


@dataclass(frozen=True)
class ServerSettings:
    """What a server answers with and what it holds; `upstream` is the API behind it, if there is one."""

    engines: Sequence[EngineRow] = ENGINES
    rules: Sequence[rules.Rule[JsonObject]] = rules.RULES
    upstream: Upstream | None = None
    quota: int = QUOTA  # bytes of all files
    floor: int = FLOOR  # bytes that stay free on the disk
    idle: float = IDLE  # seconds without a byte of a body that is not whole
    clock: Callable[[], float] = time.time  # seconds since 1970


class ServerWorkspace:
    """One workspace, and what answers questions about its files."""

    def __init__(self, workspace_id: str, store: Store, settings: ServerSettings) -> None:
        self.id = workspace_id
        self.store = store
        self.reader = RequestReader(store, settings.clock)
        self.skills = SkillStore(store)
        self._engines = Engines(store, settings.engines)
        self._rules = settings.rules
        self._upstream = settings.upstream
        self.batches = Batches(store, self._complete)  # last: it may go on with work at once

    def check(self, body: object, kind: rules.Kind) -> JsonObject:
        """Return a body that keeps to the rules, or raise the documented error for the first that it breaks."""
        return rules.check(body, kind, self._rules)

    def begin(
        self, body: object, stop: threading.Event, tier: str = "standard"
    ) -> tuple[Query, Iterator[list[events.Event]]]:
        """Check and read a Messages request; the engines answer while its events are read."""
        valid = self.check(body, "message")
        query = replace(self.reader.read(valid), tier=tier, skills=_load_skills(self.skills, valid))
        return query, events.bursts(query, self._engines.answer(query, stop))

    def _complete(self, body: object, stop: threading.Event) -> JsonObject:
        """Return the whole answer to one request of a batch."""
        if self._upstream is not None:
            return self._upstream.complete(body, self.store, stop)
        _, bursts = self.begin(self.check(body, "batched"), stop, "batch")
        return events.fold(event for burst in bursts for event in burst)

    def close(self) -> None:
        """End what runs in the background."""
        self.batches.close()
        self._engines.close()
        self.store.close()


class Workspaces:
    """The workspaces of one data directory, opened when they are first asked for."""

    def __init__(self, root: Path, settings: ServerSettings | None = None) -> None:
        self.settings = settings or ServerSettings()
        self.upstream = self.settings.upstream
        self._root = root
        self._lock = threading.Lock()
        self._open = {DEFAULT: ServerWorkspace(DEFAULT, self._store(root), self.settings)}
        self._elsewhere = root / "workspaces"
        for folder in sorted(self._elsewhere.iterdir()) if self._elsewhere.is_dir() else ():
            if _ID.fullmatch(folder.name):
                self.get(folder.name)  # its batches go on

    def get(self, workspace_id: str) -> ServerWorkspace:
        """Return a workspace; a new id opens a new one."""
        with self._lock:
            if workspace_id not in self._open:
                store = self._new_store(workspace_id)
                self._open[workspace_id] = ServerWorkspace(workspace_id, store, self.settings)
            return self._open[workspace_id]

    def close(self) -> None:
        """End what runs in the background, in all of them."""
        for workspace in self._open.values():
            workspace.close()

    def _new_store(self, workspace_id: str) -> Store:
        if not _ID.fullmatch(workspace_id):
            raise invalid(f"{HEADER}: Input should be a workspace id such as {DEFAULT}")
        if len(self._open) >= MOST:
            raise invalid(f"{HEADER}: an organization has at most {MOST} workspaces")
        return self._store(self._elsewhere / workspace_id)

    def _store(self, root: Path) -> Store:
        settings = self.settings
        return Store(root, quota=settings.quota, floor=settings.floor, clock=settings.clock)


def of(request: Request) -> ServerWorkspace:
    """Return the workspace of a request."""
    workspaces: Workspaces = request.app.state.workspaces
    workspace = workspaces.get(request.headers.get(HEADER, DEFAULT))
    request.state.headers[HEADER] = workspace.id
    return workspace


def _load_skills(skills: SkillStore, body: JsonObject) -> tuple[LoadedSkill, ...]:
    """Return the skills of a Messages request with their versions."""
    container = body.get("container")
    entries = container.get("skills") if isinstance(container, dict) else None
    return tuple(_load_skill(skills, entry) for entry in entries or ())


def _load_skill(skills: SkillStore, entry: JsonObject) -> LoadedSkill:
    skill = skills.get(entry["skill_id"])
    version = version_of(skill, entry.get("version") or "latest")
    folder = skills.folder(version.id) if skill.source == "custom" else None
    return LoadedSkill(skill.source, skill.id, version.id, version.name, folder)
