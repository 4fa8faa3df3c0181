"""The pool as programs see it: what it is made from, what can be asked of it, and its life.

It has five parts. `threads` has the threads and `connections` a connection for each, which is opened, used and closed
in that thread only. What is asked for waits in `calls`, is performed as `interactions` says, and comes back by `calls`;
`closing` ends it all. The parts share one lock, under which nothing of anybody else's is called.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Condition, get_ident
from typing import Any, Concatenate, ParamSpec, TypeVar

from ropewalk.internet.defer import Deferred
from ropewalk.logger import Logger
from ropewalk.python.reflect import namedModule

from .calls import Calls
from .closing import Closing
from .connection import Connection, Transaction
from .connections import Connections
from .interactions import Interactions
from .statistics import Statistics
from .terms import Terms
from .threads import Threads

P = ParamSpec("P")
R = TypeVar("R")

_log = Logger("ropewalk.enterprise.adbapi")

# What a pickled pool is made of.
KEPT = ("min", "max", "noisy", "reconnect", "good_sql", "timeout", "autocommit", "backlog", "grace")


class ConnectionPool:
    """Connections to a database, one in each of a few threads, and ways to run something in them.

    The pool starts with the reactor, or at once if that runs, and closes when the reactor stops. What is asked before
    waits. The run methods may be called from any thread; their Deferreds fire in the reactor's.

    Attributes:
        min: threads kept.
        max: threads, and so connections, at most.
        name: in the names of the threads and in error messages.
        noisy: whether connecting and disconnecting is logged.
        openfun: called with each new connection of the driver's, in its thread.
        reconnect: whether a connection that fails is replaced, see `Connection.rollback`.
        good_sql: a statement that any good connection can execute.
        timeout: seconds that a call may take from the asking to the answer, by default; `None` for any time.
        autocommit: whether queries and operations run outside of transactions, by default.
        backlog: how many calls may wait for a connection; `None` for any number.
        grace: seconds that closing the pool waits for what was asked; `None` for any time.
        patience: seconds that a call that was given up has to come back at each degree of force.
        running: between `start` and `close`.
        connections: the driver's connections, by the number of the thread that has it.
        dbapi: the driver's module.
        threadpool: the threads.
    """

    CP_ARGS = [
        "min",
        "max",
        "name",
        "noisy",
        "openfun",
        "reconnect",
        "good_sql",
        "timeout",
        "autocommit",
        "backlog",
        "grace",
    ]

    min = 3
    max = 5
    name: str | None = None
    noisy = False
    openfun: Callable[[Any], object] | None = None
    reconnect = False
    good_sql = "select 1"
    timeout: float | None = None
    autocommit = False
    backlog: int | None = None
    grace: float | None = None
    patience = 1.0

    running = False
    startID: Any = None
    shutdownID: Any = None

    connectionFactory: Callable[[ConnectionPool], Connection] = Connection
    transactionFactory: Callable[[ConnectionPool, Any], Transaction] = Transaction

    def __init__(self, dbapiName: str, *connargs: Any, **connkw: Any) -> None:
        """Make a pool; nothing is connected before it is needed.

        Args:
            dbapiName: the name of the driver's module, which may be dotted: ``"sqlite3"``, ``"psycopg"``.
            connargs: for the driver's ``connect``.
            connkw: likewise, but for those of this pool: ``cp_min``, ``cp_max`` and so on set the attributes of these
                names, ``cp_reactor`` names the reactor.

        Raises:
            ImportError: there is no such driver.
            ValueError: ``cp_max`` allows for no connection.
        """
        self.dbapiName = dbapiName
        self.dbapi = namedModule(dbapiName)
        if getattr(self.dbapi, "apilevel", None) != "2.0":
            _log.info("{driver} does not say that it is a DB-API 2.0 driver", driver=dbapiName)
        if getattr(self.dbapi, "threadsafety", 0) < 1:
            _log.info("{driver} does not say that threads may use it at the same time", driver=dbapiName)
        self._reactor = connkw.pop("cp_reactor", None) or _theReactor()
        for option in self.CP_ARGS:
            if f"cp_{option}" in connkw:
                setattr(self, option, connkw.pop(f"cp_{option}"))
        if self.max < 1:
            raise ValueError(f"a pool without connections answers nothing; cp_max is {self.max!r}")
        self.min = min(self.min, self.max)
        self.connargs = connargs
        self.connkw = connkw
        self.threadID = get_ident
        self._lock = Condition()  # notified when a thread ends or is abandoned
        self._connections = Connections(self, self._lock)
        self._threads = Threads(self, self._connections, self._lock)
        self._interactions = Interactions(self, self._connections)
        self._calls = Calls(self, self._reactor, self._threads, self._connections, self._lock)
        self.connections = self._connections.byThread
        self.threadpool = self._threads.crew()
        self.startID = self._reactor.callWhenRunning(self._start)

    def __getstate__(self) -> dict[str, Any]:
        """A pool is pickled as what it was made from, without its name, ``openfun`` and reactor."""
        return {
            "dbapiName": self.dbapiName,
            **{name: getattr(self, name) for name in KEPT},
            "connargs": self.connargs,
            "connkw": self.connkw,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        options = {f"cp_{name}": state[name] for name in KEPT if name in state}
        ConnectionPool.__init__(self, state["dbapiName"], *state["connargs"], **state["connkw"], **options)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._title!r}, {len(self.connections)} of {self.max} connections>"

    @property
    def _title(self) -> str:
        return self.name or self.dbapiName

    # -- To run something -------------------------------------------------------------------------------------------

    def runQuery(self, *args: Any, **kw: Any) -> Deferred[list[Any]]:
        """Execute a statement and fetch all that it finds.

        Args:
            args: for the ``execute`` of the driver's cursor: the statement, in the driver's ``paramstyle``, and its
                parameters.

        Returns:
            A Deferred of the rows. It fails with the driver's exceptions, and with `QueryTimeout`, `PoolExhausted` and
            `PoolClosed`. Cancelling it stops the statement, where the driver can.
        """
        if self.autocommit:
            return self.using().runQuery(*args, **kw)
        return self.runInteraction(self._runQuery, *args, **kw)

    def runOperation(self, *args: Any, **kw: Any) -> Deferred[None]:
        """Execute a statement that finds nothing: as `runQuery`, with a Deferred of `None`."""
        if self.autocommit:
            return self.using().runOperation(*args, **kw)
        return self.runInteraction(self._runOperation, *args, **kw)

    def runInteraction(
        self, interaction: Callable[Concatenate[Transaction, P], R], *args: P.args, **kw: P.kwargs
    ) -> Deferred[R]:
        """Call a function with a `Transaction`, which is committed when it returns and rolled back when it raises.

        Args:
            interaction: called in a thread, so it may block. It gets a `Transaction`, ``args`` and ``kw``.

        Returns:
            A Deferred of what it returned. It fails with what it raised, and otherwise as that of `runQuery`; one that
            was cancelled or timed out is rolled back.
        """
        return self._calls.enter(partial(self._runInteraction, interaction, *args, **kw), self.timeout)

    def runWithConnection(
        self, func: Callable[Concatenate[Connection, P], R], *args: P.args, **kw: P.kwargs
    ) -> Deferred[R]:
        """Call a function with a `Connection`; otherwise as `runInteraction`."""
        return self._calls.enter(partial(self._runWithConnection, func, *args, **kw), self.timeout)

    def using(self, timeout: float | None = None, autocommit: bool | None = None) -> Terms:
        """Return the run methods on other terms: ``pool.using(timeout=2).runQuery(...)``.

        A keyword of their own would be taken from those that they pass on.

        Args:
            timeout: seconds, instead of the pool's; `math.inf` for any time.
            autocommit: likewise; without effect on interactions, which are transactions, and with drivers that have no
                such mode.
        """
        return Terms(
            self,
            self.timeout if timeout is None else timeout,
            self.autocommit if autocommit is None else autocommit,
        )

    def statistics(self) -> Statistics:
        """What the pool is doing at this moment, and has done so far."""
        calls = self._calls
        with self._lock:
            return Statistics(
                name=self._title,
                threads=sum(thread.is_alive() for thread in self._threads.alive),
                connections=len(self.connections),
                running=calls.running,
                waiting=calls.waiting,
                abandoned=len(self._threads.stuck),
                opened=self._connections.opened,
                finished=calls.finished,
                failed=calls.failed,
                timedOut=calls.timedOut,
                cancelled=calls.cancelled,
                refused=calls.refused,
            )

    # -- In the threads ---------------------------------------------------------------------------------------------

    # Programs override the following four, to run an interaction again on another connection, or to fetch otherwise.

    def _runInteraction(self, interaction: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        return self._interactions.withCursor(interaction, False, args, kw)

    def _runWithConnection(self, func: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        return self._interactions.withConnection(func, args, kw)

    def _runQuery(self, trans: Transaction, *args: Any, **kw: Any) -> list[Any]:
        trans.execute(*args, **kw)
        rows: list[Any] = trans.fetchall()
        return rows

    def _runOperation(self, trans: Transaction, *args: Any, **kw: Any) -> None:
        trans.execute(*args, **kw)

    def connect(self) -> Any:
        """Return the driver's connection of the thread this is called in, opened if there is none.

        Raises:
            BaseException: whatever the driver, or ``openfun``, raised.
        """
        return self._connections.open()

    def disconnect(self, conn: Any) -> None:
        """Close the driver's connection of the thread this is called in. The next use opens another.

        Raises:
            PoolError: it is another thread's.
        """
        self._connections.letGo(conn)

    # -- Life -------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        """The reactor runs."""
        self.startID = None
        self.start()

    def start(self) -> None:
        """Open the pool, for the first time or after `close`; harmless when it is open. The reactor does this."""
        if self.running:
            return
        self._calls.home = get_ident()
        self._calls.closed = False
        self.threadpool.start()
        self.shutdownID = self._reactor.addSystemEventTrigger("during", "shutdown", self.finalClose)
        self.running = True

    def close(self) -> None:
        """Close the pool: do what was asked so far, close the connections, and return when this is done.

        Every Deferred of the pool has fired then: a call that has a timeout gets no more than that, and one that is not
        done within ``cp_grace``, or for which no thread was ever started, is given up and fails with `PoolClosed`. The
        reactor does this when it stops. Harmless when called again. Not to be called while something in the threads
        waits for the reactor.
        """
        if self.shutdownID is not None:
            self._reactor.removeSystemEventTrigger(self.shutdownID)
            self.shutdownID = None
        if self.startID is not None:
            self._reactor.removeSystemEventTrigger(self.startID)
            self.startID = None
        self.finalClose()

    def finalClose(self) -> None:
        """What `close` does, and the reactor's shutdown calls."""
        self.shutdownID = None
        self.running = False
        Closing(self, self._calls, self._threads, self._connections, self._lock).run()


def _theReactor() -> Any:
    from ropewalk.internet import reactor

    return reactor
