"""One call of a run method of the pool, from the asking to the answer.

Three threads meet in a `Job`. The *reactor's* made it and fires its Deferred. One *of the pool's* performs it. When the
reactor gives up on it (a timeout, a cancelled Deferred) while it runs, a *breaker* makes the pool's thread come back:
Python cannot stop a thread, but a database can be told to stop.

    WAITING -> RUNNING -> LANDING -> OVER

Only a job that is RUNNING has its statements interrupted. LANDING is the commit or rollback at the end: its outcome
must be known, so a job is cut before it, and finds out when it wants to land, or not at all.

The breaker first asks nicely (`drivers.interrupt`), again and again, for the order may come between two statements. A
connection that survives this is kept. A thread that is not back after the pool's ``patience`` has its connection cut,
and after as long again it is abandoned: the pool gets another thread, and the lost one, should it ever come back, ends.
An embedded database is neither cut nor abandoned: it answers to the order, and a second connection to one in memory
would be to another, empty one.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from threading import Event, Lock, Thread, local
from time import monotonic
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred

from .drivers import interrupt, isEmbedded, shut

if TYPE_CHECKING:
    from ropewalk.python.threadpool import ThreadPool

FIRST_PAUSE, LONGEST_PAUSE = 0.01, 1.0  # seconds between two orders to stop

_here = local()


def currentJob() -> Job | None:
    """The job that this thread performs."""
    return getattr(_here, "job", None)


class Phase(Enum):
    WAITING = 1
    RUNNING = 2
    LANDING = 3
    OVER = 4


class Job:
    """A function to be performed in a thread of the pool, and the Deferred of its outcome.

    Attributes:
        deferred: `None` once it has fired. Only touched from the reactor's thread.
        seconds: the time allowed from the asking to the answer, if it is limited.
        deadline: when it is over, by `time.monotonic`.
        timer: the delayed call for that moment.
        cut: the reactor has given up on this; raised in the thread wherever it meets us.
        connection: the driver's, that the thread used last.
        cursor: the one of it that was opened last.
        broken: the connection was cut, and must not be used again.
        abandoned: the pool no longer counts on the thread.
        crew: the threads that the job was given to.
        thread: the one of them that performs it.
    """

    __slots__ = (
        "_lock",
        "_over",
        "_perform",
        "abandoned",
        "broken",
        "connection",
        "crew",
        "cursor",
        "cut",
        "deadline",
        "deferred",
        "phase",
        "seconds",
        "thread",
        "timer",
    )

    def __init__(
        self,
        perform: Callable[[], Any],
        onCancel: Callable[[Job], object],
        crew: ThreadPool,
        seconds: float | None,
    ) -> None:
        self._perform: Callable[[], Any] | None = perform
        self._lock = Lock()
        self._over: Event | None = None  # for the breaker, when there is one
        self.deferred: Deferred[Any] | None = Deferred(lambda _: onCancel(self))
        self.seconds = seconds
        self.deadline = None if seconds is None else monotonic() + seconds
        self.timer: Any = None  # an IDelayedCall
        self.phase = Phase.WAITING
        self.cut: Exception | None = None
        self.connection: Any = None  # the driver's
        self.cursor: Any = None  # likewise
        self.broken = False
        self.abandoned = False
        self.crew = crew
        self.thread: Thread | None = None

    # -- In the pool's thread ---------------------------------------------------------------------------------------

    def begin(self, thread: Thread) -> bool:
        """Start running; false when the job was cut while it waited."""
        self.thread = thread
        with self._lock:
            if self.cut is not None:
                self.phase = Phase.OVER
                return False
            self.phase = Phase.RUNNING
            return True

    def perform(self) -> Any:
        """Run the function, as this thread's `currentJob`."""
        assert self._perform is not None, "a job is performed once"
        _here.job = self
        try:
            return self._perform()
        finally:
            _here.job = self._perform = None

    def check(self) -> None:
        """Raise the reason why the reactor has given up on this job, if it has."""
        if self.cut is not None:
            raise self.cut

    def fly(self) -> None:
        """Statements may be interrupted again: what has landed is tried once more."""
        with self._lock:
            self.phase = Phase.RUNNING

    def land(self) -> None:
        """From here on no statement is interrupted."""
        with self._lock:
            self.phase = Phase.LANDING

    def end(self) -> None:
        with self._lock:
            self.phase = Phase.OVER
            self.cursor = None  # is not to outlive the job, nor to be deleted in the reactor's thread
            if self._over is not None:
                self._over.set()

    # -- In the reactor's -------------------------------------------------------------------------------------------

    def take(self) -> Deferred[Any] | None:
        """Return the Deferred for whoever fires it, the first time; then `None`."""
        deferred, self.deferred = self.deferred, None
        if self.timer is not None:
            if self.timer.active():
                self.timer.cancel()
            self.timer = None
        return deferred

    def giveUp(self, reason: Exception, patience: float, onAbandoned: Callable[[Job], object]) -> bool:
        """Cut this job: it does not begin if it waits, and is broken off if it runs.

        Args:
            reason: raised in the thread.
            patience: seconds that each means gets before a harsher one.
            onAbandoned: called from another thread when nothing brought the pool's thread back.

        Returns:
            Whether it was still waiting.
        """
        with self._lock:
            self.cut = reason
            if self.phase is Phase.WAITING:
                self.phase = Phase.OVER
                return True
            if self.phase is Phase.OVER:
                return False
            over = self._over = Event()
        Thread(target=self._break, args=(over, patience, onAbandoned), name="adbapi-breaker", daemon=True).start()
        return False

    # -- In the breaker's -------------------------------------------------------------------------------------------

    def _break(self, over: Event, patience: float, onAbandoned: Callable[[Job], object]) -> None:
        """Bring the pool's thread back, or report it as abandoned."""
        if self._interrupt(over, patience) or self._shut(over, patience):
            return
        with self._lock:
            if self.phase is Phase.OVER:
                return
            self.abandoned = True
        onAbandoned(self)

    def _interrupt(self, over: Event, patience: float) -> bool:
        """Order the database to stop until the job is over, which it is when this returns true."""
        pause = FIRST_PAUSE
        end = monotonic() + patience
        while (left := end - monotonic()) > 0 or isEmbedded(self.connection):
            # Under the lock: the order must not hit what the thread does after this job.
            with self._lock:
                if self.phase is Phase.RUNNING and self.connection is not None:
                    interrupt(self.connection, self.cursor, max(left, FIRST_PAUSE))
            if over.wait(pause if left <= 0 else min(pause, left)):
                return True
            pause = min(2 * pause, LONGEST_PAUSE)
        return False

    def _shut(self, over: Event, patience: float) -> bool:
        """Cut the connection, and wait; true when the job is over."""
        with self._lock:
            if self.phase is Phase.OVER:
                return True
            self.broken = True
            if self.connection is not None:
                shut(self.connection)
        return over.wait(patience)
