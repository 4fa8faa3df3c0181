"""What the pool does when the database fails it, call by call: a driver does as it is told."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from ropewalk.enterprise.adbapi import Connection, ConnectionLost, ConnectionPool, Transaction
from ropewalk.internet.task import Clock
from ropewalk.logger import capturedLogs, formatEvent
from support.driver import Error, Script, Switchable
from support.reactors import epoll, fresh, run
from support.recording import logged


@pytest.fixture
def script() -> Script:
    return Script()


class Trial:
    """Runs things in a pool of one connection, on a reactor of its own."""

    def __init__(self, script: Script, **options: Any) -> None:
        self.script = script
        self.options = options

    def __call__(self, *steps: Any) -> list[Any]:
        """Run steps, each a function of the pool; return what each gave or raised."""
        outcomes: list[Any] = []

        async def main(pool: ConnectionPool) -> None:
            for step in steps:
                try:
                    outcomes.append(await step(pool))
                except Exception as problem:
                    outcomes.append(repr(problem))

        with fresh(epoll) as reactor:
            pool = ConnectionPool("support.driver", self.script, cp_reactor=reactor, cp_max=1, **self.options)
            run(reactor, main, pool)
        return outcomes


def query(pool: ConnectionPool) -> Any:
    return pool.runQuery("sql", 1)


def boom(_: object) -> NoReturn:
    raise ValueError("mine")


QUERY = ["cursor", ("sql", 1), "fetchall", "close cursor", "commit"]


def test_callsOfAQuery(script: Script) -> None:
    """A connection is opened once, and each query is a cursor and a transaction on it."""
    assert Trial(script)(query, query) == [[("row",)]] * 2
    assert script.calls == ["connect", *QUERY, *QUERY, "close"]
    assert len(set(script.threads)) == 1


def test_callsOfAnAutocommitQuery() -> None:
    """No transaction, no commit (wish 28)."""
    script = Script(Switchable)
    assert Trial(script, cp_autocommit=True)(query) == [[("row",)]]
    assert script.calls == ["connect", *QUERY[:-1], "close"]


def test_autocommitWhereTheDriverHasNone(script: Script) -> None:
    """It is committed, then."""
    assert Trial(script, cp_autocommit=True)(query) == [[("row",)]]
    assert script.calls == ["connect", *QUERY, "close"]


@pytest.mark.parametrize("call", ["cursor", "execute", "fetchall", "close cursor", "commit"])
def test_failuresAreRolledBack(script: Script, call: str) -> None:
    """Whatever fails, the commit included: the Deferred fails with it, and the transaction is rolled back."""
    script.failing.add(call)
    assert Trial(script)(query) == [repr(Error(call))]
    assert script.calls[-2:] == ["rollback", "close"]


@pytest.mark.parametrize("run", ["runInteraction", "runWithConnection"])
def test_rollbackThatFails(script: Script, run: str) -> None:
    """The Deferred tells of what went wrong first; the log, of the rollback."""
    script.failing.add("rollback")
    with logged(Error):
        assert Trial(script)(lambda pool: getattr(pool, run)(boom)) == ["ValueError('mine')"]


def test_withoutReconnectTheConnectionIsKept(script: Script) -> None:
    """A pool that was not told to reconnect never gives up a connection: the database may live in it."""
    script.failing.add("rollback")
    with logged(Error):
        Trial(script)(lambda pool: pool.runInteraction(boom), query)
    assert script.calls.count("connect") == 1


def test_connectThatFails(script: Script) -> None:
    """The Deferred fails; the next call tries again."""
    script.once.add("connect")
    assert Trial(script)(query, query) == [repr(Error("connect")), [("row",)]]


def test_reconnectTriesTheConnection(script: Script) -> None:
    """After a rollback the connection must answer; if it does, it is kept."""
    Trial(script, cp_reconnect=True, cp_good_sql="good")(lambda pool: pool.runInteraction(boom), query)
    check = ["rollback", "cursor", ("good",), "close cursor", "commit"]
    assert script.calls == ["connect", "cursor", *check, *QUERY, "close"]


@pytest.mark.parametrize("call", ["rollback", "execute"])
def test_reconnect(script: Script, call: str) -> None:
    """A connection that is dead after a rollback is closed and logged; the next call opens another."""

    def fail(txn: Transaction) -> NoReturn:
        script.once.add(call)
        boom(txn)

    with logged(Error, ConnectionLost):
        outcomes = Trial(script, cp_reconnect=True)(lambda pool: pool.runInteraction(fail), query)
    assert outcomes == ["ValueError('mine')", [("row",)]]
    assert script.calls.count("connect") == 2
    assert script.calls[-len(QUERY) - 1 :] == [*QUERY, "close"]


def test_reconnectWithACursor(script: Script) -> None:
    """A connection that gives no cursor is replaced at once: the call itself works."""

    def lose(pool: ConnectionPool) -> Any:
        script.once.add("cursor")
        return query(pool)

    with logged(Error):
        assert Trial(script, cp_reconnect=True)(query, lose) == [[("row",)]] * 2
    assert script.calls == ["connect", *QUERY, "cursor", "close", "connect", *QUERY, "close"]


def test_ownReconnection(script: Script) -> None:
    """A pool that overrides what runs in the thread, as programs do, may try again on another connection."""

    class Stubborn(ConnectionPool):
        def _runInteraction(self, interaction: Any, *args: Any, **kw: Any) -> Any:
            try:
                return super()._runInteraction(interaction, *args, **kw)
            except Error:
                self.disconnect(self.connections.get(self.threadID()))
                return super()._runInteraction(interaction, *args, **kw)

    script.once.add("execute")
    with fresh(epoll) as reactor:
        pool = Stubborn("support.driver", script, cp_reactor=reactor, cp_max=1)
        assert run(reactor, pool.runQuery, "sql", 1) == [("row",)]
    assert script.calls == ["connect", "cursor", ("sql", 1), "rollback", "close", "connect", *QUERY, "close"]


def test_serverThatStaysAway(script: Script) -> None:
    """While it is gone every call fails once; when it is back, calls work."""

    def vanish(txn: Transaction) -> None:
        script.failing |= {"execute", "rollback", "connect"}
        txn.execute("update")

    def comeBack(pool: ConnectionPool) -> Any:
        script.failing.clear()
        return query(pool)

    with logged(Error, ConnectionLost):
        outcomes = Trial(script, cp_reconnect=True)(lambda pool: pool.runInteraction(vanish), query, query, comeBack)
    assert outcomes == [repr(Error("execute")), repr(Error("connect")), repr(Error("connect")), [("row",)]]


def test_ownRollback(script: Script) -> None:
    """An interaction that rolls back by itself learns of a lost connection as ConnectionLost, its cause included."""
    caught = []

    def rollBack(connection: Connection) -> None:
        script.once.add("rollback")
        with pytest.raises(ConnectionLost, match="the connection was lost: rollback") as info:
            connection.rollback()
        caught.append(info.value)
        connection.reconnect()

    with logged(Error):
        assert Trial(script, cp_reconnect=True)(lambda pool: pool.runWithConnection(rollBack)) == [None]
    assert isinstance(caught[0].__cause__, Error)
    assert script.calls == ["connect", "rollback", "close", "connect", "commit", "close"]


def test_lostConnectionThatIsUsed(script: Script) -> None:
    """An interaction that goes on after that is told again; what it did is gone, and nothing is left to roll back."""

    def goOn(connection: Connection) -> None:
        script.once.add("rollback")
        with pytest.raises(ConnectionLost):
            connection.rollback()
        connection.cursor()

    sentence = "ConnectionLost(\"the connection was lost, 'cursor' can't be used; reconnect() opens another\")"
    with logged(Error):
        outcomes = Trial(script, cp_reconnect=True, cp_noisy=True)(lambda pool: pool.runWithConnection(goOn), query)
    assert outcomes == [sentence, [("row",)]]
    assert script.calls == ["connect", "rollback", "close", "connect", *QUERY, "close"]


def test_systemWithoutThreads(script: Script) -> None:
    """When no thread can be started, the Deferred says so, and its time limit is forgotten."""

    def refuse(**_: Any) -> NoReturn:
        raise RuntimeError("can't start new thread")

    async def main(pool: ConnectionPool) -> None:
        pool.threadpool.threadFactory = refuse
        with pytest.raises(RuntimeError, match="can't start new thread"):
            await pool.using(timeout=60).runQuery("sql")
        del pool.threadpool.threadFactory
        assert pool.statistics().waiting == 0
        assert len(pool._reactor.getDelayedCalls()) == 1  # the test's own

    with fresh(epoll) as reactor:
        run(reactor, main, ConnectionPool("support.driver", script, cp_reactor=reactor, cp_min=0))


def test_closeThatFails(script: Script) -> None:
    """It is logged, and nothing else: the connection is gone."""
    script.failing.add("close")
    with logged(Error):
        Trial(script)(query)


def test_cursorAttributes(script: Script) -> None:
    """A transaction passes for the cursor, a connection for the driver's, unless the cursor is closed."""

    def look(txn: Transaction) -> tuple[Any, ...]:
        first = txn.rowcount, txn._connection.serial
        txn.close()
        txn.close()
        with pytest.raises(AttributeError, match="the cursor of this transaction is closed, it has no 'execute'"):
            txn.execute("sql")
        txn.reopen()
        return (*first, txn.rowcount)

    assert Trial(script)(lambda pool: pool.runInteraction(look)) == [(7, "a driver's attribute", 7)]


def test_noise(script: Script) -> None:
    """``cp_noisy`` logs comings and goings, never the arguments of ``connect``: a password may be among them."""
    with capturedLogs() as quiet:
        Trial(script)(query)
    with capturedLogs() as noisy:
        Trial(script, cp_noisy=True, cp_name="books")(query)
    assert not [event for event in quiet if "adbapi" in event["log_namespace"]]
    lines = [formatEvent(event) for event in noisy if "adbapi" in event["log_namespace"]]
    assert lines == [
        "<ConnectionPool 'books', 0 of 1 connections>: connecting",
        "<ConnectionPool 'books', 0 of 1 connections>: closing a connection",
    ]


def test_poorDriver() -> None:
    """A module that does not claim to be a driver is used all the same, and the log says so."""
    with capturedLogs() as events:
        ConnectionPool("support.cuts", cp_reactor=Reactor())
    assert [formatEvent(event) for event in events] == [
        "support.cuts does not say that it is a DB-API 2.0 driver",
        "support.cuts does not say that threads may use it at the same time",
    ]


class Reactor(Clock):
    def callWhenRunning(self, callable: Any) -> None:
        pass
