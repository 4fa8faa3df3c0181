"""Failures that nobody took, debug mode, and memory that is given back."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from ropewalk.internet._defer import unhandled
from ropewalk.internet.defer import (
    AlreadyCalledError,
    Deferred,
    DeferredList,
    fail,
    gatherResults,
    getDebugging,
    inlineCallbacks,
    logError,
    maybeDeferred,
    onUnhandledError,
    race,
    setDebugging,
    succeed,
)
from ropewalk.internet.task import Clock
from ropewalk.logger import globalLogPublisher
from ropewalk.python.failure import Failure


@pytest.fixture
def reports() -> Iterator[list[tuple[Failure, str]]]:
    """What the hook for unhandled errors is called with."""
    seen: list[tuple[Failure, str]] = []
    previous = onUnhandledError(lambda failure, origin: seen.append((failure, origin)))
    yield seen
    onUnhandledError(previous)


@pytest.fixture
def debugging() -> Iterator[None]:
    """Debug mode, for a test."""
    setDebugging(True)
    yield
    setDebugging(False)


def boom(_: object = None) -> Any:
    """Raise."""
    raise ValueError("boom")


class TestReport:
    """What happens to the failure of a Deferred that is dropped."""

    def test_droppedFailure(self, reports: list[Any]) -> None:
        """A Deferred that is dropped with a failure inside is reported, once (F071)."""
        error = ValueError("lost")
        deferred: Deferred[None] = Deferred()
        deferred.errback(error)
        assert reports == []
        del deferred
        assert [(failure.value, origin) for failure, origin in reports] == [(error, "")]

    @pytest.mark.parametrize(
        "make",
        [
            lambda: fail(ValueError("x")),
            lambda: succeed(1).addCallback(boom),
            lambda: succeed(1).addCallback(lambda _: fail(ValueError("x"))),
            lambda: inlineCallbacks(lambda: (yield fail(ValueError("x"))))(),
        ],
    )
    def test_howeverItFailed(self, reports: list[Any], make: Callable[[], Deferred[Any]]) -> None:
        """It doesn't matter how the Deferred came to fail: there is one report (F071)."""
        make()
        assert len(reports) == 1

    def test_aliveIsSilent(self, reports: list[Any]) -> None:
        """Nothing is reported while the Deferred is kept (F071)."""
        kept = fail(ValueError("kept"))
        gc.collect()
        assert reports == []
        kept.addErrback(lambda _: None)

    @pytest.mark.parametrize(
        "take",
        [
            lambda deferred: deferred.addErrback(lambda _: None),
            lambda deferred: deferred.addBoth(lambda _: None),
            lambda deferred: DeferredList([deferred], consumeErrors=True),
            lambda deferred: succeed(1).addCallback(lambda _: deferred).addErrback(lambda _: None),
            lambda deferred: inlineCallbacks(lambda: (yield deferred))().addErrback(lambda _: None),
        ],
    )
    def test_handledIsSilent(self, reports: list[Any], take: Callable[[Deferred[Any]], object]) -> None:
        """A failure that somebody took isn't reported, fired before or after."""
        take(fail(ValueError("taken")))
        later: Deferred[Any] = Deferred()
        take(later)
        later.errback(ValueError("taken"))
        del later
        assert reports == []

    def test_awaitingTakes(self, reports: list[Any]) -> None:
        """Raising a failure in who awaits is taking it."""

        async def work() -> None:
            with pytest.raises(ValueError, match="x"):
                await fail(ValueError("x"))

        assert Deferred.fromCoroutine(work()).called
        assert reports == []

    def test_endOfTheTurn(self, reports: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        """While a reactor runs, what is dropped waits for the end of the turn."""
        monkeypatch.setattr(unhandled, "deferToTurn", True)
        fail(ValueError("first"))
        fail(ValueError("second"))
        assert reports == []
        unhandled.reportAll()
        assert [str(failure.value) for failure, _ in reports] == ["first", "second"]
        assert unhandled.dropped == []

    def test_badHook(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A hook that raises neither hides the error nor stops anything."""
        previous = onUnhandledError(lambda failure, origin: 1 / 0)
        fail(ValueError("precious"))
        onUnhandledError(previous)
        told = capsys.readouterr().err
        assert "precious" in told
        assert "ZeroDivisionError" in told

    def test_hookIsReturned(self) -> None:
        """Setting a hook returns the one before; None is the log."""

        def hook(failure: Failure, origin: str) -> None: ...

        assert onUnhandledError(hook) is None
        assert onUnhandledError(None) is hook

    def test_logged(self) -> None:
        """Without a hook it is logged: a line that says so, then the failure, both critical (F071)."""
        events: list[Any] = []
        globalLogPublisher.addObserver(events.append)
        try:
            fail(ValueError("logged"))
        finally:
            globalLogPublisher.removeObserver(events.append)
        first, second = events
        assert first["log_format"] == "Unhandled error in Deferred:"
        assert first["isError"]
        assert second["log_failure"].getErrorMessage() == "logged"
        assert {event["log_level"].name for event in events} == {"critical"}
        assert {event["log_namespace"] for event in events} == {"ropewalk.internet.defer"}

    def test_logError(self) -> None:
        """`logError` logs a failure on its way, and lets it pass."""
        events: list[Any] = []
        globalLogPublisher.addObserver(events.append)
        seen: list[Failure] = []
        try:
            fail(ValueError("x")).addErrback(logError).addErrback(seen.append)
        finally:
            globalLogPublisher.removeObserver(events.append)
        assert events[0]["log_failure"] is seen[0]


class TestDebugging:
    """`setDebugging`."""

    def test_switch(self, debugging: None) -> None:
        """It can be asked for, and shows on the class."""
        assert getDebugging()
        assert Deferred.debug
        setDebugging(False)
        assert not getDebugging()

    @pytest.mark.usefixtures("debugging")
    def test_secondFiringTellsOfTheFirst(self) -> None:
        """Firing twice says where the Deferred was created and where it was fired first."""

        def createHere() -> Deferred[int]:
            return Deferred()

        def fireHere(deferred: Deferred[int]) -> None:
            deferred.callback(1)

        deferred = createHere()
        fireHere(deferred)
        with pytest.raises(AlreadyCalledError) as caught:
            deferred.callback(2)
        told = str(caught.value)
        assert "C: Deferred was created:" in told
        assert "createHere" in told
        assert "I: First Invoker was:" in told
        assert "fireHere" in told
        assert "_defer/deferred.py" not in told

    @pytest.mark.usefixtures("debugging")
    def test_reportTellsTheStacks(self, reports: list[Any]) -> None:
        """The report of an unhandled error says where the Deferred came from, `succeed` and `fail` included."""
        fail(ValueError("x"))
        succeed(1).addCallback(boom)
        assert all("test_reportTellsTheStacks" in origin for _, origin in reports)
        assert len(reports) == 2

    @pytest.mark.usefixtures("debugging")
    def test_everythingElseWorks(self) -> None:
        """Chains and coroutines work in debug mode."""

        async def work() -> int:
            return await succeed(1) + await waiting

        waiting: Deferred[int] = Deferred()
        done = Deferred.fromCoroutine(work())
        waiting.callback(2)
        assert succeed(None).addCallback(lambda _: done).result == 3


def leftBehind(scenario: Callable[[], object]) -> int:
    """How many objects a scenario leaves to the garbage collector; it is played once before, to fill caches."""
    scenario()
    gc.collect()
    gc.disable()
    try:
        scenario()
        return gc.collect()
    finally:
        gc.enable()


class TestNoCycles:
    """With the collector off, everything that ended is gone when the last name for it is."""

    def test_success(self) -> None:
        """A Deferred that succeeded leaves nothing behind."""

        def scenario() -> None:
            deferred: Deferred[Any] = Deferred()
            deferred.addCallback(lambda _: deferred.called).addErrback(boom)
            deferred.callback(None)

        assert leftBehind(scenario) == 0

    def test_raisingCallback(self) -> None:
        """Nor does one whose callback raised, though the callback's frame has a name for the Deferred."""

        def scenario() -> None:
            def callback(_: object) -> None:
                raise ValueError(deferred.called)

            deferred: Deferred[Any] = Deferred()
            deferred.addCallback(callback).addErrback(lambda _: None)
            deferred.callback(None)

        assert leftBehind(scenario) == 0

    def test_unhandled(self, reports: list[Any]) -> None:
        """A failure that nobody took is found the moment its Deferred goes, however it was named meanwhile."""

        async def fails() -> None:
            await succeed(None)
            boom()

        def scenario() -> None:
            fired = succeed(None).addCallback(boom)
            pending: Deferred[None] = Deferred()
            pending.addCallback(boom)
            pending.callback(None)
            called = maybeDeferred(boom)
            strand = Deferred.fromCoroutine(fails())
            assert all([fired, pending, called, strand])

        scenario()
        assert len(reports) == 4
        reports.clear()
        onUnhandledError(lambda failure, origin: None)
        assert leftBehind(scenario) == 0

    @pytest.mark.parametrize("how", ["trap", "raise"])
    def test_passedOnByErrbacks(self, how: str) -> None:
        """A failure that errbacks raise again holds no frame that holds the failure."""

        def again(failure: Failure) -> None:
            if how == "trap":
                failure.trap(KeyError)
            raise failure.value

        def scenario() -> None:
            deferred = succeed(None).addCallback(boom).addErrback(again)
            deferred.addErrback(lambda _: fail(ValueError("x"))).addErrback(again).addErrback(again)
            deferred.addErrback(lambda _: None)

        assert leftBehind(scenario) == 0

    @pytest.mark.parametrize("fire", ["callback", "errback"])
    def test_chain(self, fire: str) -> None:
        """Chains leave nothing behind, whether they succeed or fail."""

        def scenario() -> None:
            inner: Deferred[Any] = Deferred()
            outer = succeed(None).addCallback(lambda _: inner)
            outer.addErrback(lambda _: None)
            getattr(inner, fire)(ValueError("x"))

        assert leftBehind(scenario) == 0

    @pytest.mark.parametrize("pending", [True, False])
    @pytest.mark.parametrize("failing", [True, False])
    @pytest.mark.parametrize("catching", [True, False])
    @pytest.mark.parametrize("style", ["coroutine", "generator"])
    def test_strands(self, pending: bool, failing: bool, catching: bool, style: str) -> None:
        """Coroutines and generators leave nothing behind, however they end; arguments and result go with them."""

        async def work(argument: Tracked, deferred: Deferred[Any]) -> object:
            try:
                result = await deferred
                again = await succeed(argument)
                return result, again
            except ValueError:
                if not catching:
                    raise
                return argument

        @inlineCallbacks
        def generate(argument: Tracked, deferred: Deferred[Any]) -> Generator[Any, Any, object]:
            try:
                result = yield deferred
                again = yield succeed(argument)
                return result, again
            except ValueError:
                if not catching:
                    raise
                return argument

        references: list[weakref.ref[Tracked]] = []

        def scenario() -> None:
            argument = Tracked()
            references.append(weakref.ref(argument))
            source: Deferred[Any] = Deferred()
            fire = source.errback if failing else source.callback
            if not pending:
                fire(ValueError("x"))
            done = (
                Deferred.fromCoroutine(work(argument, source)) if style == "coroutine" else generate(argument, source)
            )
            if pending:
                fire(ValueError("x"))
            done.addErrback(lambda _: None)

        assert leftBehind(scenario) == 0
        assert [reference() for reference in references] == [None, None]

    @pytest.mark.parametrize("canceller", [None, lambda _: None, lambda d: d.callback(1), boom])
    def test_cancelled(self, canceller: Callable[[Deferred[Any]], object] | None) -> None:
        """Nor do Deferreds and coroutines that were cancelled, whatever the canceller does."""

        async def work(deferred: Deferred[Any]) -> None:
            await deferred

        def scenario() -> None:
            source: Deferred[Any] = Deferred(canceller)
            outer = succeed(None).addCallback(lambda _: source)
            done = Deferred.fromCoroutine(work(outer))
            done.cancel()
            done.addErrback(lambda _: None)

        assert leftBehind(scenario) == 0

    @pytest.mark.parametrize("end", ["callback", "errback", "cancel"])
    @pytest.mark.parametrize(
        "together",
        [
            lambda ds: DeferredList(ds, consumeErrors=True),
            lambda ds: DeferredList(ds, True, True, consumeErrors=True),
            lambda ds: gatherResults(ds, consumeErrors=True),
            race,
        ],
    )
    def test_listsAndRaces(self, end: str, together: Callable[[list[Deferred[Any]]], Deferred[Any]]) -> None:
        """Nor do lists, gathered results and races that succeed, fail or are cancelled."""

        def scenario() -> None:
            members: list[Deferred[Any]] = [Deferred(), Deferred()]
            done = together(members)
            if end == "cancel":
                done.cancel()
            else:
                for member in members:
                    if not member.called:
                        getattr(member, end)(ValueError("x"))
            done.addErrback(lambda _: None)

        assert leftBehind(scenario) == 0

    @pytest.mark.parametrize("late", [True, False])
    def test_timeouts(self, late: bool) -> None:
        """Nor do time limits, reached or not."""

        def scenario() -> None:
            clock = Clock()
            deferred: Deferred[Any] = Deferred()
            deferred.addTimeout(1, clock)
            if late:
                clock.advance(1)
            else:
                deferred.callback(None)
            deferred.addErrback(lambda _: None)

        assert leftBehind(scenario) == 0

    def test_asyncio(self) -> None:
        """Nor do coroutines that met asyncio, cancelled or not."""

        async def work() -> None:
            await asyncio.sleep(0)
            async with asyncio.timeout(10):
                await succeed(1)

        async def main() -> None:
            await Deferred.fromCoroutine(work())
            cancelled = Deferred.fromCoroutine(asyncio.sleep(10))
            cancelled.addErrback(lambda _: None)
            cancelled.cancel()
            await cancelled

        async def measure() -> int:
            await main()
            gc.collect()
            gc.disable()
            await main()
            count = gc.collect()
            gc.enable()
            return count

        assert asyncio.run(measure()) == 0


class Tracked:
    """Something whose end can be seen."""


def test_failureKeptUntilTheEnd() -> None:
    """F071: a failure that a module still holds when the program ends is told then, whole, with its traceback."""
    program = """if 1:
        from ropewalk.internet.defer import Deferred, fail
        def culprit(result):
            raise KeyError("kept")
        kept = Deferred().addCallback(culprit)
        kept.callback(None)
        handled = fail(ValueError("handled")).addErrback(lambda failure: None)
        circle = [fail(LookupError("in a circle"))]
        circle.append(circle)
        """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    told = done.stderr
    assert (done.returncode, done.stdout) == (0, "")
    assert told.count("Unhandled error in Deferred:") == 2, told
    assert "in culprit\n" in told
    assert "builtins.KeyError: 'kept'" in told
    assert "builtins.LookupError: in a circle" in told
    assert "handled" not in told.replace("Unhandled", "")
    assert "Exception ignored" not in told
