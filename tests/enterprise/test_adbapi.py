"""What the documents promise of adbapi, on SQLite and on every reactor."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from ropewalk.enterprise.adbapi import Connection, ConnectionPool, PoolError, Transaction
from ropewalk.internet.defer import Deferred, gatherResults, succeed
from support.driver import Script
from support.reactors import run

USERS = "create table users (name, age); insert into users values ('joe', 42)"


def users(reactor: Any, path: object = ":memory:", **options: Any) -> ConnectionPool:
    """A pool over a database with Joe, who is 42, in it."""
    pool = ConnectionPool("sqlite3", str(path), cp_reactor=reactor, **{"cp_max": 1, **options})
    if path == ":memory:":
        pool.runInteraction(lambda txn: txn.executescript(USERS))
    else:
        with sqlite3.connect(str(path)) as connection:
            connection.executescript(USERS)
        connection.close()
    return pool


def test_query(reactor: Any) -> None:
    """A Deferred of all rows; arguments go to ``execute`` as they are (DB2, F9, F232, BK-17)."""
    pool = users(reactor)

    async def main() -> None:
        answer = pool.runQuery("select age from users where name = ?", ("joe",))
        assert isinstance(answer, Deferred)
        assert await answer == [(42,)]
        assert await pool.runQuery("select age from users where name = :name", {"name": "eve"}) == []

    run(reactor, main)


def test_callbacks(reactor: Any) -> None:
    """The documents' first program: callbacks get the rows, in the reactor's thread (DB2, DB5, F9)."""
    pool = users(reactor)
    printed = []

    def printResult(rows: list[Any]) -> None:
        assert threading.current_thread() is threading.main_thread()
        printed.append(f"{rows[0][0]} years old" if rows else "No such user")

    def main() -> Any:
        joe = pool.runQuery("select age from users where name = ?", ("joe",)).addCallback(printResult)
        return joe.addCallback(lambda _: pool.runQuery("select age from users where name = 'eve'")).addCallback(
            printResult
        )

    run(reactor, main)
    assert printed == ["42 years old", "No such user"]


def test_operation(reactor: Any) -> None:
    """An operation is committed, and gives None (DB3)."""
    pool = users(reactor)

    async def main() -> None:
        assert await pool.runOperation("insert into users values (?, ?)", ("ann", 3)) is None  # type: ignore[func-returns-value]
        assert await pool.runQuery("select count(*) from users") == [(2,)]

    run(reactor, main)


def test_interaction(reactor: Any) -> None:
    """The function is called in a thread with something like a cursor; its result is the Deferred's (DB4, F9)."""
    pool = users(reactor)

    def getAge(txn: Transaction, user: str, default: int | None = None) -> int | None:
        assert threading.current_thread() is not threading.main_thread()
        assert isinstance(txn, Transaction)
        txn.execute("select * from users")
        txn.execute("select age from users where name = ?", (user,))
        assert txn.description[0][0] == "age"
        rows = txn.fetchall()
        return rows[0][0] if rows else default

    async def main() -> None:
        assert await pool.runInteraction(getAge, "joe") == 42
        assert await pool.runInteraction(getAge, "eve") is None
        assert await pool.runInteraction(getAge, "eve", default=0) == 0

    run(reactor, main)


def test_interactionThatRaisesIsRolledBack(tmp_path: Path, reactor: Any) -> None:
    """What it wrote is gone, and the Deferred fails with what it raised (DB4)."""
    pool = users(reactor, tmp_path / "users.db", cp_max=2)

    def addThenFail(txn: Transaction) -> None:
        txn.execute("insert into users values ('ann', 3)")
        raise KeyError("ann")

    async def main() -> None:
        with pytest.raises(KeyError, match="ann"):
            await pool.runInteraction(addThenFail)
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await pool.runQuery("select * from nowhere")
        assert await pool.runQuery("select name from users") == [("joe",)]

    run(reactor, main)


def test_interactionIsCommitted(tmp_path: Path, reactor: Any) -> None:
    """What it wrote is there for others when its Deferred fires (DB4)."""
    pool = users(reactor, tmp_path / "users.db")

    async def main() -> None:
        await pool.runInteraction(lambda txn: txn.execute("insert into users values ('ann', 3)") and None)
        with sqlite3.connect(tmp_path / "users.db") as other:
            assert other.execute("select count(*) from users").fetchall() == [(2,)]
        other.close()

    run(reactor, main)


def test_withConnection(reactor: Any) -> None:
    """The function gets a connection, in a transaction likewise (DB4)."""
    pool = users(reactor)

    def count(connection: Connection, table: str, *, plus: int) -> int:
        assert isinstance(connection, Connection)
        connection.close()  # the pool keeps it
        number: int = connection.cursor().execute(f"select count(*) from {table}").fetchone()[0]
        return number + plus

    async def main() -> None:
        assert await pool.runWithConnection(count, "users", plus=10) == 11
        with pytest.raises(ZeroDivisionError):
            await pool.runWithConnection(lambda connection: connection.execute("delete from users") and 1 / 0)
        assert await pool.runWithConnection(count, "users", plus=0) == 1

    run(reactor, main)


def test_onOtherTerms(reactor: Any) -> None:
    """`using` has the four run methods, and they get no argument that the pool would take from them (wish 28)."""
    pool = users(reactor)

    def echo(_: object, timeout: str) -> str:
        return timeout

    async def main() -> None:
        terms = pool.using(timeout=5)
        assert await terms.runQuery("select age from users") == [(42,)]
        assert await terms.runOperation("update users set age = 43") is None  # type: ignore[func-returns-value]
        assert await terms.runInteraction(echo, timeout="mine") == "mine"
        assert await terms.runWithConnection(echo, timeout="mine") == "mine"
        assert await pool.runInteraction(echo, timeout="mine") == "mine"

    run(reactor, main)
    assert not reactor.getDelayedCalls()


def test_moduleByName(reactor: Any) -> None:
    """The driver is imported by its name, dots and all; what isn't the pool's goes to ``connect`` (DB1)."""
    pool = ConnectionPool("sqlite3.dbapi2", ":memory:", timeout=7, cp_reactor=reactor)
    assert pool.dbapi is sqlite3.dbapi2
    assert (pool.connargs, pool.connkw) == ((":memory:",), {"timeout": 7})
    with pytest.raises(ImportError):
        ConnectionPool("there.is.no.such.driver", cp_reactor=reactor)


def test_oneConnectionPerThread(tmp_path: Path, reactor: Any) -> None:
    """SQLite checks that a connection stays in its thread, and closing it is no exception to that (DB1)."""
    pool = users(reactor, tmp_path / "users.db", cp_min=0, cp_max=3)
    barrier = threading.Barrier(3, timeout=10)

    def meet(connection: Any) -> tuple[int, int]:
        barrier.wait()
        return threading.get_ident(), id(connection._connection)

    async def main() -> None:
        meetings = await gatherResults([pool.runWithConnection(meet) for _ in range(3)])
        assert len({thread for thread, _ in meetings}) == len({which for _, which in meetings}) == 3
        assert {thread for thread, _ in meetings} == set(pool.connections)
        assert pool.statistics().connections == pool.statistics().threads == 3
        pool.close()
        assert not pool.connections

    run(reactor, main)


def test_manyAtOnce(tmp_path: Path, reactor: Any) -> None:
    """What finds no free thread waits; every Deferred fires once, with its own answer (F232)."""
    pool = users(reactor, tmp_path / "users.db", cp_max=4)
    asked = 500

    async def main() -> None:
        answers = await gatherResults([pool.runQuery("select ?", (number,)) for number in range(asked)])
        assert answers == [[(number,)] for number in range(asked)]
        statistics = pool.statistics()
        assert statistics.finished == asked
        assert statistics.running == statistics.waiting == statistics.failed == 0
        assert statistics.opened <= 4

    run(reactor, main)


def test_fromOtherThreads(reactor: Any) -> None:
    """The run methods may be called in any thread; the answer comes in the reactor's (DB5)."""
    pool = users(reactor)
    done: Deferred[Any] = Deferred()

    def ask() -> None:
        def answered(rows: Any) -> None:
            done.callback((rows, threading.current_thread() is threading.main_thread()))

        pool.using(timeout=10).runQuery("select age from users").addCallback(answered)

    def main() -> Deferred[Any]:
        reactor.callInThread(ask)
        return done

    assert run(reactor, main) == ([(42,)], True)


def test_beforeTheReactorRuns(reactor: Any) -> None:
    """A pool that is made before the reactor runs starts with it; what is asked before waits."""
    pool = users(reactor)
    early = pool.runQuery("select age from users")
    assert not pool.running
    assert not pool.connections
    assert run(reactor, lambda: early) == [(42,)]


def test_whatIsNoResultYet(reactor: Any) -> None:
    """A coroutine function, or one that returns a Deferred, can't be an interaction: it is told so and rolled back."""
    pool = users(reactor)

    async def coroutine(txn: Transaction) -> Any:
        raise AssertionError("never runs")

    async def main() -> None:
        with pytest.raises(TypeError, match="returned a coroutine: it runs in a thread"):
            await pool.runInteraction(coroutine)  # type: ignore[unused-coroutine]  # that is the mistake
        with pytest.raises(TypeError, match="returned a Deferred"):
            await pool.runWithConnection(lambda connection: succeed(connection.execute("delete from users")))
        assert await pool.runQuery("select count(*) from users") == [(1,)]

    run(reactor, main)


def test_sizes(reactor: Any) -> None:
    """``cp_min`` and ``cp_max`` are the pool's sizes; a minimum above the maximum is the maximum."""

    def sizes(**options: Any) -> tuple[int, int]:
        pool = ConnectionPool("sqlite3", cp_reactor=reactor, **options)
        assert (pool.threadpool.min, pool.threadpool.max) == (pool.min, pool.max)
        return pool.min, pool.max

    assert sizes() == (3, 5)
    assert sizes(cp_min=1, cp_max=9) == (1, 9)
    assert sizes(cp_max=1) == (1, 1)
    assert sizes(cp_min=7) == (5, 5)
    with pytest.raises(ValueError, match="cp_max is 0"):
        sizes(cp_max=0)


def test_openfun(reactor: Any) -> None:
    """It is called with each new connection, in its thread."""

    def setUp(connection: sqlite3.Connection) -> None:
        connection.row_factory = lambda cursor, row: row[0]

    pool = users(reactor, cp_openfun=setUp)
    assert run(reactor, pool.runQuery, "select name from users") == ["joe"]


def test_openfunThatFails(reactor: Any) -> None:
    """The connection is closed, the Deferred fails, and the next call tries again."""
    script = Script()

    def refuse(connection: object) -> None:
        raise PermissionError("not today")

    pool = ConnectionPool("support.driver", script, cp_reactor=reactor, cp_openfun=refuse)

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(PermissionError):
                await pool.runQuery("select")
            assert script.take() == ["connect", "close"]

    run(reactor, main)


def test_connectAndDisconnect(reactor: Any) -> None:
    """In any thread one may have a connection; only its own may give it up."""
    pool = users(reactor)
    connection = pool.connect()
    assert pool.connect() is connection
    assert pool.connections == {pool.threadID(): connection}

    async def main() -> None:
        with pytest.raises(PoolError, match="not the connection of this thread"):
            await pool.runWithConnection(lambda _: pool.disconnect(connection))

    run(reactor, main)
    assert not pool.connections  # closed with the reactor
    pool.disconnect(None)


def test_ownFactories(reactor: Any) -> None:
    """A subclass may have connections and transactions of its own."""

    class Mine(Connection):
        pass

    class Txn(Transaction):
        pass

    class Pool(ConnectionPool):
        connectionFactory = Mine
        transactionFactory = Txn

    pool = Pool("sqlite3", ":memory:", cp_reactor=reactor)

    async def main() -> None:
        assert await pool.runInteraction(lambda txn: (type(txn), type(txn._connection))) == (Txn, Mine)
        assert await pool.runWithConnection(type) is Mine

    run(reactor, main)


def test_autocommit(tmp_path: Path, reactor: Any) -> None:
    """With ``cp_autocommit`` queries and operations have no transaction around them; interactions have (wish 28)."""
    pool = users(reactor, tmp_path / "users.db", cp_autocommit=True)

    def inTransaction(txn: Transaction) -> bool:
        txn.execute("delete from users")
        return bool(txn.connection.in_transaction)

    async def main() -> None:
        await pool.runOperation("insert into users values ('ann', 3)")
        await pool.runOperation("vacuum")  # impossible in a transaction
        with pytest.raises(sqlite3.OperationalError):
            await pool.runOperation("nonsense")
        assert await pool.runInteraction(inTransaction)
        assert await pool.runQuery("select count(*) from users") == [(0,)]
        assert await pool.runQuery("insert into users values ('bob', 4)") == []
        with sqlite3.connect(tmp_path / "users.db") as other:
            assert other.execute("select name from users").fetchall() == [("bob",)]
        other.close()
        with pytest.raises(sqlite3.OperationalError, match="VACUUM"):
            await (
                pool.using(autocommit=False)
                .runOperation("insert into users values (1, 2)")
                .addCallback(
                    lambda _: pool.runInteraction(
                        lambda txn: txn.execute("delete from users") and txn.execute("vacuum")
                    )
                )
            )

    run(reactor, main)
