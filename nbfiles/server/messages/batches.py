"""Message batches as work: kept in SQLite, done in the background, gone on with after a restart.

1. `create` keeps the requests; 2. a thread answers them one after the other, keeping each result at once;
3. when the last one has a result, the batch has ended. The thread holds a lock on the data directory, so of
two processes on one directory only one works; the lock of a killed process is free at once.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbfiles.server import ids
from nbfiles.server.errors import ApiProblem, envelope
from nbfiles.server.json_types import JsonObject
from nbfiles.server.storage.store import DAY, Store, is_disk_full
from nbfiles.server.unexpected import as_problem

LIFE = DAY  # seconds after which what is not answered expires
RESULTS_LIFE = 29 * DAY  # seconds after which results are archived
ROOM_EVERY = 1  # seconds between two tries to keep a result where the disk is full
LOOK_EVERY = 0.2  # seconds between two tries to get the lock
ROWS = 100  # results read at a time, so that streaming a batch takes the same memory whatever its size

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    cancel_initiated_at REAL,
    ended_at REAL,
    total INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS batch_requests (
    batch INTEGER NOT NULL REFERENCES batches (seq) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    custom_id TEXT NOT NULL,
    params TEXT NOT NULL,
    type TEXT,
    result TEXT,
    PRIMARY KEY (batch, position)
) WITHOUT ROWID
"""
_COLUMNS = "seq, id, created_at, cancel_initiated_at, ended_at, total"

Complete = Callable[[object, threading.Event], JsonObject]


@dataclass(frozen=True, slots=True)
class MessageBatch:
    """One row: what is known of a batch."""

    seq: int
    id: str
    created_at: float
    cancel_initiated_at: float | None
    ended_at: float | None
    total: int

    @property
    def archived(self) -> bool:
        """Return whether its results are gone."""
        return time.time() >= self.created_at + RESULTS_LIFE


class Batches:
    """The batches of one workspace."""

    def __init__(self, store: Store, complete: Complete, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._store = store
        self._complete = complete
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        store.database.create(_SCHEMA)
        if self._unfinished() is not None:
            self._wake()

    def create(self, requests: list[JsonObject]) -> MessageBatch:
        """Keep a batch; it is worked on at once, but for requests that have a `result` already."""
        batch_id, now = ids.new("msgbatch"), self._clock()
        with self._store.database.transaction() as db:
            insert = "INSERT INTO batches (id, created_at, total) VALUES (?, ?, ?)"
            seq = db.execute(insert, (batch_id, now, len(requests))).lastrowid or 0
            rows = ((seq, n, *_as_row(item)) for n, item in enumerate(requests))
            columns = "batch, position, custom_id, params, type, result"
            db.executemany(f"INSERT INTO batch_requests ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._wake()
        return MessageBatch(seq, batch_id, now, None, None, len(requests))  # as it began; by now it may have ended

    def get(self, batch_id: str) -> MessageBatch | None:
        """Return a batch."""
        return next(iter(self._select("WHERE id = ?", batch_id)), None)

    def position(self, batch_id: str) -> int | None:
        """Return the row of a batch, or the one that it had before it was deleted."""
        batch = self.get(batch_id)
        return batch.seq if batch else self._store.deleted_position(batch_id)

    def page(self, limit: int, *, before: int | None = None, after: int | None = None) -> list[MessageBatch]:
        """Return up to `limit` batches, newest first: older than row `after`, or newer than row `before`."""
        if before is not None:
            return self._select("WHERE seq > ? ORDER BY seq LIMIT ?", before, limit)[::-1]
        return self._select("WHERE seq < ? ORDER BY seq DESC LIMIT ?", after or 2**62, limit)

    def counts(self, batch: MessageBatch) -> dict[str, int]:
        """Return how many requests ended how; all are processing until the batch has ended."""
        counts = dict.fromkeys(("canceled", "errored", "expired", "processing", "succeeded"), 0)
        if batch.ended_at is None:
            return counts | {"processing": batch.total}
        with self._store.database.connection() as db:
            query = "SELECT type, count(*) FROM batch_requests WHERE batch = ? GROUP BY type"
            return counts | dict(db.execute(query, (batch.seq,)).fetchall())

    def cancel(self, batch: MessageBatch) -> None:
        """Ask for the end of a batch; what is being answered is finished first."""
        now = self._clock()
        with self._store.database.transaction() as db:
            update = "UPDATE batches SET cancel_initiated_at = ? WHERE seq = ? AND cancel_initiated_at IS NULL"
            db.execute(f"{update} AND ended_at IS NULL", (now, batch.seq))
        self._wake()

    def delete(self, batch: MessageBatch) -> None:
        """Forget a batch and its results."""
        with self._store.database.transaction() as db:
            self._store.keep_position(db, "batches", batch.id)
            db.execute("DELETE FROM batch_requests WHERE batch = ?", (batch.seq,))
            db.execute("DELETE FROM batches WHERE seq = ?", (batch.seq,))

    def results(self, batch: MessageBatch) -> Iterator[bytes]:
        """Yield the results of a batch that has ended as lines of JSON."""
        position = -1
        while rows := self._rows(batch, position):
            yield "".join(
                f'{{"custom_id":{json.dumps(custom_id)},"result":{result}}}\n' for _, custom_id, result in rows
            ).encode()
            position = rows[-1][0]

    def close(self) -> None:
        """Stop working; what has no result yet is done after the next start."""
        self._stop.set()
        if self._worker is not None:
            self._worker.join()

    def _rows(self, batch: MessageBatch, position: int) -> list[tuple[int, str, str]]:
        query = "SELECT position, custom_id, result FROM batch_requests WHERE batch = ? AND position > ?"
        with self._store.database.connection() as db:
            return db.execute(f"{query} ORDER BY position LIMIT {ROWS}", (batch.seq, position)).fetchall()

    def _select(self, where: str, *values: object) -> list[MessageBatch]:
        with self._store.database.connection() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM batches {where}", values).fetchall()
        return [MessageBatch(*row) for row in rows]

    def _unfinished(self) -> MessageBatch | None:
        return next(iter(self._select("WHERE ended_at IS NULL ORDER BY seq LIMIT 1")), None)

    def _wake(self) -> None:
        with self._lock:
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._work, name="nbfiles-batches", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        """Work until nothing is left; a batch that comes while the last one ends is not missed."""
        while self._unfinished() is not None and not self._stop.is_set():
            with _only_worker(self._store.root / "batches.lock", self._stop) as mine:
                while mine and (batch := self._unfinished()) is not None and not self._stop.is_set():
                    self._step(batch)

    def _step(self, batch: MessageBatch) -> None:
        """Do the next request of a batch, or end it."""
        query = "SELECT position, params FROM batch_requests WHERE batch = ? AND type IS NULL"
        with self._store.database.connection() as db:
            row = db.execute(f"{query} ORDER BY position LIMIT 1", (batch.seq,)).fetchone()
        if row is None:
            self._end(batch)
        elif batch.cancel_initiated_at is not None:
            self._end(batch, "canceled")
        elif self._clock() >= batch.created_at + LIFE:
            self._end(batch, "expired")
        else:
            self._keep(batch, row[0], self._answer(json.loads(row[1])))

    def _answer(self, params: object) -> JsonObject | None:
        """Return a request's result; None when the work was stopped in the middle of it."""
        try:
            message = self._complete(params, self._stop)
        except ApiProblem as problem:
            return errored(problem)
        except Exception as problem:  # noqa: BLE001, it is the result of this request only
            return errored(as_problem("a request of a batch broke off", problem))
        return None if self._stop.is_set() else {"type": "succeeded", "message": message}

    def _keep(self, batch: MessageBatch, position: int, result: JsonObject | None) -> None:
        if result is None:
            return
        update = "UPDATE batch_requests SET type = ?, result = ? WHERE batch = ? AND position = ?"
        self._change((update, (result["type"], json.dumps(result), batch.seq, position)))

    def _end(self, batch: MessageBatch, rest: str = "expired") -> None:
        """End a batch; what has no result ends as `rest`."""
        update = "UPDATE batch_requests SET type = ?, result = ? WHERE batch = ? AND type IS NULL"
        end = "UPDATE batches SET ended_at = ? WHERE seq = ?"
        self._change((update, (rest, json.dumps({"type": rest}), batch.seq)), (end, (self._clock(), batch.seq)))

    def _change(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        """Change the database as soon as its disk has room: a result may have been paid for."""
        while True:
            try:
                with self._store.database.transaction() as db:
                    for statement, values in statements:
                        db.execute(statement, values)
                return
            except sqlite3.Error as problem:
                if not is_disk_full(problem):
                    raise
            if self._stop.wait(ROOM_EVERY):
                return


def _as_row(item: JsonObject) -> tuple[str, str, str | None, str | None]:
    """Return the id and the parameters of a request, with the type of its result and the result if it has one."""
    result = item.get("result")
    kept = (result["type"], json.dumps(result)) if result else (None, None)
    return item["custom_id"], json.dumps(item["params"]), *kept


def errored(problem: ApiProblem) -> JsonObject:
    """Return the result of a request that cannot be answered."""
    return {"type": "errored", "error": envelope(problem, ids.new("req"))}


@contextmanager
def _only_worker(path: Path, stop: threading.Event) -> Iterator[bool]:
    """Hold the lock of a directory, or wait a moment and yield False."""
    with path.open("w") as handle:
        path.chmod(0o600)
        try:
            _lock(handle.fileno())
        except BlockingIOError:
            stop.wait(LOOK_EVERY)
            yield False
        else:
            yield True


def _lock(handle: int) -> None:
    """Lock an open file for this process; raises BlockingIOError when another one has it."""
    try:
        import fcntl
    except ImportError:  # Windows: there, one process a directory
        return
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
