"""One event to many observers: `LogPublisher`.

Three things can go wrong when observers are called, and none of them may reach the code that logged something:

- **An observer raises.** The others get the event, then one report with the traceback. While it keeps raising it is
  called again for each event (a full disk may have room again) but not reported again until it has worked once.
- **An observer logs.** What it says would reach itself, and again, without end. So an event emitted by an observer
  in the middle of another event waits until every observer has had that one; observers therefore see events in
  the order in which they were emitted. When such events beget events for more than `ROUNDS` rounds, the rest is
  dropped, and said so once.
- **Observers come and go meanwhile.** The observers are a tuple that is replaced, never changed.
"""

from __future__ import annotations

import sys
from _thread import RLock, get_ident

from ._events import direct
from ._interest import newEra, wouldSee

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.interface import implementer

    from ._events import LogEvent, Observer
    from ._interfaces import ILogObserver
    from ._logger import Logger
    from ._names import Constant
else:
    from ._declared import ILogObserver, implementer

__all__ = ["LogPublisher"]

#: How many generations of events that observers emit while observing are delivered.
ROUNDS = 3


@implementer(ILogObserver)
class LogPublisher:
    """Forwards each event to every observer that was added. Being an observer itself, it can be added to another.

    It may be called from any thread.
    """

    def __init__(self, *observers: Observer) -> None:
        for observer in observers:
            _mustBeCallable(observer)
        self._changing = RLock()  # Held while the observers are replaced.
        self._setObservers(observers)
        # Threads in the middle of an event -> the events that observers emitted meanwhile there.
        self._busy: dict[int, list[LogEvent] | None] = {}
        # Observers whose last call raised. Nearly always empty.
        self._broken: tuple[Observer, ...] = ()
        self._toldOfLoop = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {len(self._observers)} observers at {id(self):#x}>"

    def addObserver(self, observer: Observer) -> None:
        """Have an observer called with every event from now on. Adding it twice changes nothing.

        Raises:
            TypeError: it cannot be called.
        """
        _mustBeCallable(observer)
        with self._changing:
            if observer not in self._observers:
                self._setObservers((*self._observers, observer))
                newEra()

    def removeObserver(self, observer: Observer) -> None:
        """Stop calling an observer. Nothing happens when it isn't there."""
        with self._changing:
            self._setObservers(tuple(known for known in self._observers if known != observer))
            self._broken = tuple(known for known in self._broken if known != observer)
            newEra()

    def _setObservers(self, observers: tuple[Observer, ...]) -> None:
        self._observers = observers
        # Each with what to call for it.
        self._calls = tuple((observer, direct(observer)) for observer in observers)

    def __call__(self, event: LogEvent) -> None:
        """Give the event to every observer. Nothing that an observer does raises here."""
        thread = get_ident()
        busy = self._busy
        if thread in busy:
            waiting = busy[thread]
            if waiting is None:
                busy[thread] = [event]
            else:
                waiting.append(event)
            return
        busy[thread] = None
        try:
            if "log_trace" in event:
                self._trace(event)
            else:
                for observer, call in self._calls:
                    try:
                        call(event)
                    except Exception:
                        self._brokenBy(observer)
                    else:
                        if self._broken:
                            self._mended(observer)
        finally:
            waiting = busy.pop(thread)
        if waiting:
            self._deliverWaiting(waiting, thread)

    def isBusy(self) -> bool:
        """Whether this is called by an observer, in the middle of an event."""
        return get_ident() in self._busy

    def _trace(self, event: LogEvent) -> None:
        """Deliver an event that wants to know its way."""
        for observer in self._observers:
            event["log_trace"].append((self, observer))
            try:
                observer(event)
            except Exception:
                self._brokenBy(observer)

    def _deliverWaiting(self, events: list[LogEvent], thread: int) -> None:
        """Deliver what was emitted in the middle of an event, and what that makes observers emit, but not for ever."""
        for _ in range(ROUNDS):
            events = self._deliver(events, thread)
            if not events:
                return
        if not self._toldOfLoop:
            self._toldOfLoop = True
            last: list[LogEvent] = []
            _log(last.append).critical(
                "an observer emits an event for each event that it observes; from the {rounds}th generation on "
                "they are dropped, here {count}, the first of which says {first!r}",
                rounds=ROUNDS + 1,
                count=len(events),
                first=events[0].get("log_format"),
            )
            self._deliver(last, thread)

    def _deliver(self, events: list[LogEvent], thread: int) -> list[LogEvent]:
        """Give events to every observer, and return what was emitted meanwhile."""
        self._busy[thread] = None
        try:
            for event in events:
                for observer in self._observers:
                    try:
                        observer(event)
                    except Exception:
                        self._brokenBy(observer)
        finally:
            waiting = self._busy.pop(thread)
        return waiting or []

    def _brokenBy(self, observer: Observer) -> None:
        """Report the exception being handled, after the event that we are in the middle of."""
        if any(known is observer for known in self._broken):
            return
        self._broken = (*self._broken, observer)
        if len(self._observers) > len(self._broken):
            _log(self).failure(
                "Log observer {observer} raised an exception; no more is said about it until it has worked again",
                observer=observer,
            )
        elif sys.__stderr__ is not None:
            from ..python.failure import Failure

            try:
                sys.__stderr__.write(f"Log observer {observer!r} raised an exception:\n{Failure().getTraceback()}\n")
            except (OSError, ValueError):
                pass  # closed, or its reader is gone: there is nobody left to tell

    def _mended(self, observer: Observer) -> None:
        self._broken = tuple(known for known in self._broken if known is not observer)

    def _wouldSee(self, level: Constant, namespace: str) -> bool:
        if type(self).__call__ is not LogPublisher.__call__:
            return True  # A subclass may do more than forward.
        return any(wouldSee(observer, level, namespace) for observer in self._observers)


def _log(observer: Observer) -> Logger:
    """A logger for what a publisher has to say itself."""
    from ._logger import Logger

    return Logger(namespace="ropewalk.logger", observer=observer)


def _mustBeCallable(observer: object) -> None:
    if not callable(observer):
        raise TypeError(f"a log observer is called with each event, but {observer!r} is not callable")
