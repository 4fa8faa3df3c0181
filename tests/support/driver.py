"""A DB-API 2.0 driver that does as a test tells it: ``ConnectionPool("support.driver", Script())``."""

from __future__ import annotations

import threading
from typing import Any

apilevel = "2.0"
threadsafety = 1
paramstyle = "qmark"


class Error(Exception):
    """The driver's complaint about the call of that name."""


class Script:
    """What the connections of a pool do, and what they were asked.

    Attributes:
        calls: the names of the calls so far; of ``execute`` the statement.
        threads: in which thread each was.
        failing: calls that raise; ``once`` those that do so only the first time.
        stuck: how many of the next calls of a name block until `release`.
        arrived: set when one did.
        kind: the class of the connections.
    """

    def __init__(self, kind: type[Connection] | None = None) -> None:
        self.kind = kind or Connection
        self.calls: list[Any] = []
        self.threads: list[int] = []
        self.failing: set[str] = set()
        self.once: set[str] = set()
        self.stuck: dict[str, int] = {}
        self.arrived = threading.Event()
        self._released = threading.Event()

    def note(self, name: str, what: Any = None) -> None:
        self.calls.append(name if what is None else what)
        self.threads.append(threading.get_ident())
        if self.stuck.get(name):
            self.stuck[name] -= 1
            self.arrived.set()
            self._released.wait(10)
        if name in self.once:
            self.once.remove(name)
            raise Error(name)
        if name in self.failing:
            raise Error(name)

    def release(self) -> None:
        """Let what is stuck go on, now and later."""
        self._released.set()

    def take(self) -> list[Any]:
        """What was called since the last time."""
        calls, self.calls = self.calls, []
        return calls


class Connection:
    """The plainest of connections."""

    serial = "a driver's attribute"

    def __init__(self, script: Script) -> None:
        self.script = script
        script.note("connect")

    def cursor(self) -> Cursor:
        self.script.note("cursor")
        return Cursor(self.script)

    def commit(self) -> None:
        self.script.note("commit")

    def rollback(self) -> None:
        self.script.note("rollback")

    def close(self) -> None:
        self.script.note("close")


class Cursor:
    rowcount = 7

    def __init__(self, script: Script) -> None:
        self.script = script

    def execute(self, *args: Any, **kw: Any) -> None:
        self.script.note("execute", (*args, *kw.items()) or "execute")

    def fetchall(self) -> list[Any]:
        self.script.note("fetchall")
        return [("row",)]

    def close(self) -> None:
        self.script.note("close cursor")


class Cancellable(Connection):
    """A connection whose statements can be stopped, as those of a server."""

    def cancel(self) -> None:
        self.script.failing.add("execute")
        self.script.release()


class Switchable(Connection):
    """A connection with autocommit as an attribute."""

    autocommit = False


def connect(script: Script, **kw: Any) -> Connection:
    return script.kind(script)
