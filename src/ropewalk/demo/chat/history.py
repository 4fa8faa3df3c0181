"""What was said, kept in an SQLite file. SQLite blocks, so one thread of its own does all its work, in order."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ropewalk.internet.threads import deferToThreadPool
from ropewalk.logger import Logger
from ropewalk.python.threadpool import ThreadPool

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

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


class History:
    """Remembers what was said in each room.

    A line that cannot be kept (disk full, file gone read-only) is logged and forgotten: people go on talking.

    Args:
        reactor: where results are delivered.
        path: the SQLite file, made when it isn't there; ``:memory:`` keeps nothing beyond this run.
        keep: lines kept for each room; older ones are deleted.
    """

    def __init__(self, reactor: Any, path: str, keep: int = 10_000) -> None:
        self._reactor = reactor
        self._path = path
        self._keep = keep
        # One thread: SQLite sees one writer, and what was said first is kept first.
        self._thread = ThreadPool(1, 1, "chat history")
        self._database: sqlite3.Connection  # only touched in that thread

    def open(self) -> Deferred[None]:
        """Open the file. Must be awaited before anything else is asked.

        Raises (through the Deferred):
            sqlite3.Error: the file is no database, or its folder is not there or not writable.
        """
        self._thread.start()
        return self._inThread(self._open).addErrback(self._stopThread)

    def _open(self) -> None:
        self._database = sqlite3.connect(self._path)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(_SCHEMA)

    def record(self, room: str, line: str) -> None:
        """Keep a line that was said now."""
        self._inThread(self._record, room.casefold(), line, time.time()).addErrback(
            lambda failure: _log.failure("a line of #{room} could not be kept", failure, room=room)
        )

    def _record(self, room: str, line: str, at: float) -> None:
        with self._database:
            added = self._database.execute("INSERT INTO said (at, room, line) VALUES (?, ?, ?)", (at, room, line))
            if added.lastrowid is not None and added.lastrowid % 100 == 0:
                self._forgetOldest(room)

    def _forgetOldest(self, room: str) -> None:
        self._database.execute(
            "DELETE FROM said WHERE room = ? AND id <="
            " (SELECT id FROM said WHERE room = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (room, room, self._keep),
        )

    def recent(self, room: str, count: int) -> Deferred[list[Said]]:
        """The last lines of a room, oldest first."""
        return self._inThread(self._recent, room.casefold(), count)

    def _recent(self, room: str, count: int) -> list[Said]:
        rows = self._database.execute(
            "SELECT at, line FROM said WHERE room = ? ORDER BY id DESC LIMIT ?", (room, count)
        ).fetchall()
        return [Said(at, line) for at, line in reversed(rows)]

    def close(self) -> Deferred[None]:
        """Finish what is queued, close the file, end the thread."""
        return self._inThread(self._close).addBoth(self._stopThread)

    def _close(self) -> None:
        self._database.close()

    def _stopThread(self, result: Any) -> Any:
        self._thread.stop()
        return result

    def _inThread(self, function: Any, *arguments: Any) -> Deferred[Any]:
        return deferToThreadPool(self._reactor, self._thread, function, *arguments)
