"""Timeouts, cancelled calls and a pool that is too busy: the Deferred fires in time, and the connection comes back."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.enterprise.adbapi import ConnectionPool, PoolExhausted, QueryTimeout, Transaction
from ropewalk.internet.defer import CancelledError, Deferred, TimeoutError, gatherResults
from ropewalk.logger import capturedLogs, formatEvent
from support.driver import Cancellable, Connection, Error, Script
from support.reactors import epoll, fresh, run
from support.recording import until

# A statement that SQLite is busy with until it is interrupted.
FOREVER = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"


@pytest.fixture
def one() -> Iterator[Any]:
    """A reactor; which one does not matter."""
    with fresh(epoll) as reactor:
        yield reactor


def sqlite(reactor: Any, **options: Any) -> ConnectionPool:
    pool = ConnectionPool("sqlite3", ":memory:", cp_reactor=reactor, cp_max=1, **options)
    pool.runOperation("create table notes (text)")
    return pool


def scripted(reactor: Any, script: Script, **options: Any) -> ConnectionPool:
    pool = ConnectionPool("support.driver", script, cp_reactor=reactor, **{"cp_max": 1, **options})
    pool.patience = 0.02
    return pool


async def caught(call: Deferred[Any]) -> BaseException:
    with pytest.raises(Exception) as info:
        await call
    return info.value


def test_timeout(reactor: Any) -> None:
    """The Deferred fails in time, the statement is stopped, and the connection, an in-memory database, is kept."""
    pool = sqlite(reactor)

    async def main() -> None:
        await pool.runOperation("insert into notes values ('kept')")
        problem = await caught(pool.using(timeout=0.05).runQuery(FOREVER))
        assert isinstance(problem, QueryTimeout)
        assert isinstance(problem, TimeoutError)
        assert problem.seconds == 0.05
        assert str(problem) == "the database of the pool 'sqlite3' did not answer within 0.05 seconds"
        assert await pool.runQuery("select * from notes") == [("kept",)]
        statistics = pool.statistics()
        assert (statistics.timedOut, statistics.opened, statistics.finished) == (1, 1, 3)

    run(reactor, main)


def test_timeoutOfThePool(one: Any) -> None:
    """``cp_timeout`` holds for all four, unless told otherwise; the time in the queue counts."""
    pool = sqlite(one, cp_timeout=0.05)

    async def main() -> None:
        calls: list[Deferred[Any]] = [
            pool.runQuery(FOREVER),
            pool.runOperation(FOREVER),
            pool.runInteraction(lambda txn: txn.execute(FOREVER)),
            pool.runWithConnection(lambda connection: connection.execute(FOREVER)),
        ]
        longer = pool.using(timeout=10).runQuery("select 1")
        patient = pool.using(timeout=math.inf).runQuery("select 2")
        problems = [await caught(call) for call in calls]
        assert {type(problem) for problem in problems} == {QueryTimeout}
        assert (await longer, await patient) == ([(1,)], [(2,)])

    run(one, main)


def test_cancelledWhileRunning(reactor: Any) -> None:
    """The statement is stopped and the interaction rolled back; the next call has the connection."""
    pool = sqlite(reactor)
    begun = threading.Event()

    def work(txn: Transaction) -> None:
        txn.execute("insert into notes values ('lost')")
        begun.set()
        txn.execute(FOREVER).fetchall()

    async def main() -> None:
        call = pool.runInteraction(work)
        await until(reactor, begun.is_set)
        call.cancel()
        assert isinstance(await caught(call), CancelledError)
        assert await pool.runQuery("select * from notes") == []
        assert pool.statistics().cancelled == 1

    run(reactor, main)


def test_cancelledWhileWaiting(one: Any) -> None:
    """It never runs."""
    script = Script()
    script.stuck["execute"] = 1
    pool = scripted(one, script)

    async def main() -> None:
        first = pool.runQuery("first")
        await until(one, script.arrived.is_set)
        second = pool.runQuery("second")
        assert pool.statistics().waiting == 1
        second.cancel()
        assert isinstance(await caught(second), CancelledError)
        assert pool.statistics().waiting == 0
        script.release()
        assert await first == [("row",)]
        assert await pool.runQuery("third") == [("row",)]
        assert ("second",) not in script.calls

    run(one, main)


def test_addTimeout(one: Any) -> None:
    """`Deferred.addTimeout` stops the statement just as well: it cancels."""
    pool = sqlite(one)

    async def main() -> None:
        assert isinstance(await caught(pool.runQuery(FOREVER).addTimeout(0.05, one)), TimeoutError)
        assert await pool.runQuery("select 1") == [(1,)]

    run(one, main)


def test_asyncioTimeout() -> None:
    """So does asyncio's: coroutines are cancelled through and through (wish 28)."""
    import asyncio

    from ropewalk.internet.asyncioreactor import AsyncioSelectorReactor

    async def ask() -> None:
        reactor = AsyncioSelectorReactor(asyncio.get_running_loop())
        pool = sqlite(reactor)
        with pytest.raises(asyncio.TimeoutError):
            async with asyncio.timeout(0.1):
                await pool.runQuery(FOREVER)
        assert await pool.runQuery("select 1") == [(1,)]
        assert pool.statistics().cancelled == 1
        pool.close()

    asyncio.run(ask())


def test_interactionBetweenStatements(one: Any) -> None:
    """One that is given up while it does something of its own finds out at its next statement, and is rolled back."""
    pool = sqlite(one)
    begun, go = threading.Event(), threading.Event()
    found: list[Any] = []

    def work(txn: Transaction) -> None:
        txn.execute("insert into notes values ('lost')")
        begun.set()
        go.wait(10)
        try:
            txn.execute("insert into notes values ('lost, too')")
        except CancelledError as problem:
            found.append(problem)
            raise

    async def main() -> None:
        call = pool.runInteraction(work)
        await until(one, begun.is_set)
        call.cancel()
        go.set()
        assert isinstance(await caught(call), CancelledError)
        assert await pool.runQuery("select * from notes") == []
        assert len(found) == 1

    run(one, main)


def test_interactionThatTakesNoNotice(one: Any) -> None:
    """One that was given up and returns as if nothing had happened is rolled back, too."""
    pool = sqlite(one)
    begun, go = threading.Event(), threading.Event()

    def work(txn: Transaction) -> str:
        txn.execute("insert into notes values ('lost')")
        begun.set()
        go.wait(10)
        return "done"

    async def main() -> None:
        call = pool.runInteraction(work)
        await until(one, begun.is_set)
        call.cancel()
        go.set()
        assert isinstance(await caught(call), CancelledError)
        assert await pool.runQuery("select * from notes") == []

    run(one, main)


def test_givenUpWhileCommitting(one: Any) -> None:
    """A commit is not interrupted. The Deferred has failed by then; the log says that the call was completed."""
    script = Script(Cancellable)
    script.stuck["commit"] = 1
    pool = scripted(one, script)
    pool.patience = 10

    async def main() -> None:
        call = pool.runQuery("sql")
        await until(one, script.arrived.is_set)
        call.cancel()
        assert isinstance(await caught(call), CancelledError)
        script.release()
        assert await pool.runQuery("more") == [("row",)]  # cancelling would have made it fail

    with capturedLogs() as events:
        run(one, main)
    (line,) = [line for line in map(formatEvent, events) if "had been given up" in line]
    assert line.endswith("was completed")


def test_whatGoesWrongAfterGivingUpIsLogged(one: Any) -> None:
    """Nobody waits for it, but it is not lost."""
    script = Script()
    script.stuck["execute"] = 1
    script.once.add("execute")
    pool = scripted(one, script)
    pool.patience = 10

    async def main() -> None:
        call = pool.runQuery("sql")
        await until(one, script.arrived.is_set)
        call.cancel()
        assert isinstance(await caught(call), CancelledError)
        script.release()
        await pool.runQuery("sql")

    with capturedLogs() as events:
        run(one, main)
    assert [event for event in events if formatEvent(event).endswith("ended with Error('execute')")]


def test_driverThatCanCancel(one: Any) -> None:
    """Its ``cancel`` is called, and the connection is kept once it is rolled back."""
    script = Script(Cancellable)
    script.stuck["execute"] = 1
    pool = scripted(one, script)

    async def main() -> None:
        assert isinstance(await caught(pool.using(timeout=0.05).runQuery("slow")), QueryTimeout)
        await until(one, lambda: not pool.statistics().running)
        script.failing.clear()
        await pool.runQuery("quick")
        assert script.calls.count("connect") == 1

    run(one, main)


def test_driverThatHangs(one: Any) -> None:
    """One that can't be stopped loses its thread; another takes the place, and the lost one ends when it comes back."""
    script = Script()
    script.stuck["execute"] = 1
    pool = scripted(one, script)

    async def main() -> None:
        stuck = pool.using(timeout=0.05).runQuery("slow")
        after = pool.runQuery("after")
        assert isinstance(await caught(stuck), QueryTimeout)
        await until(one, lambda: pool.statistics().abandoned)
        assert await after == [("row",)]
        assert pool.statistics().connections == 2
        script.release()
        await until(one, lambda: pool.statistics().threads == 1)
        assert pool.statistics().abandoned == 0
        assert await pool.runQuery("again") == [("row",)]
        assert pool.statistics().connections == 1

    run(one, main)


def test_hangingWhileConnecting(one: Any) -> None:
    """There is nothing to stop yet; the thread is replaced all the same."""
    script = Script()
    script.stuck["connect"] = 1
    pool = scripted(one, script)

    async def main() -> None:
        assert isinstance(await caught(pool.using(timeout=0.05).runQuery("sql")), QueryTimeout)
        await until(one, lambda: pool.statistics().abandoned)
        assert await pool.runQuery("sql") == [("row",)]
        script.release()

    run(one, main)


def test_closingWithAStuckThread(one: Any) -> None:
    """It is not waited for, and the pool can be opened again."""
    script = Script()
    script.stuck["execute"] = 1
    pool = scripted(one, script)

    async def main() -> None:
        assert isinstance(await caught(pool.using(timeout=0.05).runQuery("slow")), QueryTimeout)
        started = time.monotonic()
        pool.close()
        assert time.monotonic() - started < 5
        pool.start()
        assert await pool.runQuery("after") == [("row",)]
        script.release()
        await until(one, lambda: not pool.statistics().abandoned)
        assert await pool.runQuery("after") == [("row",)]

    run(one, main)


def test_closingWithinTheTimeLimit(one: Any) -> None:
    """`close` blocks the reactor, so timers stand still; calls are timed out all the same."""
    pool = sqlite(one)
    problems: list[Any] = []

    def main() -> None:
        call = pool.using(timeout=0.1).runQuery(FOREVER)
        call.addErrback(lambda failure: problems.append(failure.type))
        pool.close()
        assert problems == [QueryTimeout]

    run(one, main)


def test_grace(reactor: Any) -> None:
    """With ``cp_grace`` closing does not wait for ever: what runs is stopped, what waits is dropped, and told so."""
    pool = sqlite(reactor, cp_grace=0.05)
    problems: list[Any] = []

    def main() -> None:
        for _ in range(3):
            pool.runQuery(FOREVER).addErrback(lambda failure: problems.append(str(failure.value)))

    run(reactor, main)  # and the reactor stops
    assert problems == ["the pool 'sqlite3' was closed before this was done"] * 3
    assert not pool.connections


def test_answerThatIsOnItsWay(one: Any) -> None:
    """When the reactor is too busy to take an answer in time, that is not the database's fault."""
    pool = scripted(one, Script())

    async def main() -> None:
        call = pool.using(timeout=0.02).runQuery("sql")
        busy = time.monotonic() + 0.05
        while time.monotonic() < busy or not pool.statistics().finished:
            pass
        assert await call == [("row",)]

    run(one, main)


def test_backlog(reactor: Any) -> None:
    """With ``cp_backlog`` a call too many fails at once, and the message says what pool it was."""
    script = Script()
    script.stuck["execute"] = 2
    pool = scripted(reactor, script, cp_max=2, cp_min=2, cp_backlog=3, cp_name="books")

    async def main() -> None:
        calls = [pool.runQuery("sql") for _ in range(5)]
        problem = await caught(pool.runQuery("one too many"))
        assert isinstance(problem, PoolExhausted)
        assert (problem.name, problem.connections, problem.backlog) == ("books", 2, 3)
        assert "the pool 'books' is exhausted: 2 connections are busy and 3 calls wait" in str(problem)
        await until(reactor, lambda: pool.statistics().running == 2)
        statistics = pool.statistics()
        assert (statistics.name, statistics.waiting, statistics.refused) == ("books", 3, 1)
        calls[4].cancel()
        calls[4].addErrback(lambda failure: failure.trap(CancelledError) and None)
        calls[4] = pool.runQuery("has the place of the cancelled one")
        script.release()
        assert await gatherResults(calls) == [[("row",)]] * 5
        assert [thread.name for thread in pool.threadpool.threads] == ["PoolThread-books-0", "PoolThread-books-1"]

    run(reactor, main)


def test_backlogOfNothing(one: Any) -> None:
    """Zero: as many calls as there are connections, and no more."""
    script = Script()
    pool = scripted(one, script, cp_max=2, cp_backlog=0)

    async def main() -> None:
        both = [pool.runQuery("sql"), pool.runQuery("sql")]
        assert isinstance(await caught(pool.runQuery("sql")), PoolExhausted)
        await gatherResults(both)
        assert await pool.runQuery("sql") == [("row",)]

    run(one, main)


def test_everyDeferredFiresOnce(reactor: Any) -> None:
    """Answered, failed, timed out, cancelled, refused: each of many fires, and none twice (issue 3, faults)."""
    pool = sqlite(reactor, cp_backlog=60)
    fired: list[int] = []

    def ask(number: int) -> Deferred[Any]:
        match number % 4:
            case 0:
                call: Deferred[Any] = pool.runQuery("select ?", (number,))
            case 1:
                call = pool.runQuery("nonsense")
            case 2:
                call = pool.using(timeout=0.02).runQuery(FOREVER if number < 20 else "select 1")
            case _:
                call = pool.runQuery("select 1")
                reactor.callLater(0.01, call.cancel)
        return call.addBoth(lambda _: fired.append(number))

    def main() -> Deferred[Any]:
        return gatherResults([ask(number) for number in range(100)])

    run(reactor, main)
    assert sorted(fired) == list(range(100))


def test_driverErrorsAreItsOwn(one: Any) -> None:
    """They arrive as the driver raised them."""
    pool = sqlite(one)
    script = Script()
    script.failing.add("execute")
    other = scripted(one, script)

    async def main() -> None:
        assert isinstance(await caught(pool.runQuery("nonsense")), sqlite3.OperationalError)
        assert isinstance(await caught(other.runQuery("nonsense")), Error)
        assert issubclass(script.kind, Connection)

    run(one, main)
