"""Files on disk and their metadata in SQLite. Knows no HTTP.

A file is acknowledged in four steps, and kill -9 between any two of them loses nothing that was
acknowledged: bytes in incoming/ → fsync → rename to files/<id> → commit of its row.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from nbfiles.server import ids
from nbfiles.server.errors import missing
from nbfiles.server.storage.database import Database
from nbfiles.server.storage.removal import remove

DAY = 24 * 3600
QUOTA = 10**12  # bytes: the documented terabyte of an organization
FLOOR = 256 * 1024**2  # bytes that must stay free on the disk, so that the rest of the machine goes on
SWEEP_EVERY = 3600  # seconds; also a server that runs for months lets go of what has expired
GONE_AFTER = 30 * DAY  # an expired file's metadata stays listed this long (Files guide)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    filename TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL,
    downloadable INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS containers (
    id TEXT PRIMARY KEY,
    expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS deleted (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    deleted_at REAL NOT NULL
) WITHOUT ROWID;
"""
_COLUMNS = "seq, id, filename, mime_type, size_bytes, created_at, expires_at, downloadable"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One row: what is known of a file."""

    seq: int
    id: str
    filename: str
    mime_type: str
    size_bytes: int
    created_at: float
    expires_at: float | None
    downloadable: bool  # 0 or 1 in SQLite

    def expired(self) -> bool:
        """Return whether its content is gone."""
        return self.expires_at is not None and self.expires_at <= time.time()


class Full(Exception):
    """The quota is used up, or the disk is."""


class DiskFull(Full):
    """The disk is; deleting files of the workspace may not help."""

    def __init__(self) -> None:
        super().__init__("The disk of the server's data folder is nearly full: make room on it and try again.")


def is_disk_full(problem: BaseException) -> bool:
    """Return whether something failed because there was no room on a disk, or none left for this user."""
    errno_, sqlite_code = getattr(problem, "errno", None), getattr(problem, "sqlite_errorcode", None)
    no_room = errno_ in (errno.ENOSPC, errno.EDQUOT) or sqlite_code == sqlite3.SQLITE_FULL
    # A folder is copied as far as it can be, and the reasons stand in the text of one error.
    of_a_copy = isinstance(problem, shutil.Error) and os.strerror(errno.ENOSPC) in str(problem)
    return no_room or of_a_copy or isinstance(problem, DiskFull)


class Store:
    """The files of one data directory; several processes may share it."""

    def __init__(
        self, root: Path, *, quota: int = QUOTA, floor: int = FLOOR, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._quota = quota
        self._floor = floor
        self.root = private_directory(root)
        self.files = private_directory(root / "files")
        self.incoming = private_directory(root / "incoming")
        self.containers = private_directory(root / "containers")
        self.database = Database(root / "server.db")
        self.database.create(_SCHEMA)
        self.sweep()

    def staging(self) -> Path:
        """Return a path for bytes that are still arriving."""
        return self.incoming / ids.new("part")

    def content(self, file_id: str) -> Path:
        """Return where a file's bytes lie."""
        return self.files / file_id

    def add(
        self,
        staged: Path,
        *,
        filename: str,
        mime_type: str,
        expires_in: int | None = None,
        downloadable: bool = False,
    ) -> StoredFile:
        """Take over a staged file; on return it survives a crash."""
        now = self._clock()
        if now > self._swept + SWEEP_EVERY:
            self.sweep()
        self.check_room(0)
        if self._used() + staged.stat().st_size > self._quota:
            raise Full
        file = StoredFile(
            seq=0,
            id=ids.new("file"),
            filename=filename,
            mime_type=mime_type,
            size_bytes=staged.stat().st_size,
            created_at=now,
            expires_at=now + expires_in if expires_in else None,
            downloadable=downloadable,
        )
        _sync(staged)
        staged.rename(self.content(file.id))
        _sync(self.files)
        try:
            self._insert(file)
        except BaseException as problem:
            self.content(file.id).unlink(missing_ok=True)
            if is_disk_full(problem):
                raise DiskFull from None
            raise
        return file

    def _insert(self, file: StoredFile) -> None:
        with self.database.transaction() as db:
            db.execute(f"INSERT INTO files ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", astuple(file)[1:])

    def check_room(self, size: int) -> None:
        """Raise DiskFull when `size` more bytes would leave too little of the disk."""
        if shutil.disk_usage(self.root).free - size < self._floor:
            raise DiskFull

    def _used(self) -> int:
        query = "SELECT coalesce(sum(size_bytes), 0) FROM files WHERE expires_at IS NULL OR expires_at > ?"
        with self.database.connection() as db:
            return int(db.execute(query, (self._clock(),)).fetchone()[0])

    def require(self, file_id: str, *, wait: bool = True) -> StoredFile:
        """Return a file's metadata, or raise the documented 404.

        Without `wait`, sqlite3.OperationalError is raised while another connection writes.
        """
        lend = self.database.connection if wait else self.database.impatient_connection
        with lend() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM files WHERE id = ?", (file_id,)).fetchone()
        if row is None:
            raise missing(f"File `{file_id}` not found.")
        return StoredFile(*row)

    def require_readable(self, file_id: str) -> StoredFile:
        """Return the metadata of a file whose content can still be read, or raise the documented 404."""
        file = self.require(file_id)
        if file.expired():
            raise missing(f"File `{file_id}` has expired.", "file_expired")
        return file

    def by_ids(self, file_ids: Sequence[str]) -> list[StoredFile]:
        """Return the files that exist among `file_ids`, newest first."""
        marks = ",".join("?" * len(file_ids))
        return self._select(f"WHERE id IN ({marks}) ORDER BY seq DESC", *file_ids)

    def page(self, limit: int, before: int | None = None) -> list[StoredFile]:
        """Return up to `limit` files, newest first, older than row `before`."""
        return self._select("WHERE seq < ? ORDER BY seq DESC LIMIT ?", before or 2**62, limit)

    def newer(self, limit: int, than: int) -> list[StoredFile]:
        """Return up to `limit` files next newer than a row, newest first."""
        return self._select("WHERE seq > ? ORDER BY seq LIMIT ?", than, limit)[::-1]

    def position(self, file_id: str) -> int:
        """Return the row of a file, or the one that it had before it was deleted, or raise the documented 404."""
        seq = self.deleted_position(file_id)
        return self.require(file_id).seq if seq is None else seq

    def deleted_position(self, row_id: str) -> int | None:
        """Return the row that a file or a batch had before it was deleted lately: a list goes on from there."""
        with self.database.connection() as db:
            row = db.execute("SELECT seq FROM deleted WHERE id = ?", (row_id,)).fetchone()
        return row[0] if row else None

    def delete(self, file_id: str) -> bool:
        """Forget a file; False when there is none."""
        with self.database.transaction() as db:
            self.keep_position(db, "files", file_id)
            gone = db.execute("DELETE FROM files WHERE id = ?", (file_id,)).rowcount == 1
        if gone:
            self.content(file_id).unlink(missing_ok=True)
        return gone

    def keep_position(self, db: sqlite3.Connection, table: str, row_id: str) -> None:
        """Remember which row is about to be deleted."""
        query = f"INSERT OR REPLACE INTO deleted SELECT id, seq, ? FROM {table} WHERE id = ?"
        db.execute(query, (self._clock(), row_id))

    def keep_container(self, container_id: str, expires_at: float) -> None:
        """Remember a container, or move its expiry."""
        with self.database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO containers VALUES (?, ?)", (container_id, expires_at))

    def container_expiry(self, container_id: str) -> float | None:
        """Return when a container expires; None when there is none."""
        with self.database.connection() as db:
            row = db.execute("SELECT expires_at FROM containers WHERE id = ?", (container_id,)).fetchone()
        return row[0] if row else None

    def sweep(self) -> None:
        """Drop what nobody can ask for any more: expired content, abandoned uploads, old containers."""
        now = self._swept = self._clock()
        for file in self._select("WHERE expires_at <= ?", now):
            remove(self.content(file.id))
        with self.database.transaction() as db:
            old = db.execute("SELECT id FROM containers WHERE expires_at <= ?", (now,)).fetchall()
            for table in ("files", "containers"):
                db.execute(f"DELETE FROM {table} WHERE expires_at <= ?", (now - GONE_AFTER,))
            db.execute("DELETE FROM deleted WHERE deleted_at <= ?", (now - GONE_AFTER,))
        for (container_id,) in old:
            remove(self.containers / container_id)
        _drop_orphans(self, now)

    def close(self) -> None:
        """Close the database, now or when who uses it is done."""
        self.database.close()

    def _select(self, where: str, *values: object) -> list[StoredFile]:
        with self.database.connection() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM files {where}", values).fetchall()
        return [StoredFile(*row) for row in rows]


def _drop_orphans(store: Store, now: float) -> None:
    """Drop abandoned uploads, and what has no row: a crash left it just before a commit or after a deletion."""
    for part in store.incoming.iterdir():
        if _is_older(part, now - DAY):
            remove(part)
    for path in store.files.iterdir():
        if _is_older(path, now - DAY) and not store.by_ids([path.name]):
            remove(path)
    for folder in store.containers.iterdir():
        if _is_older(folder, now - DAY) and store.container_expiry(folder.name) is None:
            remove(folder)


def _is_older(path: Path, moment: float) -> bool:
    """Return whether a file was last changed before a moment; False where another kernel has taken it away."""
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:
        return False


def private_directory(path: Path) -> Path:
    """Make `path` a directory of this user alone, or refuse in one line."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = path.stat()
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to another user; set NBFILES_DATA_DIR to a directory of yours.")
    if status.st_mode & 0o077:
        path.chmod(0o700)
    return path


def _sync(path: Path) -> None:
    """Make a file's bytes, or a directory's names, survive a power cut."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no directory; its file system keeps a journal of names
    # Windows flushes only what is open for writing.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
