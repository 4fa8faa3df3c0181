"""The reactor core: when things happen, put together.

`ReactorBase` knows time, triggers, threads, signals and names, and no descriptor: a child supplies a way to wait
(`doIteration`, or a poller and a driver as `posixbase` does). The states of a run::

    idle --startRunning--> starting --"during startup"--> running --stop--> stopping --"during shutdown"--> idle
                                                             `---------------crash--------------------------^

It may run again afterwards, unless `restartable` is set to false.
"""

from __future__ import annotations

import time
from _thread import get_ident

from .resolver import ATTEMPTS, GAIResolver, PluggableResolverMixin
from .threads import Inbox
from .timers import ReactorCall, Timers
from .triggers import Triggers
from .trouble import logTrouble, note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from zope.interface import implementer

    from ropewalk.python.threadpool import ThreadPool

    from ..defer import Deferred
    from ..interfaces import IReactorCore, IReactorFromThreads, IReactorInThreads, IReactorThreads, IReactorTime
    from .delayed import DelayedCall
    from .triggers import TriggerID
else:
    from .._interfaces.later import (
        IReactorCore,
        IReactorFromThreads,
        IReactorInThreads,
        IReactorThreads,
        IReactorTime,
        implementer,
    )

__all__ = ["ReactorBase"]

# How many names are looked up at the same time; more wait in line.
RESOLVER_THREADS = 20


@implementer(IReactorCore, IReactorTime, IReactorThreads, IReactorInThreads, IReactorFromThreads)
class ReactorBase(PluggableResolverMixin):
    """What every reactor can do.

    Attributes:
        running: true from the startup event to the end of the shutdown event.
        restartable: set it to false to have a second `run` refused with `ReactorNotRestartable`.
        waker: rings the reactor awake from other threads; made by `installWaker`.
        threadpool: of the application, once somebody asked for it while the reactor ran; see `getThreadPool`.
        threadCallQueue: what other threads want called and was not yet.
        usingThreads: true.
    """

    restartable = True
    installed = False
    usingThreads = True
    waker: Any = None
    threadpool: ThreadPool | None = None
    threadpoolShutdownID: TriggerID | None = None
    _exitSignal: int | None = None

    # The states of the module's text. Code that embeds reactors looks at these names.
    running = False
    _started = False
    _startedBefore = False
    _stopped = True
    # Whether the end of a turn is ours, so that what a turn dropped can be reported there.
    _reportsTurns = False
    # The thread that runs the reactor, while one does.
    _thread = 0
    _resolverPool: ThreadPool | None = None
    _signals: Any = None

    def __init__(self) -> None:
        self._timers = self._makeTimers()
        self._triggers = Triggers()
        self._inbox = Inbox()
        self.threadCallQueue = self._inbox.calls
        self.installWaker()

    def _makeTimers(self) -> Timers:
        return Timers()

    # What a child supplies.

    def installWaker(self) -> None:
        """Make `waker`, and have the reactor watch it."""
        raise NotImplementedError(f"{type(self).__name__} must define installWaker")

    def doIteration(self, delay: float | None) -> None:
        """Wait at most ``delay`` seconds (``None``: for ever) for descriptors, and serve those that are ready."""
        raise NotImplementedError(f"{type(self).__name__} must define doIteration")

    def addReader(self, reader: Any) -> None:
        """Watch a descriptor for something to read; see `IReactorFDSet.addReader`."""
        raise NotImplementedError(f"{type(self).__name__} does not watch descriptors")

    def addWriter(self, writer: Any) -> None:
        """Watch a descriptor for room to write; see `IReactorFDSet.addWriter`."""
        raise NotImplementedError(f"{type(self).__name__} does not watch descriptors")

    def removeReader(self, reader: Any) -> None:
        """Stop `addReader`."""
        raise NotImplementedError(f"{type(self).__name__} does not watch descriptors")

    def removeWriter(self, writer: Any) -> None:
        """Stop `addWriter`."""
        raise NotImplementedError(f"{type(self).__name__} does not watch descriptors")

    def removeAll(self) -> list[Any]:
        """Stop watching all descriptors; return what was watched."""
        raise NotImplementedError(f"{type(self).__name__} does not watch descriptors")

    def getReaders(self) -> list[Any]:
        """Return who reads."""
        raise NotImplementedError(f"{type(self).__name__} does not watch descriptors")

    def getWriters(self) -> list[Any]:
        """Return who wants to write."""
        raise NotImplementedError(f"{type(self).__name__} does not watch descriptors")

    # Running.

    def run(self, installSignalHandlers: bool = True) -> None:
        """Run until `stop`; return when the shutdown is over.

        Args:
            installSignalHandlers: let Ctrl-C, SIGTERM and SIGBREAK stop the reactor, while it runs. In another
                thread than the main one nothing is installed: Python runs signal handlers in the main thread only.

        Raises:
            ReactorAlreadyRunning: it runs already.
            ReactorNotRestartable: it ran before, and `restartable` is false.
        """
        self.startRunning(installSignalHandlers)
        try:
            self.mainLoop()
        finally:
            # Also when something ended the loop from outside: a KeyboardInterrupt, somebody's loop.stop().
            self._ended()

    def startRunning(self, installSignalHandlers: bool = True) -> None:
        """Begin a run without driving it: the startup event happens here. For those who have their own loop."""
        self._enter(installSignalHandlers)
        self._start()

    def _enter(self, installSignalHandlers: bool) -> None:
        """Leave the idle state, if that is allowed."""
        from .. import error

        if self._started:
            raise error.ReactorAlreadyRunning(
                "the reactor runs already; run() is called once, everything else happens in callbacks"
            )
        if self._startedBefore and not self.restartable:
            raise error.ReactorNotRestartable("the reactor ran before and was told not to be restartable")
        self._started = True
        self._startedBefore = True
        self._stopped = False
        self._exitSignal = None
        self._thread = get_ident()
        self._registerThread()
        if installSignalHandlers:
            self._installSignals()

    def _start(self) -> None:
        self.fireSystemEvent("startup")

    def mainLoop(self) -> None:
        """Do turns until the reactor is stopped."""
        while self._started:
            try:
                self.runUntilCurrent()
                self.doIteration(self.timeout() if self.running else 0.0)
            except Exception:
                logTrouble("in the reactor's main loop, which goes on")

    def stop(self) -> None:
        """Stop the reactor: after this turn the shutdown event is fired; then `run` returns.

        Raises:
            ReactorNotRunning: it doesn't run, or is stopping already.
        """
        if self._stopped:
            from .. import error

            raise error.ReactorNotRunning(
                "the reactor is stopping already" if self._started else "the reactor isn't running: nothing to stop"
            )
        self._stopped = True
        self.callFromThread(self._stopNow)

    def _stopNow(self) -> None:
        # Not if something else has ended the run meanwhile: this may be the next one.
        if self._stopped and self._started:
            self.fireSystemEvent("shutdown")

    def crash(self) -> None:
        """Leave the main loop after this turn, without a shutdown event: connections stay as they are."""
        self._started = False
        self.running = False
        self._stopped = True

    def iterate(self, delay: float = 0.0) -> None:
        """Do one turn: what is due, and what happens within ``delay`` seconds. Legal inside a turn, too."""
        self.runUntilCurrent()
        self.doIteration(delay)

    def runUntilCurrent(self) -> None:
        """Make the calls that are due: those from other threads, and the delayed ones."""
        self._inbox.empty()
        self._timers.run(time.monotonic())

    def timeout(self) -> float | None:
        """Return how many seconds until something is due; zero when it is, ``None`` when nothing is planned."""
        return 0.0 if self._inbox.calls else self._timers.timeout()

    def _ended(self) -> None:
        """The main loop is left, one way or another."""
        self._started = self.running = False
        self._stopped = True
        self._thread = 0
        self._triggers.abandon()
        if self._signals is not None:
            self._signals.uninstall()
            self._signals = None
        self._reportUnhandled(False)
        note("Main loop terminated.")

    # System events.

    def addSystemEventTrigger(
        self, phase: str, eventType: str, callable: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> TriggerID:
        """Have something called at a system event.

        Args:
            phase: "before", "during" or "after". What "before" functions return as Deferreds is waited for.
            eventType: "startup", "shutdown", or a name of your own for `fireSystemEvent`.
            callable: what to call, once, with ``args`` and ``kwargs``.

        Returns:
            What `removeSystemEventTrigger` takes.

        Raises:
            AssertionError: ``callable`` isn't.
            KeyError: there is no such phase.
        """
        return self._triggers.add(phase, eventType, callable, args, kwargs)

    def removeSystemEventTrigger(self, triggerID: TriggerID) -> None:
        """Do not call it after all.

        Raises:
            ValueError: it is gone already.
            TypeError: that is not what `addSystemEventTrigger` returned.
        """
        self._triggers.remove(triggerID)

    def fireSystemEvent(self, eventType: str) -> None:
        """Let a system event happen."""
        own = {"startup": self._startUp, "shutdown": self._shutDown}.get(eventType)
        self._triggers.fire(eventType, own)

    def callWhenRunning(self, callable: Callable[..., Any], *args: Any, **kwargs: Any) -> TriggerID | None:
        """Call something when the reactor runs: at once if it does, else after its startup.

        Returns:
            ``None``, or what `removeSystemEventTrigger` takes.
        """
        if self.running:
            callable(*args, **kwargs)
            return None
        return self.addSystemEventTrigger("after", "startup", callable, *args, **kwargs)

    def _startUp(self) -> None:
        self._reportUnhandled(self._reportsTurns)
        self.running = True

    def _shutDown(self) -> None:
        self.crash()
        self.disconnectAll()
        if self._resolverPool is not None:
            pool, self._resolverPool = self._resolverPool, None
            # Not `stop`, which waits: a lookup may take half a minute yet, and nobody wants the answer.
            pool.adjustPoolsize(0, 0)

    def disconnectAll(self) -> None:
        """Tell everything that reads or writes that its connection is lost."""
        from ropewalk.python.failure import Failure

        # Not `main.CONNECTION_LOST`: when there are no descriptors left, no module can be loaded to say so.
        from ..error import ConnectionLost

        for selectable in self.removeAll():
            try:
                selectable.connectionLost(Failure(ConnectionLost()))
            except BaseException:
                logTrouble(f"while disconnecting {selectable!r}")

    def _reportUnhandled(self, atTurns: bool) -> None:
        """Say whether failures that nobody handles wait for the end of the turn, or are reported at once."""
        from .._defer import unhandled

        unhandled.deferToTurn = atTurns
        if unhandled.dropped:
            unhandled.reportAll()

    # Time.

    seconds = staticmethod(time.time)

    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any) -> DelayedCall:
        """Call something in ``delay`` seconds.

        The delay is counted by a clock that nobody sets; `seconds` is the wall clock.

        Raises:
            AssertionError: the delay is negative.
        """
        if not delay >= 0:
            raise AssertionError(f"a delay is zero seconds or more, not {delay!r}")
        return ReactorCall(self._timers, delay, callable, args, kw)

    def getDelayedCalls(self) -> list[DelayedCall]:
        """Return the calls that are still to come, in no order."""
        return self._timers.pending()

    # Threads.

    def callFromThread(  # type: ignore[override]  # the interface has another name for `f`; both are documented
        self, f: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> None:
        """Have something called in the reactor's thread, soon. Thread-safe, as nothing else here is.

        Raises:
            AssertionError: ``f`` cannot be called.
        """
        if not callable(f):
            raise AssertionError(f"callFromThread takes a callable, not {f!r}")
        self._inbox.put(f, args, kwargs)
        self.wakeUp()

    def wakeUp(self) -> None:
        """End the wait of this turn. Thread-safe."""
        if self.waker is not None:
            self.waker.wakeUp()

    def callInThread(  # type: ignore[override]  # likewise
        self, _callable: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> None:
        """Call something in a thread of the application's pool; what it raises is logged."""
        self.getThreadPool().callInThread(_callable, *args, **kwargs)

    def getThreadPool(self) -> ThreadPool:
        """Return the application's thread pool, of 0 to 10 threads. It starts and stops with the reactor."""
        if self.threadpool is None:
            from ropewalk.python.threadpool import ThreadPool

            self.threadpool = pool = ThreadPool(0, 10, "ropewalk.internet.reactor")
            self.callWhenRunning(pool.start)
            self.threadpoolShutdownID = self.addSystemEventTrigger("during", "shutdown", self._stopThreadPool)
        return self.threadpool

    def suggestThreadPoolSize(self, size: int) -> None:
        """Let the application's pool have ``size`` threads at most."""
        self.getThreadPool().adjustPoolsize(maxthreads=size)

    def _stopThreadPool(self) -> None:
        self.threadpoolShutdownID = None
        pool, self.threadpool = self.threadpool, None
        if pool is not None:
            pool.stop()

    def _registerThread(self) -> None:
        from ropewalk.python import threadable

        threadable.registerAsIOThread()

    # Names.

    def resolve(self, name: str, timeout: Sequence[int] = ATTEMPTS) -> Deferred[str]:
        """Find an IPv4 address of a host.

        Args:
            name: the host's name. An IPv4 address is its own answer; the empty name is 0.0.0.0.
            timeout: seconds for each attempt, for resolvers that retry.

        Returns:
            A Deferred of the address as text; it fails with `DNSLookupError` when there is none.
        """
        from ..defer import succeed

        if not name:
            return succeed("0.0.0.0")
        from ..abstract import isIPAddress

        if isIPAddress(name):
            return succeed(name)
        answer: Deferred[str] = self._simpleResolver().getHostByName(name, timeout)
        return answer

    def _defaultNameResolver(self) -> GAIResolver:
        return GAIResolver(self, self._getResolverPool)

    def _getResolverPool(self) -> ThreadPool:
        if self._resolverPool is None:
            from threading import Thread

            from ropewalk.python.threadpool import ThreadPool

            self._resolverPool = pool = ThreadPool(0, RESOLVER_THREADS, "ropewalk.internet.resolver")
            # The interpreter's end doesn't wait for them either.
            pool.threadFactory = lambda **kw: Thread(daemon=True, **kw)
            self.callWhenRunning(pool.start)
        return self._resolverPool

    # Signals.

    def _installSignals(self) -> None:
        from .signals import Signals

        self._signals = Signals(
            {"SIGINT": self.sigInt, "SIGTERM": self.sigTerm, "SIGBREAK": self.sigBreak}, self._bell()
        )
        self._signals.install()

    def _bell(self) -> int:
        """Return the descriptor that wakes us when the interpreter writes to it, or -1."""
        return -1

    def sigInt(self, number: int, frame: Any = None) -> None:
        """Stop, because Ctrl-C was pressed."""
        self._stopFor("SIGINT", number)

    def sigBreak(self, number: int, frame: Any = None) -> None:
        """Stop, because Ctrl-Break was pressed."""
        self._stopFor("SIGBREAK", number)

    def sigTerm(self, number: int, frame: Any = None) -> None:
        """Stop, because we were asked to terminate."""
        self._stopFor("SIGTERM", number)

    def _stopFor(self, name: str, number: int) -> None:
        """Stop for a signal; at once, without waiting for triggers any longer, when it is the second."""
        self._exitSignal = number
        if self._stopped:
            self.callFromThread(note, f"Received {name} again, stopping at once.")
            self.callFromThread(self.crash)
        else:
            self.callFromThread(note, f"Received {name}, shutting down.")
            self.callFromThread(self._stopOnce)

    def _stopOnce(self) -> None:
        """Stop unless somebody did so in the meantime."""
        if not self._stopped:
            self.stop()

    # Seeing what it does.

    def dumpState(self) -> str:
        """Return what the reactor is doing, as text: who reads and writes, and which calls are planned."""
        lines = [f"{self!r}: {'running' if self.running else 'not running'}"]
        for title, selectables in (("readers", self.getReaders()), ("writers", self.getWriters())):
            lines.append(f"{title}: {len(selectables)}")
            lines.extend(sorted(f"  {describe(selectable)}" for selectable in selectables))
        calls = sorted(self._timers.pending(), key=lambda call: call.getTime())
        lines.append(f"delayed calls: {len(calls)}")
        lines.extend(f"  {call}" for call in calls)
        if self._inbox.calls:
            lines.append(f"calls from threads: {len(self._inbox.calls)}")
        if self.threadpool is not None:
            lines.append(f"threads: {len(self.threadpool.threads)} of {self.threadpool.max}")
        return "\n".join(lines)


def describe(selectable: Any) -> str:
    """Return one line about a reader or writer: what it is, and whose."""
    prefix = getattr(selectable, "logPrefix", None)
    name = ""
    if prefix is not None:
        try:
            name = f" ({prefix()})"
        except Exception:
            name = " (its logPrefix raised)"
    return f"{selectable!r}{name}"
