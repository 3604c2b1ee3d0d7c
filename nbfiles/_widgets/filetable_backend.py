"""Answer the page of a file table: rows, facts, deletion in two steps, download."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from itertools import count

from nbfiles._display import files, formatting
from nbfiles._display import workspace as workspace_view
from nbfiles._display.sanitize import clean
from nbfiles._files import file_kinds, filenames
from nbfiles._files.downloads_folder import OUT_FOLDER
from nbfiles._files.workspace import Entry
from nbfiles.errors import BadInput
from nbfiles.records import FileRecord, Files
from nbfiles.session import Session

LISTED = 20  # names in a question before deletion; more are counted
MOST_PLANS = 20  # deletions that were proposed and may still be confirmed
Message = dict[str, object]


class FileTableBackend:
    """Answer about the files of one connection whose names match a glob; never with a file_id or a path.

    What the page sends is not trusted: a key that names no file is an error, and only what the kernel
    itself listed is deleted.
    """

    def __init__(self, session: Session, pattern: str) -> None:
        self._session = session
        self._registry = session.connection.files.registry
        self._workspace = session.connection.workspace
        self._pattern = pattern
        self._plans: dict[int, list[Entry]] = {}
        self._number = count(1)
        self._lock = threading.Lock()  # one request at a time; it guards the plans, too
        self._handlers: dict[str, Callable[[Message], Message]] = {
            "info": self._info,
            "plan": self._plan,
            "delete": self._delete,
            "download": self._download,
        }

    def files(self) -> Files:
        """Return the files, in the order they came."""
        return Files(self._registry.match(self._pattern))

    def rows(self) -> list[Message]:
        """Return a row for each file."""
        return [_row(record) for record in self.files()]

    def changes(self, keys: Iterable[str]) -> tuple[list[Message], list[str]]:
        """Return what became of the files of these keys: rows to put, and keys to drop."""
        pattern = filenames.key(self._pattern)
        ours = {key: self._registry.find(key) for key in keys if fnmatchcase(key, pattern)}
        put = [_row(record) for record in ours.values() if record]
        return put, [key for key, record in ours.items() if record is None]

    def reply(self, message: Message) -> Message:
        """Return the reply to a message; takes as long as the network does. Raises NbfilesError."""
        handler = self._handlers.get(str(message.get("ask")))
        if handler is None:
            raise BadInput("The page asked what this kernel does not know. Run the cell again.")
        if self._session.connection.files.registry is not self._registry:
            raise BadInput("This table belongs to another connection. For the files of the one in use, type: %files")
        with self._lock:
            return handler(message)

    def _record(self, key: object) -> FileRecord:
        record = self._registry.find(key) if isinstance(key, str) else None
        if record is None:
            raise BadInput(
                "This file is not here any more: it was deleted, or "
                "renamed. To see the files of now, run the cell again."
            )
        return record

    def _records(self, message: Message) -> list[FileRecord]:
        keys = message.get("keys")
        if not isinstance(keys, list) or not keys:
            raise BadInput("Select a file first.")
        return [self._record(key) for key in keys]

    def _info(self, message: Message) -> Message:
        record, library = self._record(message.get("key")), self._session.connection.files
        facts = workspace_view.info(record, bool(library.alive([record])), library.facts(record)).rows
        return {"facts": [[clean(cell) for cell in row] for row in facts]}

    def _plan(self, message: Message) -> Message:
        """List what would be deleted, and keep it: what is confirmed is what was listed."""
        entries = self._workspace.named([record.name for record in self._records(message)])
        number = next(self._number)
        self._plans[number] = entries
        self._plans.pop(number - MOST_PLANS, None)
        return {
            "plan": number,
            "title": f"Delete {_sum(entries)} from the workspace?{clean(workspace_view.shared(entries))}",
            "names": [clean(entry.name) for entry in entries[:LISTED]],
            "more": max(0, len(entries) - LISTED),
        }

    def _delete(self, message: Message) -> Message:
        plan = message.get("plan")
        entries = self._plans.pop(plan, None) if isinstance(plan, int) else None
        if entries is None:
            raise BadInput("Nothing was deleted: this question was answered already.")
        self._workspace.delete(entries)
        return {"message": f"Deleted: {_sum(entries)}.{clean(workspace_view.shared(entries))}"}

    def _download(self, message: Message) -> Message:
        saved = self._session.download([record.name for record in self._records(message)])
        listed = ", ".join(clean(record.path.name) for record in saved[:LISTED] if record.path)
        more = f" and {len(saved) - LISTED} more" if len(saved) > LISTED else ""
        return {"message": f"Saved in {OUT_FOLDER}: {listed}{more}"}


def _sum(entries: list[Entry]) -> str:
    return f"{formatting.files(len(entries))} ({formatting.size(workspace_view.bytes_in(entries))})"


def _row(record: FileRecord) -> Message:
    return {
        "key": filenames.key(record.name),
        "name": clean(record.name),
        "kind": files.kind(record),
        "read": file_kinds.of_record(record).read_as,
        "bytes": record.size_bytes,
        "created": record.created_at.timestamp(),
        "expires": record.expires_at.timestamp() if record.expires_at else None,
        "code": record.made_by_code,
    }
