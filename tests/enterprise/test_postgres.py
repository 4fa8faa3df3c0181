"""adbapi with psycopg 3 and a real PostgreSQL, which is also killed, frozen and started again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.enterprise.adbapi import ConnectionLost, ConnectionPool, QueryTimeout, Transaction
from ropewalk.internet.defer import CancelledError, Deferred, gatherResults
from support.postgres import Postgres
from support.reactors import epoll, fresh, run
from support.recording import logged, until

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    postgres = Postgres()
    try:
        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute("create table users (name text primary key, age int)")
        yield postgres
    finally:
        postgres.stop()


@pytest.fixture(autouse=True)
def joe(server: Postgres) -> None:
    """There is a server, and Joe in it."""
    if server.process is None:
        server.start()
    with psycopg.connect(server.conninfo) as connection:
        connection.execute("truncate users")
        connection.execute("insert into users values ('joe', 42)")


@pytest.fixture
def one() -> Iterator[Any]:
    """A reactor; which one does not matter."""
    with fresh(epoll) as reactor:
        yield reactor


def users(reactor: Any, server: Postgres, **options: Any) -> ConnectionPool:
    return ConnectionPool("psycopg", server.conninfo, cp_reactor=reactor, **{"cp_min": 1, "cp_max": 2, **options})


def names(server: Postgres) -> list[str]:
    """Who is in the table, as another client sees it."""
    with psycopg.connect(server.conninfo) as connection:
        return [name for (name,) in connection.execute("select name from users order by name")]


async def caught(call: Deferred[Any]) -> BaseException:
    with pytest.raises(Exception) as info:
        await call
    return info.value


def test_all(reactor: Any, server: Postgres) -> None:
    """Queries, operations, interactions and connections, committed and rolled back (DB1-DB5, F9)."""
    pool = users(reactor, server)

    def work(txn: Transaction, name: str) -> int:
        txn.execute("insert into users values (%s, 1)", (name,))
        return int(txn.rowcount)

    def fail(txn: Transaction) -> None:
        work(txn, "lost")
        txn.execute("select 1 / 0")

    async def main() -> None:
        assert await pool.runQuery("select age from users where name = %s", ("joe",)) == [(42,)]
        await pool.runOperation("insert into users values (%(name)s, 3)", {"name": "ann"})
        assert await pool.runInteraction(work, "bob") == 1
        with pytest.raises(psycopg.errors.DivisionByZero):
            await pool.runInteraction(fail)
        with pytest.raises(psycopg.errors.UniqueViolation):
            await pool.runOperation("insert into users values ('ann', 4)")
        assert await pool.runWithConnection(lambda c: c.execute("select count(*) from users").fetchone()) == (3,)
        assert pool.statistics().failed == 2

    run(reactor, main)
    assert names(server) == ["ann", "bob", "joe"]


def test_concurrently(one: Any, server: Postgres) -> None:
    """As many at a time as there are connections, each with its own answer."""
    pool = users(one, server, cp_max=8)
    barrier = threading.Barrier(8, timeout=10)

    def together(txn: Transaction) -> int:
        barrier.wait()
        return int(txn.execute("select pg_backend_pid()").fetchone()[0])

    async def main() -> None:
        assert len(set(await gatherResults([pool.runInteraction(together) for _ in range(8)]))) == 8
        answers = await gatherResults([pool.runQuery("select %s::int", (number,)) for number in range(200)])
        assert answers == [[(number,)] for number in range(200)]

    run(one, main)


def test_autocommit(one: Any, server: Postgres) -> None:
    """Queries and operations are sent without begin and commit; interactions with (wish 28)."""
    pool = users(one, server, cp_autocommit=True, cp_max=1)
    transaction = "select now() = statement_timestamp(), pg_sleep(0.01)"

    def inTransaction(txn: Transaction) -> bool:
        txn.execute(transaction)
        return not txn.execute(transaction).fetchone()[0]

    async def main() -> None:
        await pool.runOperation("insert into users values ('ann', 3)")
        await pool.runOperation("vacuum users")  # impossible in a transaction
        assert (await pool.runQuery(transaction))[0][0] is True
        assert await pool.runInteraction(inTransaction)
        assert (await pool.runQuery(transaction))[0][0] is True
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            await pool.using(autocommit=False).runOperation("vacuum users")
        await caught(pool.runQuery("nonsense"))
        assert await pool.runQuery("select 1") == [(1,)]
        assert pool.statistics().opened == 1

    run(one, main)
    assert names(server) == ["ann", "joe"]


def test_timeout(reactor: Any, server: Postgres) -> None:
    """The Deferred fails in time, the server stops the statement, and the connection is kept (wish 28)."""
    pool = users(reactor, server, cp_max=1)

    async def main() -> None:
        problem = await caught(pool.using(timeout=0.1).runQuery("select pg_sleep(30)"))
        assert isinstance(problem, QueryTimeout)
        busy = "select count(*) from pg_stat_activity where query like 'select pg_sleep%'"
        assert await pool.runQuery(busy) == [(0,)]
        assert pool.statistics().opened == 1

    run(reactor, main)


def test_cancelled(one: Any, server: Postgres) -> None:
    """An interaction that is cancelled in the middle of a statement is rolled back."""
    pool = users(one, server, cp_max=1)
    begun = threading.Event()

    def work(txn: Transaction) -> None:
        txn.execute("delete from users")
        begun.set()
        txn.execute("select pg_sleep(30)")

    async def main() -> None:
        call = pool.runInteraction(work)
        await until(one, begun.is_set)
        call.cancel()
        assert isinstance(await caught(call), CancelledError)
        assert await pool.runQuery("select name from users") == [("joe",)]
        assert pool.statistics().opened == 1

    run(one, main)


@pytest.mark.slow
def test_frozenServer(one: Any, server: Postgres) -> None:
    """One that takes no orders has its connection cut; when it is back, so is the pool."""
    pool = users(one, server, cp_max=1, cp_timeout=0.2)
    pool.patience = 0.2

    async def main() -> None:
        await pool.using(timeout=10).runQuery("select 1")
        server.freeze()
        try:
            assert isinstance(await caught(pool.runQuery("select 2")), QueryTimeout)
            await until(one, lambda: not pool.statistics().running)
            assert pool.statistics().connections == 0
            assert pool.statistics().abandoned == 0
            assert isinstance(await caught(pool.runQuery("select 3")), QueryTimeout)
        finally:
            server.thaw()
        assert await pool.using(timeout=10).runQuery("select 4") == [(4,)]

    run(one, main)


@pytest.mark.slow
def test_killedServer(reactor: Any, server: Postgres) -> None:
    """``kill -9`` in the middle of work: every Deferred fires once, with an error or an answer, the log tells of the
    lost connections, and when the server is back the pool works on (issue 3, faults)."""
    pool = users(reactor, server, cp_reconnect=True, cp_max=3)
    fired: dict[int, Any] = {}
    begun = threading.Barrier(4, timeout=10)

    def work(txn: Transaction, number: int) -> None:
        txn.execute("insert into users values (%s, 1)", (f"lost {number}",))
        begun.wait()
        txn.execute("select pg_sleep(30)")

    def ask(number: int, call: Deferred[Any]) -> Deferred[Any]:
        def note(result: Any) -> None:
            assert number not in fired
            fired[number] = result

        return call.addBoth(note)

    async def main() -> None:
        calls = [ask(number, pool.runInteraction(work, number)) for number in range(3)]
        calls += [ask(number, pool.runQuery("select 1")) for number in range(3, 9)]
        calls += [ask(9, pool.runOperation("insert into users values ('lost, too', 1)"))]
        begun.wait()
        server.kill()
        await gatherResults(calls)
        assert sorted(fired) == list(range(10))
        assert {result.type for result in fired.values()} <= {
            psycopg.OperationalError,
            psycopg.errors.AdminShutdown,
            psycopg.errors.CrashShutdown,
        }
        assert pool.statistics().failed == 10
        assert pool.statistics().connections == 0
        assert isinstance(await caught(pool.runQuery("select 1")), psycopg.OperationalError)
        server.start()
        assert await pool.runQuery("select name from users") == [("joe",)]
        assert pool.statistics().running == pool.statistics().waiting == 0

    with logged(psycopg.OperationalError, ConnectionLost):
        run(reactor, main, timeout=30)


@pytest.mark.slow
def test_killedWhileIdle(one: Any, server: Postgres) -> None:
    """A pool that reconnects gets over a restart: each connection that was open fails one call at most."""
    pool = users(one, server, cp_reconnect=True, cp_max=1)

    async def main() -> None:
        assert await pool.runQuery("select 1") == [(1,)]
        server.kill()
        server.start()
        assert isinstance(await caught(pool.runQuery("select 2")), psycopg.OperationalError)
        assert await pool.runQuery("select 3") == [(3,)]

    with logged(psycopg.OperationalError, ConnectionLost):
        run(one, main, timeout=30)


@pytest.mark.slow
def test_connectionKilledInAnInteraction(one: Any, server: Postgres) -> None:
    """One whose server process is ended finds its connection lost; the others don't notice."""
    pool = users(one, server, cp_reconnect=True, cp_max=2)
    begun, go = threading.Event(), threading.Event()
    backends: list[int] = []

    def work(txn: Transaction) -> None:
        backends.append(txn.execute("select pg_backend_pid()").fetchone()[0])
        txn.execute("delete from users")
        begun.set()
        go.wait(10)
        txn.execute("select 1")

    async def main() -> None:
        call = pool.runInteraction(work)
        await until(one, begun.is_set)
        await pool.runQuery("select pg_terminate_backend(%s, 5000)", (backends[0],))
        go.set()
        assert isinstance(await caught(call), psycopg.errors.AdminShutdown)
        assert await gatherResults([pool.runQuery("select name from users") for _ in range(4)]) == [[("joe",)]] * 4

    with logged(psycopg.OperationalError, ConnectionLost):
        run(one, main)


def test_asyncioDriverBeside(reactor: Any, server: Postgres) -> None:
    """A driver that is made for asyncio needs no threads, and works in the same coroutines (wish 28)."""
    pool = users(reactor, server)

    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(server.conninfo) as connection:
            await connection.execute("insert into users values ('ann', 3)")
            assert await pool.runQuery("select name from users") == [("joe",)]
        assert await pool.runQuery("select count(*) from users") == [(2,)]

    run(reactor, main)
