"""What drivers can beyond DB-API, each in its own words."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from typing import Any

from ropewalk.enterprise._adbapi.drivers import interrupt, isEmbedded, shut, switchToAutocommit
from ropewalk.logger import capturedLogs, formatEvent


class Plain:
    """A driver that can nothing."""


class ByMethod:
    """As with mysqlclient."""

    def __init__(self) -> None:
        self.mode = False

    def autocommit(self, mode: bool) -> None:
        self.mode = mode


class ByMethodAndQuestion(ByMethod):
    """As with PyMySQL."""

    def get_autocommit(self) -> bool:
        return self.mode


class ByAttribute:
    """As with psycopg, oracledb and pyodbc."""

    autocommit = False


def test_autocommitByMethod() -> None:
    """It is switched on, and back to what it was."""
    for connection, before in ((ByMethod(), False), (ByMethodAndQuestion(), False), (ByMethodAndQuestion(), True)):
        connection.mode = before
        restore = switchToAutocommit(connection)
        assert connection.mode
        assert restore is not None
        restore()
        assert connection.mode is before


def test_autocommitByAttribute() -> None:
    connection = ByAttribute()
    restore = switchToAutocommit(connection)
    assert connection.autocommit
    assert restore is not None
    restore()
    assert not connection.autocommit


def test_autocommitOfSQLite() -> None:
    """Its older way, which is still the default: no isolation level."""
    with closing(sqlite3.connect(":memory:", isolation_level="IMMEDIATE")) as connection:
        connection.execute("create table t (x)")
        restore = switchToAutocommit(connection)
        connection.execute("insert into t values (1)")
        assert not connection.in_transaction
        assert restore is not None
        restore()
        assert connection.isolation_level == "IMMEDIATE"


def test_autocommitThatIsNotThere() -> None:
    assert switchToAutocommit(Plain()) is None


def test_embedded() -> None:
    """A database that can be interrupted from within the process is in it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        assert isEmbedded(connection)
        interrupt(connection, connection.cursor(), 1.0)
    assert not isEmbedded(Plain())


def test_interruptionThatFails() -> None:
    """It is logged: harsher means come next."""

    class Gone:
        def cancel(self) -> None:
            raise ConnectionRefusedError("nobody is there")

    with capturedLogs() as events:
        interrupt(Gone(), Plain(), 1.0)
        interrupt(Plain(), None, 1.0)
    (event,) = events
    assert "did not take the order to stop a statement: ConnectionRefusedError" in formatEvent(event)


def test_interruptionOfACursor() -> None:
    """Some drivers want to be told which: pyodbc and duckdb."""
    told = []

    class Cancellable:
        def cancel(self) -> None:
            told.append("cancel")

    class Interruptible:
        def interrupt(self) -> None:
            told.append("interrupt")

    interrupt(Plain(), Cancellable(), 1.0)
    interrupt(Plain(), Interruptible(), 1.0)
    assert told == ["cancel", "interrupt"]


def test_shut() -> None:
    """Who waits for a server sees end of file; the descriptor stays the driver's. Nothing happens without one."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        shut(ours)
        assert ours.recv(1) == theirs.recv(1) == b""
        shut(ours)
    closed: Any = ours
    for nothing in (closed, Plain()):
        shut(nothing)
