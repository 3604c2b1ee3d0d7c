"""What was uploaded, kept between kernels: bytes and name → file in the workspace, and path → bytes.

SQLite, because it is the one store that lost nothing in tests (docs/security.md): journal DELETE, synchronous
FULL, mode 0600 in a 0700 directory, and a checksum a row, as SQLite itself misses flipped bits in a value.
Whatever is wrong with it, the kernel goes on: the cache then works in memory, and `problem` says why.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from nbfiles.records import FileRecord

FILE_NAME = "ledger.db"
BUSY_S = 10.0  # another kernel's commit takes milliseconds; longer means that its holder hangs
VERSION = 1
SETTLED_NS = 2 * 10**9  # a file younger than this may be written to again within one tick of its clock
SEVERAL = 500  # values in one query; SQLite's own limit was 999 for long

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    scope TEXT, sha256 TEXT, variant TEXT, file_id TEXT, source_size INTEGER, row TEXT, checksum TEXT,
    PRIMARY KEY (scope, sha256, variant));
CREATE INDEX IF NOT EXISTS files_by_size ON files (scope, source_size);
CREATE INDEX IF NOT EXISTS files_by_id ON files (scope, file_id);
CREATE TABLE IF NOT EXISTS seen (path TEXT PRIMARY KEY, row TEXT, checksum TEXT);
"""

Fingerprint = tuple[int, int, int]  # size, time of change in ns, inode
Result = TypeVar("Result")


class UploadCache:
    """The rows of one `scope` (server and workspace) in a database that several kernels share."""

    def __init__(self, folder: Path, scope: str) -> None:
        self.problem: str | None = None
        self._path = folder / FILE_NAME
        self._scope = scope
        self._lock = threading.RLock()  # for the connection in memory, which threads share
        self._memory: sqlite3.Connection | None = None
        self._try(lambda _db: None, default=None)

    def close(self) -> None:
        """Close the database in memory, where there is one; the next call tries the one on disk again."""
        with self._lock:
            if self._memory is not None:
                self._memory.close()
                self._memory = None

    def by_key(self, keys: Sequence[tuple[str, str]]) -> list[FileRecord]:
        """Return what was uploaded of these (SHA-256, variant) pairs, once under each name."""
        keys_asked = set(keys)
        records = self._records("sha256", [sha256 for sha256, _ in keys])
        return [record for record in records if record.key in keys_asked]

    def by_id(self, file_ids: Sequence[str]) -> dict[str, FileRecord]:
        """Return what is known of these files."""
        return {record.file_id: record for record in self._records("file_id", file_ids)}

    def has_size(self, size: int) -> bool:
        """Return whether a file of this many bytes was uploaded; if not, no bytes of that size are known."""
        query = "SELECT 1 FROM files WHERE scope = ? AND source_size = ? LIMIT 1"
        return self._try(lambda db: bool(db.execute(query, (self._scope, size)).fetchone()), default=True)

    def keep(self, record: FileRecord, source_size: int) -> None:
        """Remember a file; once this returns without a `problem`, a crash does not lose it."""
        self.keep_all([(record, source_size)])

    def keep_all(self, files: Iterable[tuple[FileRecord, int]]) -> None:
        """Remember several files, each with its size; one commit, as each waits for the disk."""
        rows = [
            _sealed(self._scope, *_identity(record), record.file_id, size, _to_json(record)) for record, size in files
        ]
        query = "INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?,?)"
        if rows:
            self._try(lambda db: db.executemany(query, rows), default=None, writes=True)

    def forget(self, file_ids: Iterable[str]) -> None:
        """Drop files that are gone from the workspace."""
        values = [(self._scope, file_id) for file_id in file_ids]
        query = "DELETE FROM files WHERE scope = ? AND file_id = ?"
        if values:
            self._try(lambda db: db.executemany(query, values), default=None, writes=True)

    def hashes(self, paths: Sequence[tuple[Path, Fingerprint]]) -> dict[Path, str]:
        """Return the SHA-256 of the files that did not change since it was taken."""

        def read(db: sqlite3.Connection) -> dict[Path, str]:
            hashes = {}
            for path, fingerprint in filter(lambda stored: _encodable(stored[0]), paths):
                row = db.execute("SELECT * FROM seen WHERE path = ?", (str(path),)).fetchone()
                if row and _sealed(*row[:-1]) == row:
                    *stored, sha256 = json.loads(row[1])
                    if tuple(stored) == fingerprint:
                        hashes[path] = sha256
            return hashes

        return self._try(read, default={})

    def saw(self, hashed: Iterable[tuple[Path, Fingerprint, str]]) -> None:
        """Remember the SHA-256 of files, except those that were written to a moment ago."""
        settled = time.time_ns() - SETTLED_NS
        rows = [
            _sealed(str(path), json.dumps([*fingerprint, sha256]))
            for path, fingerprint, sha256 in hashed
            if fingerprint[1] < settled and _encodable(path)
        ]
        if rows:
            query = "INSERT OR REPLACE INTO seen VALUES (?,?,?)"
            self._try(lambda db: db.executemany(query, rows), default=None, writes=True)

    def _records(self, column: str, values: Sequence[str]) -> list[FileRecord]:
        def read(db: sqlite3.Connection) -> list[FileRecord]:
            rows: list[tuple[str, ...]] = []
            for start in range(0, len(values), SEVERAL):
                some = values[start : start + SEVERAL]
                marks = ",".join("?" * len(some))
                query = f"SELECT * FROM files WHERE scope = ? AND {column} IN ({marks})"
                rows += db.execute(query, (self._scope, *some)).fetchall()
            return [_from_json(row[5]) for row in rows if _sealed(*row[:-1]) == row]

        return self._try(read, default=[])

    def _try(self, work: Callable[[sqlite3.Connection], Result], *, default: Result, writes: bool = False) -> Result:
        """Work on the database; where it fails, say so once and go on in memory or with `default`."""
        try:
            with self._lock, self._opened(writes) as db:
                return work(db)
        except sqlite3.OperationalError as error:  # read-only, full, locked: the rows on disk are good
            self._say(f"cannot be used ({error})")
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
        except OSError as error:
            self._say(f"cannot be opened ({error.strerror})")
            self._memory = self._memory or _with_tables(sqlite3.connect(":memory:", check_same_thread=False))
        return default

    @contextmanager
    def _opened(self, writes: bool) -> Iterator[sqlite3.Connection]:
        if self._memory is not None:
            yield self._memory
            return
        _private(self._path)
        with closing(sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")
            if db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                _with_tables(db)
            if writes:
                db.execute("BEGIN IMMEDIATE")
            yield db
            if writes:
                db.execute("COMMIT")

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        """Move a broken database out of the way; a new one begins."""
        aside = self._path.with_name(f"ledger.corrupt-{int(time.time())}.db")
        try:
            self._path.rename(aside)
        except OSError:
            self._memory = _with_tables(sqlite3.connect(":memory:", check_same_thread=False))
        self._say(f"was damaged ({error}) and was set aside as {aside.name}")

    def _say(self, what: str) -> None:
        self.problem = (
            f"The list of what was uploaded before {what}. "
            "Nothing in the workspace is lost, but files may be uploaded once more."
        )


def _with_tables(db: sqlite3.Connection) -> sqlite3.Connection:
    """Create the tables; another version's are dropped, as everything in them can be learned again."""
    if db.execute("PRAGMA user_version").fetchone()[0] not in (0, VERSION):
        db.executescript("DROP TABLE IF EXISTS files; DROP TABLE IF EXISTS seen;")
    db.executescript(_SCHEMA)
    db.execute(f"PRAGMA user_version = {VERSION}")
    return db


def _private(path: Path) -> None:
    """Make the database a file of this user alone; SQLite would follow the umask."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _sealed(*values: object) -> tuple[object, ...]:
    """Return the values with a checksum over them at the end."""
    return (*values, hashlib.sha256(json.dumps(values).encode()).hexdigest())


def _identity(record: FileRecord) -> tuple[str, str]:
    """Return the SHA-256 of an upload, and how it is read under its name: each name has a row."""
    sha256, variant = record.key
    return sha256, f"{variant}, as {record.remote_name}"


def _encodable(path: Path) -> bool:
    """Return whether SQLite can keep a path: names on Unix are bytes, and need not be text."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _to_json(record: FileRecord) -> str:
    return json.dumps(
        {
            "name": record.remote_name,
            "file_id": record.file_id,
            "kind": record.kind,
            "mime_type": record.mime_type,
            "size_bytes": record.size_bytes,
            "created_at": record.created_at.isoformat(),
            "expires_at": record.expires_at.isoformat() if record.expires_at else None,
            "sha256": record.sha256,
            "path": str(record.path) if record.path and _encodable(record.path) else None,
            "made_by_code": record.made_by_code,
            "converted": record.converted,
            **({"pages": record.pages} if record.pages else {}),
            **({"longest_side": record.longest_side} if record.longest_side else {}),
            **({"characters": record.characters} if record.characters else {}),
        }
    )


def _from_json(text: str) -> FileRecord:
    row = json.loads(text)
    expires = row["expires_at"]
    return FileRecord(
        **row
        | {
            "created_at": datetime.fromisoformat(row["created_at"]),
            "expires_at": datetime.fromisoformat(expires) if expires else None,
            "path": Path(row["path"]) if row["path"] else None,
        }
    )
