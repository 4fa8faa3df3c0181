"""The pool: threads with a connection each, the calls that wait for them, and the answers on their way back.

Invariants:

* a connection is opened, used and closed in one thread, whose number is its key in ``connections``;
* ``_jobs`` holds every call that waits for a thread or occupies one; it and the counts change under ``_lock``, under
  which nothing of anybody else's is called. Only the reactor's thread takes from ``_answers``;
* Deferreds fire in the reactor's thread only, and every one fires: with its outcome, or when it is cut, or at the
  latest when the pool closes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from math import inf
from threading import Condition, Thread, current_thread, get_ident
from time import monotonic
from types import CoroutineType
from typing import Any, Concatenate, ParamSpec, TypeVar

from ropewalk.internet.defer import CancelledError, Deferred, fail
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure
from ropewalk.python.reflect import namedModule
from ropewalk.python.threadpool import ThreadPool

from .connection import Connection, Transaction
from .drivers import switchToAutocommit
from .errors import PoolClosed, PoolError, PoolExhausted, QueryTimeout
from .job import Job, Phase, currentJob
from .statistics import Statistics
from .terms import Terms

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
        self.connections: dict[int, Any] = {}
        self.threadID = get_ident
        self._setUp()
        self.startID = self._reactor.callWhenRunning(self._start)

    def _setUp(self) -> None:
        self._lock = Condition()  # notified when a thread ends or is abandoned
        self._lives: set[Thread] = set()  # threads that `finalClose` waits for
        self._jobs: set[Job] = set()
        self._answers: deque[tuple[Job, bool, Any]] = deque()  # for Deferreds that are to fire
        self._expected = False  # whether `_deliver` will be called
        # Undo autocommit, by thread: for connections in that mode. A key is only touched from its thread.
        self._plain: dict[int, Callable[[], object]] = {}
        self._closed = False
        self._home = get_ident()  # the reactor's thread
        self._stuck: dict[Thread, ThreadPool] = {}  # threads that were abandoned, and where they belonged
        self._running = 0
        self._opened = self._finished = self._failed = self._timedOut = self._cancelled = self._refused = 0
        self._makeCrew()

    def _makeCrew(self) -> None:
        self.threadpool = ThreadPool(self.min, self.max, self.name)
        self.threadpool.threadFactory = self._thread

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
        return self._enter(partial(self._runInteraction, interaction, *args, **kw), self.timeout)

    def runWithConnection(
        self, func: Callable[Concatenate[Connection, P], R], *args: P.args, **kw: P.kwargs
    ) -> Deferred[R]:
        """Call a function with a `Connection`; otherwise as `runInteraction`."""
        return self._enter(partial(self._runWithConnection, func, *args, **kw), self.timeout)

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
        with self._lock:
            return Statistics(
                name=self._title,
                threads=sum(thread.is_alive() for thread in self._lives),
                connections=len(self.connections),
                running=self._running,
                waiting=len(self._jobs) - self._running,
                abandoned=len(self._stuck),
                opened=self._opened,
                finished=self._finished,
                failed=self._failed,
                timedOut=self._timedOut,
                cancelled=self._cancelled,
                refused=self._refused,
            )

    def _enter(self, perform: Callable[[], Any], seconds: float | None) -> Deferred[Any]:
        """Queue a function for the threads."""
        if seconds == inf:
            seconds = None
        with self._lock:
            refusal = self._refusal()
            if refusal is not None:
                self._refused += 1
                return fail(refusal)
            job = Job(perform, self._onCancel, self.threadpool, seconds)
            self._jobs.add(job)
        deferred = job.deferred
        assert deferred is not None, "a new job has not fired"
        if seconds is not None:
            if get_ident() == self._home:
                self._arm(job)
            else:
                self._reactor.callFromThread(self._arm, job)
        try:
            self.threadpool.callInThread(self._run, job)
        except RuntimeError:  # the system has no thread to give
            job.take()
            with self._lock:
                self._jobs.discard(job)
            return fail()
        return deferred

    def _refusal(self) -> PoolError | None:
        if self._closed:
            return PoolClosed(f"the pool {self._title!r} is closed; start() opens it again")
        if self.backlog is not None and len(self._jobs) >= self.max + self.backlog:
            return PoolExhausted(self._title, self.max, self.backlog)
        return None

    # -- In the threads ---------------------------------------------------------------------------------------------

    def _run(self, job: Job) -> None:
        """Perform a job, and send the answer on its way."""
        if not job.begin(current_thread()):
            return
        with self._lock:
            self._running += 1
        worked, result = True, None
        try:
            result = job.perform()
        except BaseException:
            # Of whatever kind: it is the caller's, and the thread has other work.
            worked, result = False, Failure()
        try:
            job.end()
            if job.broken or job.abandoned:
                self._discard(job)
            if not job.abandoned:
                self._answer(job, worked, result)
            else:
                self._late(job, worked, result)
        finally:
            # A failure holds this frame through its traceback, so the frame must not hold the failure.
            result = None

    def _answer(self, job: Job, worked: bool, result: Any) -> None:
        with self._lock:
            self._running -= 1
            self._jobs.discard(job)
            if job.cut is None:
                self._finished += worked
                self._failed += not worked
            self._answers.append((job, worked, result))
            expected, self._expected = self._expected, True
        if not expected:
            self._reactor.callFromThread(self._deliver)

    def _late(self, job: Job, worked: bool, result: Any) -> None:
        """Nobody waits for this answer any more. It is not lost silently."""
        if worked:
            _log.warn("{pool}: a call that had been given up ({cut!r}) was completed", pool=self, cut=job.cut)
        elif result.value is not job.cut:
            _log.info(
                "{pool}: a call that had been given up ({cut!r}) ended with {problem!r}",
                pool=self,
                cut=job.cut,
                problem=result.value,
            )

    # Programs override the following four, to run an interaction again on another connection, or to fetch otherwise.

    def _runInteraction(self, interaction: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        return self._transact(interaction, False, args, kw)

    def _runWithConnection(self, func: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        def withConnection(connection: Connection) -> Any:
            self._setMode(False)
            return _finished(func, func(connection, *args, **kw))

        return self._complete(withConnection)

    def _runQuery(self, trans: Transaction, *args: Any, **kw: Any) -> list[Any]:
        trans.execute(*args, **kw)
        rows: list[Any] = trans.fetchall()
        return rows

    def _runOperation(self, trans: Transaction, *args: Any, **kw: Any) -> None:
        trans.execute(*args, **kw)

    def _transact(
        self, interaction: Callable[..., Any], autocommit: bool, args: tuple[Any, ...], kw: dict[str, Any]
    ) -> Any:
        """Run a function with a cursor, in a transaction or, if the driver can, with autocommit."""

        def withConnection(connection: Connection) -> Any:
            # The cursor comes first: making it may bring another connection.
            transaction = self.transactionFactory(self, connection)
            self._setMode(autocommit)
            result = _finished(interaction, interaction(transaction, *args, **kw))
            transaction.close()
            return result

        return self._complete(withConnection)

    def _complete(self, func: Callable[[Connection], Any]) -> Any:
        """Run a function, then commit, or roll back if it raised."""
        job = currentJob()
        if job is not None:
            job.fly()
        connection = self.connectionFactory(self)
        try:
            result = func(connection)
            if job is not None:
                job.land()
            if self.threadID() not in self._plain:
                connection.commit()
            return result
        except BaseException:
            if job is not None:
                job.land()
            if job is None or not job.broken:
                self._takeBack(connection)
            raise

    def _takeBack(self, connection: Connection) -> None:
        """Roll back. The caller hears of what came first; of a failure here, the log."""
        try:
            connection.rollback()
        except BaseException:
            _log.failure("{pool}: could not roll back", pool=self)

    def _setMode(self, autocommit: bool) -> None:
        """Have the thread's connection commit by itself, or not.

        Changing it may cost a round trip: a connection stays in the mode that it was last used in.
        """
        thread = self.threadID()
        if autocommit:
            if thread not in self._plain:
                restore = switchToAutocommit(self.connections.get(thread))
                if restore is not None:
                    self._plain[thread] = restore
        elif thread in self._plain:
            self._plain.pop(thread)()

    def _thread(self, target: Callable[[], object], name: str) -> Thread:
        """Make a thread that closes its connection when it ends. A daemon: only `finalClose` waits for it."""
        thread = Thread(target=self._live, args=(target,), name=name, daemon=True)
        with self._lock:
            self._lives.add(thread)
        return thread

    def _live(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            connection = self.connections.pop(self.threadID(), None)
            if connection is not None:
                self._close(connection)
            with self._lock:
                self._lives.discard(current_thread())
                self._lock.notify_all()

    # -- Connections ------------------------------------------------------------------------------------------------

    def connect(self) -> Any:
        """Return the driver's connection of the thread this is called in, opened if there is none.

        Raises:
            BaseException: whatever the driver, or ``openfun``, raised.
        """
        thread = self.threadID()
        connection = self.connections.get(thread)
        if connection is None:
            if self.noisy:
                _log.info("{pool}: connecting", pool=self)
            connection = self.dbapi.connect(*self.connargs, **self.connkw)
            if self.openfun is not None:
                try:
                    self.openfun(connection)
                except BaseException:
                    self._close(connection)
                    raise
            self.connections[thread] = connection
            with self._lock:
                self._opened += 1
        job = currentJob()
        if job is not None:
            job.connection = connection
        return connection

    def disconnect(self, conn: Any) -> None:
        """Close the driver's connection of the thread this is called in. The next use opens another.

        Raises:
            PoolError: it is another thread's.
        """
        thread = self.threadID()
        if conn is not self.connections.get(thread):
            raise PoolError(f"{conn!r} is not the connection of this thread, and only its own may close it")
        if conn is not None:
            self._plain.pop(thread, None)
            del self.connections[thread]
            job = currentJob()
            if job is not None:
                job.connection = job.cursor = None
            self._close(conn)

    def _close(self, connection: Any) -> None:
        if self.noisy:
            _log.info("{pool}: closing a connection", pool=self)
        try:
            connection.close()
        except Exception:
            # It is gone as far as we are concerned.
            _log.failure("{pool}: could not close a connection", pool=self)

    # -- Giving up --------------------------------------------------------------------------------------------------

    def _arm(self, job: Job) -> None:
        """Begin to count a job's time. In the reactor's thread."""
        if job.deferred is not None and job.deadline is not None:
            job.timer = self._reactor.callLater(max(0.0, job.deadline - monotonic()), self._expire, job)

    def _expire(self, job: Job) -> None:
        if job.phase is Phase.OVER:
            return  # The answer is on its way.
        deferred = job.take()
        if deferred is not None and job.seconds is not None:
            with self._lock:
                self._timedOut += 1
            self._giveUp(job, QueryTimeout(self._title, job.seconds))
            deferred.errback(QueryTimeout(self._title, job.seconds))

    def _onCancel(self, job: Job) -> None:
        """A Deferred is being cancelled, and fires by itself."""
        if job.take() is not None:
            with self._lock:
                self._cancelled += 1
            self._giveUp(job, CancelledError("the Deferred of this call was cancelled"))

    def _giveUp(self, job: Job, reason: Exception) -> None:
        if job.giveUp(reason, self.patience, self._onAbandoned):
            with self._lock:
                self._jobs.discard(job)

    def _onAbandoned(self, job: Job) -> None:
        """A thread did not come back: another takes its place. In the breaker's thread."""
        with self._lock:
            self._jobs.discard(job)
            self._running -= 1
            # Unless it has just come back after all: the thread clears this after the job is over.
            if job.phase is not Phase.OVER and job.thread is not None:
                self._stuck[job.thread] = job.crew
            self._lock.notify_all()
        _log.warn("{pool}: a thread is stuck in a call that was given up ({cut!r})", pool=self, cut=job.cut)
        self._resize(job.crew)

    def _discard(self, job: Job) -> None:
        """The thread is back from a job that was broken off by force, and gives its connection away."""
        if job.connection is not None and job.connection is self.connections.get(self.threadID()):
            self.disconnect(job.connection)
        if job.abandoned:
            with self._lock:
                self._stuck.pop(current_thread(), None)
            self._resize(job.crew)

    def _resize(self, crew: ThreadPool) -> None:
        """Have as many threads as there may be connections, beside those that are stuck."""
        if crew is self.threadpool:
            with self._lock:
                stuck = list(self._stuck.values()).count(crew)
            crew.adjustPoolsize(maxthreads=self.max + stuck)

    # -- Answers ----------------------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        """Fire the Deferreds of what was done. In the reactor's thread."""
        with self._lock:
            self._expected = False
            count = len(self._answers)
        # No more than there were: threads may be as fast as this. One by one: a callback may close the pool.
        for _ in range(count):
            if not self._answers:
                return
            job, worked, result = self._answers.popleft()
            deferred = job.take()
            if deferred is None:
                self._late(job, worked, result)
            elif worked:
                deferred.callback(result)
            else:
                deferred.errback(result)

    # -- Life -------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        """The reactor runs."""
        self.startID = None
        self.start()

    def start(self) -> None:
        """Open the pool, for the first time or after `close`; harmless when it is open. The reactor does this."""
        if self.running:
            return
        self._home = get_ident()
        self._closed = False
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
        with self._lock:
            self._closed = True
        self._dismiss()
        # What is left was opened with `connect` in somebody else's thread. A stuck thread's is in use.
        with self._lock:
            theirs = {thread.ident for thread in self._lives}
        for number in self.connections.keys() - theirs:
            self._close(self.connections.pop(number))
        if get_ident() == self._home:
            self._finish()
        else:
            self._reactor.callFromThread(self._finish)

    def _dismiss(self) -> None:
        """End the threads when they have done what waits, and wait for them, but not for those that are stuck."""
        # `stop` waits for stuck threads, too, so it does so in a thread of its own.
        stopper = Thread(target=self.threadpool.stop, name="adbapi-stopper", daemon=True)
        stopper.start()
        me = current_thread()
        end = inf if self.grace is None else monotonic() + self.grace
        while True:
            with self._lock:
                if not any(thread.is_alive() for thread in self._lives - self._stuck.keys() - {me}):
                    break
                left = self._nextEnd(end) - monotonic()
                if left > 0:
                    self._lock.wait(None if left == inf else left)
            if left <= 0:
                self._cutOverdue(end)
        if self._lives:
            self._makeCrew()
        else:
            stopper.join()

    def _outstanding(self) -> list[Job]:
        """The jobs whose Deferreds have not fired, if this is the thread in which they may."""
        return [job for job in self._jobs if job.deferred is not None] if get_ident() == self._home else []

    def _nextEnd(self, end: float) -> float:
        """When the next job is to be cut, all of them at some end. Called under the lock."""
        return min((min(end, job.deadline or inf) for job in self._outstanding()), default=inf)

    def _cutOverdue(self, end: float) -> None:
        """Cut the jobs whose time is over. The reactor waits for the threads, so its timers don't run."""
        with self._lock:
            jobs = self._outstanding()
        now = monotonic()
        for job in jobs:
            if job.deadline is not None and job.deadline <= now:
                self._expire(job)
            elif end <= now:
                self._shutOut(job)

    def _finish(self) -> None:
        """Fire the Deferreds of what was done, and of what no thread will do any more. In the reactor's thread."""
        self._deliver()
        with self._lock:
            left = [job for job in self._jobs if job.phase is Phase.WAITING]
        for job in left:
            self._shutOut(job)

    def _shutOut(self, job: Job) -> None:
        if job.phase is Phase.OVER:
            return  # The answer is on its way.
        deferred = job.take()
        if deferred is not None:
            sentence = f"the pool {self._title!r} was closed before this was done"
            self._giveUp(job, PoolClosed(sentence))
            deferred.errback(PoolClosed(sentence))


def _finished(func: Callable[..., Any], result: Any) -> Any:
    """Refuse what is not a result yet: the transaction would be committed before it is.

    Raises:
        TypeError: a coroutine or a Deferred.
    """
    if isinstance(result, CoroutineType):
        result.close()
    elif not isinstance(result, Deferred):
        return result
    raise TypeError(
        f"{func!r} returned a {type(result).__name__}: it runs in a thread, and must block until it is done, "
        "because the transaction ends when it returns"
    )


def _theReactor() -> Any:
    from ropewalk.internet import reactor

    return reactor
