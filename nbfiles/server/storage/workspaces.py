"""Workspaces: each has files, batches, skills and containers of its own; a header selects one.

The first one lies at the top of the data directory, the others below it. [docs] At most 100 of them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.requests import Request

from nbfiles.server.engines import Engines
from nbfiles.server.errors import invalid
from nbfiles.server.messages import events
from nbfiles.server.messages.batches import Batches
from nbfiles.server.messages.query import Query
from nbfiles.server.messages.reader import RequestReader
from nbfiles.server.messages.upstream import Upstream
from nbfiles.server.rules import messages
from nbfiles.server.storage.skills import SkillStore, loaded
from nbfiles.server.storage.store import Store

HEADER = "anthropic-workspace-id"
DEFAULT = "wrkspc_011Clocal"
MOST = 100

_ID = re.compile(r"wrkspc_[A-Za-z0-9]{1,64}")


class ServerWorkspace:
    """One workspace, and what answers questions about its files."""

    def __init__(self, workspace_id: str, store: Store, upstream: Upstream | None) -> None:
        self.id = workspace_id
        self.store = store
        self.reader = RequestReader(store)
        self.skills = SkillStore(store)
        self._engines = Engines(store)
        self._upstream = upstream
        self.batches = Batches(store, self._complete)  # last: it may go on with work at once

    def begin(
        self, body: Any, stop: threading.Event, tier: str = "standard"
    ) -> tuple[Query, Iterator[list[events.Event]]]:
        """Check and read a Messages request; its answer is made as its events are taken."""
        messages.check_message(body)
        query = replace(self.reader.read(body), tier=tier, skills=loaded(self.skills, body))
        return query, events.bursts(query, self._engines.answer(query, stop))

    def _complete(self, body: Any, stop: threading.Event) -> dict[str, Any]:
        """Return the whole answer to one request of a batch."""
        if self._upstream is not None:
            return self._upstream.complete(body, self.store, stop)
        _, bursts = self.begin(body, stop, "batch")
        return events.fold(event for burst in bursts for event in burst)

    def close(self) -> None:
        """End what runs in the background."""
        self.batches.close()
        self._engines.close()
        self.store.close()


class Workspaces:
    """The workspaces of one data directory, opened when they are first asked for."""

    def __init__(self, root: Path, upstream: Upstream | None = None) -> None:
        self.upstream = upstream
        self._root = root
        self._lock = threading.Lock()
        self._open = {DEFAULT: ServerWorkspace(DEFAULT, Store(root), upstream)}
        self._elsewhere = root / "workspaces"
        for folder in sorted(self._elsewhere.iterdir()) if self._elsewhere.is_dir() else ():
            if _ID.fullmatch(folder.name):
                self.get(folder.name)  # its batches go on

    def get(self, workspace_id: str) -> ServerWorkspace:
        """Return a workspace; a new id opens a new one."""
        with self._lock:
            if workspace_id not in self._open:
                store = self._new_store(workspace_id)
                self._open[workspace_id] = ServerWorkspace(workspace_id, store, self.upstream)
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
        return Store(self._elsewhere / workspace_id)


def of(request: Request) -> ServerWorkspace:
    """Return the workspace of a request."""
    workspaces: Workspaces = request.app.state.workspaces
    workspace = workspaces.get(request.headers.get(HEADER, DEFAULT))
    request.state.headers[HEADER] = workspace.id
    return workspace
