"""What was said, kept in an SQLite file. SQLite blocks, so one thread of its own does all its work, in order."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from ropewalk.internet.defer import Deferred, succeed
from ropewalk.internet.threads import deferToThreadPool
from ropewalk.logger import Logger
from ropewalk.python.threadpool import ThreadPool
from ropewalk.python.usage import UsageError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS said (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,           -- seconds since 1970
    room TEXT NOT NULL,         -- casefolded
    line TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS said_by_room ON said (room, id);
"""

_log = Logger()


@dataclass(frozen=True, slots=True)
class Said:
    """One line of history."""

    at: float
    line: str

    def __str__(self) -> str:
        return f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(self.at))} {self.line}"


class HistoryUnusable(UsageError):
    """The file cannot be used; the text, for whoever named it, says why."""


class History:
    """Remembers what was said in each room.

    A line that cannot be kept (disk full, file gone read-only) is logged and forgotten: people go on talking.

    Args:
        reactor: where results are delivered.
        path: the SQLite file, made when it isn't there, its folder, too; ``:memory:`` keeps nothing beyond this run.
        keep: lines kept for each room; older ones are deleted.
        sizeBytes: how large the file may grow. At that size the oldest lines of all rooms make place for new ones.
    """

    def __init__(self, reactor: Any, path: str, keep: int = 10_000, sizeBytes: int = 2**28) -> None:
        self._reactor = reactor
        self._path = path
        self._keep = keep
        self._size = sizeBytes
        # From `open` to `close`. Once opened, the file is only touched in that one thread: SQLite sees one writer, and
        # what was said first is kept first.
        self._database: sqlite3.Connection | None = None
        self._thread: ThreadPool

    def open(self) -> None:
        """Open the file, which blocks for a moment. Must be done before anything else is asked.

        Raises:
            HistoryUnusable: the file is no database, or not writable, or its folder can't be made.
        """
        try:
            if self._path != ":memory:":
                os.makedirs(os.path.dirname(os.path.abspath(self._path)), exist_ok=True)
            self._database = self._connected()
        except (sqlite3.Error, OSError) as problem:
            raise HistoryUnusable(f"the history file {self._path!r} cannot be used: {problem}") from problem
        self._thread = ThreadPool(1, 1, "chat history")
        self._thread.start()

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_SCHEMA)
            pageSize = database.execute("PRAGMA page_size").fetchone()[0]
            database.execute(f"PRAGMA max_page_count = {max(16, self._size // pageSize)}")
        except BaseException:
            database.close()
            raise
        return database

    def record(self, room: str, line: str) -> None:
        """Keep a line that was said now."""
        self._inThread(self._record, room.casefold(), line, time.time()).addErrback(
            lambda failure: _log.failure("a line of #{room} could not be kept", failure, room=room)
        )

    def _record(self, room: str, line: str, at: float) -> None:
        database = self._opened()
        try:
            self._add(room, line, at)
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            # The file is as large as it may be, or the disk is full: a tenth of what is kept, the oldest, goes.
            with database:
                database.execute("DELETE FROM said WHERE id <= (SELECT min(id) + (max(id) - min(id)) / 10 FROM said)")
            self._add(room, line, at)

    def _add(self, room: str, line: str, at: float) -> None:
        database = self._opened()
        with database:
            added = database.execute("INSERT INTO said (at, room, line) VALUES (?, ?, ?)", (at, room, line))
            if added.lastrowid is not None and added.lastrowid % 100 == 0:
                self._forgetOldest(room)

    def _forgetOldest(self, room: str) -> None:
        self._opened().execute(
            "DELETE FROM said WHERE room = ? AND id <="
            " (SELECT id FROM said WHERE room = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (room, room, self._keep),
        )

    def recent(self, room: str, count: int) -> Deferred[list[Said]]:
        """The last lines of a room, oldest first."""
        return self._inThread(self._recent, room.casefold(), count)

    def _recent(self, room: str, count: int) -> list[Said]:
        rows = (
            self._opened()
            .execute("SELECT at, line FROM said WHERE room = ? ORDER BY id DESC LIMIT ?", (room, count))
            .fetchall()
        )
        return [Said(at, line) for at, line in reversed(rows)]

    def close(self) -> Deferred[None]:
        """Finish what is queued, close the file, end the thread. Harmless when it isn't open."""
        if self._database is None:
            return succeed(None)
        return self._inThread(self._close).addBoth(self._stopThread)

    def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:  # or it was asked twice
            database.close()

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            raise sqlite3.ProgrammingError(f"the history {self._path!r} is not open")
        return self._database

    def _stopThread(self, result: Any) -> Any:
        self._thread.stop()
        return result

    def _inThread(self, function: Any, *arguments: Any) -> Deferred[Any]:
        return deferToThreadPool(self._reactor, self._thread, function, *arguments)
