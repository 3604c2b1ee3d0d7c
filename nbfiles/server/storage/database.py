"""One SQLite database that many threads, and several processes, use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WAIT_SECONDS = 30  # another kernel's commit takes milliseconds, longer means a dead disk


class Database:
    """Lends connections; each is used by one thread at a time and kept for the next one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite would follow the umask

    def create(self, schema: str) -> None:
        """Create the tables of a schema that are not there yet."""
        with self.transaction() as db:
            for statement in schema.split(";"):
                db.execute(statement)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; to open one takes as long as twenty small reads."""
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect()
        try:
            yield db
        except BaseException:
            db.close()
            raise
        self._idle.append(db)
        if self._closed:
            self._close_idle()

    @contextmanager
    def impatient_connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that raises sqlite3.OperationalError at once while another one writes."""
        with self.connection() as db:
            db.execute("PRAGMA busy_timeout = 0")
            try:
                yield db
            finally:
                db.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for a change that happens wholly or not at all."""
        with self.connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                if db.in_transaction:  # SQLite rolls back by itself where the disk is full
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def close(self) -> None:
        """Close the database, now or when who uses it is done; a later call opens it for itself alone."""
        self._closed = True
        self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):  # another thread may take the last one
            while True:
                self._idle.pop().close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous = FULL")
        return db
