"""Pools start and close with the reactor, may be closed and opened by hand, and travel as pickles."""

from __future__ import annotations

import gc
import pickle
import threading
import weakref
from typing import Any

import pytest

from ropewalk.enterprise import adbapi
from ropewalk.enterprise.adbapi import ConnectionPool, PoolClosed
from ropewalk.internet.defer import Deferred, gatherResults
from support.driver import Script
from support.reactors import epoll, fresh, run


def scripted(reactor: Any, script: Script, **options: Any) -> ConnectionPool:
    return ConnectionPool("support.driver", script, cp_reactor=reactor, **{"cp_max": 1, **options})


def test_closesWithTheReactor(reactor: Any) -> None:
    """When the reactor stops, what was asked is done first; connections are closed in their threads."""
    script = Script()
    pool = scripted(reactor, script)
    answers: list[Any] = []

    async def main() -> None:
        await pool.runQuery("first")
        assert pool.running
        for _ in range(3):
            pool.runQuery("last").addCallback(answers.append)

    run(reactor, main)
    assert answers == [[("row",)]] * 3
    assert script.calls[-1] == "close"
    assert len(set(script.threads)) == 1
    assert not pool.running
    assert not pool.connections
    assert pool.shutdownID is None


def test_opensAgain(reactor: Any) -> None:
    """`start` opens a pool again that was closed, by hand or by the reactor."""
    script = Script()
    pool = scripted(reactor, script)

    async def main() -> None:
        for _ in range(3):
            assert await pool.runQuery("sql") == [("row",)]
            pool.close()
            assert not pool.running
            pool.start()
            pool.start()
        assert await pool.runQuery("sql") == [("row",)]

    run(reactor, main)
    assert script.calls.count("connect") == script.calls.count("close") == 4
    pool.start()
    assert run(reactor, pool.runQuery, "sql") == [("row",)]
    assert script.calls.count("close") == 5


def test_closedPoolRefuses(reactor: Any) -> None:
    """What is asked of a closed pool fails at once and says why; closing twice is harmless."""
    pool = scripted(reactor, Script())

    async def main() -> None:
        pool.close()
        pool.close()
        for ask in (pool.runQuery, pool.runOperation):
            with pytest.raises(PoolClosed, match=r"the pool 'support.driver' is closed; start\(\) opens it again"):
                await ask("sql")
        with pytest.raises(PoolClosed):
            await pool.runInteraction(lambda txn: None)

    run(reactor, main)


def test_closedBeforeItStarted(reactor: Any) -> None:
    """No thread ever runs; what waited fails, and the reactor does not start the pool any more."""
    script = Script()
    pool = scripted(reactor, script)
    problems: list[Any] = []
    pool.runQuery("sql").addErrback(lambda failure: problems.append(failure.type))
    pool.close()
    assert problems == [PoolClosed]
    run(reactor, lambda: None)
    assert not pool.running
    assert script.calls == []


def test_closeWaitsForCallbacks(reactor: Any) -> None:
    """Every Deferred has fired when `close` returns."""
    pool = scripted(reactor, Script(), cp_max=3)
    fired: list[Any] = []

    def main() -> None:
        for _ in range(20):
            pool.runQuery("sql").addCallback(fired.append)
        pool.close()
        assert len(fired) == 20

    run(reactor, main)


def test_closeInACallback(reactor: Any) -> None:
    """Nor does a callback that closes the pool come before the others' Deferreds have fired."""
    pool = scripted(reactor, Script(), cp_max=3)
    fired: list[Any] = []

    def close(_: object) -> None:
        pool.close()
        assert len(fired) == 10

    def main() -> Deferred[Any]:
        first = pool.runQuery("sql").addCallback(close)
        for _ in range(10):
            pool.runQuery("sql").addCallback(fired.append)
        return first

    run(reactor, main)


def test_closeInAnInteraction(reactor: Any) -> None:
    """Even there it works: the interaction is answered, its connection closed when the thread ends."""
    script = Script()
    pool = scripted(reactor, script)

    async def main() -> None:
        await pool.runInteraction(lambda txn: pool.close())

    run(reactor, main)
    assert not pool.running


def test_threadsEndWithThePool(reactor: Any) -> None:
    """Nothing of a closed pool stays: no thread, and no reference to it or to what was asked."""
    pool = scripted(reactor, Script(), cp_max=3)
    before = {thread for thread in threading.enumerate() if thread.name.startswith("PoolThread")}

    class Kept:
        pass

    kept = Kept()
    ghost = weakref.ref(kept)

    async def main(kept: Kept) -> None:
        await gatherResults([pool.runInteraction(lambda txn, kept: None, kept) for _ in range(9)])

    run(reactor, main, kept)
    del kept
    gc.collect()
    assert ghost() is None
    assert {thread for thread in threading.enumerate() if thread.name.startswith("PoolThread")} <= before


def test_noGarbage() -> None:
    """What was asked and answered goes away without the garbage collector, failures included."""
    with fresh(epoll) as reactor:
        pool = scripted(reactor, Script())
        ghosts: list[weakref.ref[Any]] = []

        def work(txn: Any, fails: bool) -> None:
            if fails:
                raise ValueError("no")

        async def main() -> None:
            for fails in (False, True):
                call: Deferred[Any] = pool.runInteraction(work, fails)
                ghosts.append(weakref.ref(call))
                call.addErrback(lambda failure: None)
                await call
                del call

        gc.collect()
        gc.disable()
        try:
            run(reactor, main)
            assert [ghost() for ghost in ghosts] == [None, None]
        finally:
            gc.enable()


def test_pickle() -> None:
    """A pool comes back from a pickle with its options and arguments, and with no connection."""
    pool = ConnectionPool(
        "sqlite3", ":memory:", check_same_thread=False, cp_min=1, cp_max=2, cp_noisy=True, cp_timeout=3, cp_name="books"
    )
    state = pool.__getstate__()
    assert {key: state[key] for key in ("dbapiName", "min", "max", "noisy", "reconnect", "good_sql")} == {
        "dbapiName": "sqlite3",
        "min": 1,
        "max": 2,
        "noisy": True,
        "reconnect": False,
        "good_sql": "select 1",
    }
    assert (state["connargs"], state["connkw"]) == ((":memory:",), {"check_same_thread": False})
    again = pickle.loads(pickle.dumps(pool))
    assert (again.min, again.max, again.timeout, again.noisy) == (1, 2, 3, True)
    assert again.connkw == pool.connkw
    assert again.name is None
    for one in (pool, again):
        one.close()


def test_oldPickle() -> None:
    """The state that other releases of this API pickle is taken."""
    pool = ConnectionPool.__new__(ConnectionPool)
    old = {"min": 1, "max": 1, "noisy": False, "reconnect": True, "good_sql": "good"}
    pool.__setstate__({**old, "dbapiName": "sqlite3", "connargs": (), "connkw": {"database": ":memory:"}})
    assert (pool.reconnect, pool.good_sql, pool.connkw) == (True, "good", {"database": ":memory:"})
    pool.close()


def test_names() -> None:
    """Everything says where it is documented, and a pool what it is (GL2)."""
    assert {getattr(adbapi, name).__module__ for name in adbapi.__all__} == {"ropewalk.enterprise.adbapi"}
    pool = ConnectionPool("sqlite3", cp_name="books")
    assert repr(pool) == "<ConnectionPool 'books', 0 of 5 connections>"
    pool.close()
