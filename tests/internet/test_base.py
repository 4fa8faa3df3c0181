"""What every reactor does: run and stop, delayed calls, system events. Each test runs on every reactor."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from typing import Any

import pytest

from ropewalk.internet import base
from ropewalk.internet.base import DelayedCall, ReactorBase
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import (
    AlreadyCalled,
    AlreadyCancelled,
    ReactorAlreadyRunning,
    ReactorNotRestartable,
    ReactorNotRunning,
)
from ropewalk.internet.task import deferLater
from support.reactors import run
from support.recording import logged, logLines

request = ContextVar("request", default="none")


class TestRunning:
    def test_runEndsWithStop(self, reactor: Any) -> None:
        """`run` blocks until somebody calls `stop` (F005, F006)."""
        seen = []
        reactor.callLater(0, seen.append, "called")
        reactor.callLater(0.01, reactor.stop)
        reactor.run()
        assert seen == ["called"]

    def test_runningIsTrueInBetween(self, reactor: Any) -> None:
        seen = [reactor.running]
        reactor.callWhenRunning(lambda: seen.append(reactor.running))
        reactor.callWhenRunning(reactor.stop)
        reactor.run()
        seen.append(reactor.running)
        assert seen == [False, True, False]

    def test_runAgain(self, reactor: Any) -> None:
        """A reactor that was stopped can be run again, as often as one likes."""
        for number in range(3):
            assert run(reactor, lambda number=number: deferLater(reactor, 0, lambda: number)) == number

    def test_notRestartableOnRequest(self, reactor: Any) -> None:
        reactor.restartable = False
        run(reactor, lambda: None)
        with pytest.raises(ReactorNotRestartable, match="ran before"):
            reactor.run()

    def test_runInsideRunIsRefused(self, reactor: Any) -> None:
        def main() -> None:
            with pytest.raises(ReactorAlreadyRunning, match="runs already"):
                reactor.run()

        run(reactor, main)

    def test_stopBeforeRunIsRefused(self, reactor: Any) -> None:
        with pytest.raises(ReactorNotRunning, match="isn't running"):
            reactor.stop()

    def test_secondStopIsRefused(self, reactor: Any) -> None:
        def stopTwice() -> None:
            reactor.stop()
            with pytest.raises(ReactorNotRunning, match="stopping already"):
                reactor.stop()

        reactor.callWhenRunning(stopTwice)
        reactor.run()

    def test_stopInAnyCallback(self, reactor: Any) -> None:
        """`stop` is legal in startup triggers, delayed calls, and calls from threads."""
        reactor.addSystemEventTrigger("during", "startup", reactor.stop)
        reactor.run()
        reactor.callWhenRunning(lambda: reactor.callFromThread(reactor.stop))
        reactor.run()

    def test_crashSkipsShutdown(self, reactor: Any) -> None:
        seen: list[str] = []
        trigger = reactor.addSystemEventTrigger("before", "shutdown", seen.append, "shutdown")
        reactor.callWhenRunning(reactor.crash)
        reactor.run()
        assert seen == []
        assert not reactor.running
        reactor.removeSystemEventTrigger(trigger)

    def test_crashAfterStop(self, reactor: Any) -> None:
        """A stop that a crash overtook does not stop the next run."""

        def both() -> None:
            reactor.stop()
            reactor.crash()

        reactor.callWhenRunning(both)
        reactor.run()
        assert run(reactor, lambda: deferLater(reactor, 0.01, lambda: "ran")) == "ran"

    def test_runInAnotherThread(self, reactor: Any) -> None:
        """A reactor may run in any thread; signal handlers, asked for, are then left out."""
        if reactor.__class__.__name__ in ("GIReactor", "QtReactor"):
            pytest.skip("toolkits live in the main thread")
        seen: list[int] = []
        reactor.callLater(0.01, lambda: seen.append(threading.get_ident()))
        reactor.callLater(0.02, reactor.stop)
        thread = threading.Thread(target=reactor.run)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
        assert seen == [thread.ident]

    def test_logsItsEnd(self, reactor: Any) -> None:
        """The log says when the loop is over (F100)."""
        with logLines() as lines:
            run(reactor, lambda: None)
        assert lines[-1] == "Main loop terminated."

    def test_idleReactorUsesNoCPU(self, reactor: Any) -> None:
        """A reactor with nothing to do waits in the kernel (F005)."""
        used = time.thread_time()
        run(reactor, lambda: deferLater(reactor, 0.2))
        assert time.thread_time() - used < 0.05

    def test_closedReactorLeavesNoDescriptors(self, reactor: Any) -> None:
        import os

        def opened() -> int:
            return len(os.listdir("/proc/self/fd"))

        made = type(reactor)
        if "Asyncio" in made.__name__:
            pytest.skip("a hosted reactor's loop has descriptors of its own")
        before = opened()
        other = made()
        run(other, lambda: deferLater(other, 0))
        other.close()
        assert opened() == before

    def test_runningReactorIsNotClosed(self, reactor: Any) -> None:
        def main() -> None:
            with pytest.raises(ReactorAlreadyRunning, match="stop it first"):
                reactor.close()

        run(reactor, main)


class TestIterate:
    def test_doesWhatIsDue(self, reactor: Any) -> None:
        seen: list[int] = []
        reactor.callLater(0, seen.append, 1)
        for _ in range(100):
            reactor.iterate(0.01)
            if seen:
                break
        assert seen == [1]

    def test_returnsWhenNothingHappens(self, reactor: Any) -> None:
        reactor.iterate()  # a toolkit may have something to clear away first
        start = time.monotonic()
        reactor.iterate(0.05)
        assert 0.03 < time.monotonic() - start < 1

    def test_insideACallback(self, reactor: Any) -> None:
        """A callback may let the reactor do a turn: delayed calls and calls from threads are made in it."""
        seen: list[str] = []

        def main() -> None:
            reactor.callLater(0, seen.append, "later")
            reactor.callFromThread(seen.append, "thread")
            limit = time.monotonic() + 5
            while len(seen) < 2 and time.monotonic() < limit:
                reactor.iterate(0.01)
            assert sorted(seen) == ["later", "thread"]

        run(reactor, main)


class TestDelayedCalls:
    def test_passesArguments(self, reactor: Any) -> None:
        """callLater calls with the arguments it was given (F009)."""
        seen = []
        reactor.callLater(0, lambda *args, **kw: seen.append((args, kw)), 1, two=2)
        reactor.callLater(0.01, reactor.stop)
        reactor.run()
        assert seen == [((1,), {"two": 2})]

    def test_orderIsThatOfTime(self, reactor: Any) -> None:
        seen: list[str] = []

        def main() -> Deferred[None]:
            reactor.callLater(0.03, seen.append, "third")
            reactor.callLater(0.01, seen.append, "first")
            reactor.callLater(0.02, seen.append, "second")
            return deferLater(reactor, 0.04)

        run(reactor, main)
        assert seen == ["first", "second", "third"]

    def test_isNotEarly(self, reactor: Any) -> None:
        async def main() -> float:
            start = time.monotonic()
            await deferLater(reactor, 0.05)
            return time.monotonic() - start

        assert run(reactor, main) >= 0.05

    def test_cancelled(self, reactor: Any) -> None:
        """A cancelled call is not made; the loop goes on (F010)."""
        seen: list[str] = []

        async def main() -> None:
            call = reactor.callLater(0, seen.append, "cancelled")
            assert call.active()
            call.cancel()
            assert not call.active()
            assert call not in reactor.getDelayedCalls()
            with pytest.raises(AlreadyCancelled):
                call.cancel()
            with pytest.raises(AlreadyCancelled):
                call.reset(1)
            with pytest.raises(AlreadyCancelled):
                call.delay(1)
            await deferLater(reactor, 0.01)

        run(reactor, main)
        assert seen == []

    def test_calledCannotBeCancelled(self, reactor: Any) -> None:
        async def main() -> None:
            call = reactor.callLater(0, int)
            await deferLater(reactor, 0.01)
            assert not call.active()
            assert call.called
            with pytest.raises(AlreadyCalled):
                call.cancel()

        run(reactor, main)

    @pytest.mark.parametrize("first", [0.02, 3.0])
    def test_resetMovesBothWays(self, reactor: Any, first: float) -> None:
        seen: list[str] = []

        async def main() -> None:
            sooner = reactor.callLater(first, seen.append, "sooner")
            later = reactor.callLater(first, seen.append, "later")
            sooner.reset(0.01)
            later.reset(60)
            await deferLater(reactor, 0.05)
            assert seen == ["sooner"]
            later.delay(-59.99)
            await deferLater(reactor, 0.05)
            assert seen == ["sooner", "later"]

        run(reactor, main)

    def test_timeIsTheReactors(self, reactor: Any) -> None:
        """`getTime` and `time` are told by the reactor's `seconds`, which is the wall clock."""
        call = reactor.callLater(30, int)
        assert abs(reactor.seconds() - time.time()) < 1
        assert abs(call.getTime() - reactor.seconds() - 30) < 1
        assert abs(call.time - call.getTime()) < 1
        call.delay(30)
        assert abs(call.getTime() - reactor.seconds() - 60) < 1
        call.cancel()

    def test_callThatRaisesIsLogged(self, reactor: Any) -> None:
        """What a delayed call raises, even SystemExit, is logged; the reactor goes on."""

        def fail() -> None:
            raise ZeroDivisionError("in a delayed call")

        def leave() -> None:
            raise SystemExit(3)

        async def main() -> str:
            reactor.callLater(0, fail)
            reactor.callLater(0, leave)
            return await deferLater(reactor, 0.01, lambda: "alive")

        with logged(ZeroDivisionError, SystemExit):
            assert run(reactor, main) == "alive"

    def test_callMadeByACallWaitsForTheNextTurn(self, reactor: Any) -> None:
        """A call that renews itself without delay doesn't keep the reactor from anything else."""
        count = 0

        def again() -> None:
            nonlocal count
            count += 1
            if reactor.running:
                reactor.callLater(0, again)

        async def main() -> None:
            again()
            await deferLater(reactor, 0.01)

        run(reactor, main)
        assert count > 1

    def test_negativeDelayIsRefused(self, reactor: Any) -> None:
        with pytest.raises(AssertionError, match="zero seconds or more, not -1"):
            reactor.callLater(-1, int)

    def test_listOfCalls(self, reactor: Any) -> None:
        calls = {reactor.callLater(delay, int) for delay in (1, 10, 100, 1e12)}
        assert set(reactor.getDelayedCalls()) == calls
        assert all(isinstance(call, DelayedCall) for call in calls)
        for call in calls:
            call.cancel()
        assert reactor.getDelayedCalls() == []

    def test_context(self, reactor: Any) -> None:
        """A call sees the context variables of the moment at which it was planned, and keeps its own to itself."""
        seen: list[str] = []

        async def main() -> None:
            request.set("mine")
            reactor.callLater(0, lambda: (seen.append(request.get()), request.set("changed")))
            request.set("later")
            await deferLater(reactor, 0.01)
            seen.append(request.get())

        run(reactor, main)
        assert seen == ["mine", "later"]

    def test_text(self, reactor: Any) -> None:
        call = reactor.callLater(5, print, 1, end="!")
        assert "called=0 cancelled=0 print(1, end='!')>" in repr(call)
        call.cancel()
        assert "called=0 cancelled=1>" in repr(call)

    def test_debugRemembersTheStack(self, reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(DelayedCall, "debug", True)
        call = reactor.callLater(5, int)
        assert "test_debugRemembersTheStack" in str(call)
        call.cancel()

    def test_interface(self, reactor: Any) -> None:
        from zope.interface.verify import verifyObject

        from ropewalk.internet.interfaces import IDelayedCall

        call = reactor.callLater(5, int)
        assert verifyObject(IDelayedCall, call)
        call.cancel()


class TestSystemEvents:
    def test_phases(self, reactor: Any) -> None:
        """Triggers are called before, during and after; running changes in the middle."""
        seen = []
        for event in ("shutdown", "startup"):
            for phase in ("after", "before", "during"):
                reactor.addSystemEventTrigger(
                    phase, event, lambda *key: seen.append((*key, reactor.running)), phase, event
                )
        reactor.callWhenRunning(reactor.stop)
        reactor.run()
        assert seen == [
            ("before", "startup", False),
            ("during", "startup", True),
            ("after", "startup", True),
            ("before", "shutdown", True),
            ("during", "shutdown", False),
            ("after", "shutdown", False),
        ]

    def test_shutdownWaitsForDeferreds(self, reactor: Any) -> None:
        """What a "before shutdown" trigger returns is waited for, while the reactor goes on."""
        seen: list[str] = []
        reactor.addSystemEventTrigger("before", "shutdown", lambda: deferLater(reactor, 0.02, seen.append, "closed"))
        reactor.addSystemEventTrigger("during", "shutdown", seen.append, "during")
        reactor.callWhenRunning(reactor.stop)
        reactor.run()
        assert seen == ["closed", "during"]

    def test_callWhenRunningNow(self, reactor: Any) -> None:
        seen: list[int] = []

        def main() -> None:
            assert reactor.callWhenRunning(seen.append, 1) is None
            assert seen == [1]

        run(reactor, main)

    def test_callWhenRunningCanBeTakenBack(self, reactor: Any) -> None:
        seen: list[int] = []
        reactor.removeSystemEventTrigger(reactor.callWhenRunning(seen.append, 1))
        run(reactor, lambda: None)
        assert seen == []

    def test_ownEvent(self, reactor: Any) -> None:
        seen: list[str] = []
        reactor.addSystemEventTrigger("during", "moonrise", seen.append, "howl")
        reactor.fireSystemEvent("moonrise")
        reactor.fireSystemEvent("moonrise")
        assert seen == ["howl"]


class TestNames:
    def test_addressIsItsOwnAnswer(self, reactor: Any) -> None:
        async def main() -> list[str]:
            return [await reactor.resolve("10.1.2.3"), await reactor.resolve("")]

        assert run(reactor, main) == ["10.1.2.3", "0.0.0.0"]

    def test_localhost(self, reactor: Any) -> None:
        """`resolve` gives an IPv4 address (F011)."""

        async def main() -> str:
            address: str = await reactor.resolve("localhost")
            return address

        assert run(reactor, main) == "127.0.0.1"


class TestState:
    def test_dump(self, reactor: Any) -> None:
        """`dumpState` lists what the reactor is doing."""
        call = reactor.callLater(5, print, "planned")
        text = reactor.dumpState()
        assert "not running" in text
        assert "delayed calls: 1" in text
        assert "print('planned')" in text
        call.cancel()

    def test_dumpNamesReaders(self, reactor: Any) -> None:
        async def main() -> str:
            from ropewalk.internet.protocol import Factory, Protocol

            port = reactor.listenTCP(0, Factory.forProtocol(Protocol), interface="127.0.0.1")
            text: str = reactor.dumpState()
            await port.stopListening()
            return text

        text = run(reactor, main)
        assert "readers: 1" in text
        assert "writers: 0" in text


class TestSubclasses:
    """A reactor may be built on `ReactorBase`, with its own way to wait."""

    class Waiting(ReactorBase):
        def __init__(self) -> None:
            self.waits: list[float | None] = []
            super().__init__()

        def installWaker(self) -> None:
            self.waker = self

        def wakeUp(self) -> None:
            pass

        def doIteration(self, delay: float | None) -> None:
            self.waits.append(delay)
            time.sleep(delay or 0)

        def removeAll(self) -> list[Any]:
            return []

    def test_ownWait(self) -> None:
        reactor = self.Waiting()
        reactor.callLater(0.01, reactor.stop)
        reactor.run()
        assert reactor.waits
        assert all(wait is not None and wait <= 0.01 for wait in reactor.waits)

    def test_unknownWait(self) -> None:
        with pytest.raises(NotImplementedError, match="must define installWaker"):
            ReactorBase()


def test_documentedBases() -> None:
    """The base classes of ports and connectors are found here; they are imported when asked for."""
    from ropewalk.internet.tcp import Connector, Port

    assert issubclass(Connector, base.BaseConnector)
    assert issubclass(Port, base.BasePort)
    with pytest.raises(AttributeError, match="no attribute 'BasePorter'"):
        base.BasePorter  # noqa: B018
