"""`Deferred`: callbacks, chains, pausing, firing; and the functions that make Deferreds."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import pytest

from ropewalk.internet import defer
from ropewalk.internet.defer import (
    AlreadyCalledError,
    CancelledError,
    Deferred,
    execute,
    fail,
    maybeDeferred,
    passthru,
    succeed,
)
from ropewalk.python.failure import Failure, NoCurrentExceptionError


def boom(*_: object) -> Any:
    """Raise, whatever it is called with."""
    raise ValueError("boom")


def returning(deferred: Deferred[Any]) -> Callable[[object], Deferred[Any]]:
    """A callback that returns a Deferred."""
    return lambda _: deferred


def caught(failure: Failure) -> str:
    """An errback that recovers with the message."""
    return f"caught {failure.getErrorMessage()}"


class TestCallbacks:
    """What is called, in which order, with what."""

    def test_resultGoesFromOneToTheNext(self) -> None:
        """Each callback gets what the one before returned (F056, F057)."""
        got: list[int] = []
        deferred: Deferred[Any] = Deferred()
        assert deferred.addCallback(lambda n: n + 1).addCallback(lambda n: n * 10).addCallback(got.append) is deferred
        deferred.callback(1)
        assert got == [20]

    def test_furtherArguments(self) -> None:
        """Callbacks and errbacks get their further arguments after the result (F057, F058)."""
        got: list[Any] = []

        def note(*args: Any, **kwargs: Any) -> None:
            got.append((args, kwargs))

        succeed(1).addCallback(note, 2, three=3)
        deferred: Deferred[int] = Deferred()
        deferred.addBoth(note, "both", at="later")
        deferred.callback(4)
        failure = Failure(ValueError())
        fail(failure).addErrback(note, 5, six=6)
        assert got == [((1, 2), {"three": 3}), ((4, "both"), {"at": "later"}), ((failure, 5), {"six": 6})]

    def test_pairIsParallel(self) -> None:
        """What a callback raises isn't seen by the errback that was added with it, but by the next (F059)."""
        got: list[str] = []
        deferred: Deferred[None] = Deferred()
        deferred.addCallbacks(boom, lambda _: got.append("same call"))
        deferred.addErrback(lambda _: got.append("next call"))
        deferred.callback(None)
        assert got == ["next call"]

    def test_pairHasArgumentsOfItsOwn(self) -> None:
        """`addCallbacks` takes arguments for the callback and for the errback (F059)."""
        got: list[Any] = []

        def note(*args: Any, **kwargs: Any) -> None:
            got.append((args[1:], kwargs))

        for deferred in (succeed(0), fail(ValueError()), Deferred[int](), Deferred[int]()):
            deferred.addCallbacks(note, note, (1,), {"a": 1}, (2,), {"b": 2})
            if not deferred.called:
                deferred.callback(0)
        assert got == [((1,), {"a": 1}), ((2,), {"b": 2}), ((1,), {"a": 1}), ((1,), {"a": 1})]

    def test_addBothSeesBoth(self) -> None:
        """A function added with `addBoth` gets the value or the Failure (F060)."""
        got: list[Any] = []
        error = ValueError("x")
        succeed(1).addBoth(got.append)
        fail(error).addBoth(lambda failure: got.append(failure.value))
        assert got == [1, error]

    def test_raisingSwitchesToErrbacks(self) -> None:
        """After an exception, callbacks are skipped up to the next errback (F061)."""
        got: list[str] = []
        deferred = succeed(None).addCallback(boom).addCallback(lambda _: got.append("callback"))
        deferred.addErrback(lambda failure: got.append(failure.getErrorMessage()))
        assert got == ["boom"]

    def test_returningAFailureIsFailing(self) -> None:
        """A Failure that is returned, or given to `callback`, is as good as one raised (F061)."""
        failure = Failure(ValueError("returned"))
        assert succeed(1).addCallback(lambda _: failure).addErrback(caught).result == "caught returned"
        deferred: Deferred[int] = Deferred()
        deferred.callback(failure)
        assert deferred.addErrback(caught).result == "caught returned"

    def test_errbackRecovers(self) -> None:
        """What an errback returns, None included, goes to the next callback (F062)."""
        assert fail(ValueError()).addErrback(lambda _: None).addCallback(lambda value: [value]).result == [None]

    def test_errbackSkipsSuccess(self) -> None:
        """Errbacks are skipped while all is well (F063)."""
        assert succeed(1).addErrback(lambda _: 2).addCallback(lambda n: n).result == 1

    def test_errbackMayRaiseAgain(self) -> None:
        """An errback that raises what it was given passes on the very same Failure, its traceback untouched (F061)."""
        failure = Failure(ValueError("again"))
        seen: list[Failure] = []
        deferred = fail(failure).addErrback(lambda f: f.trap(KeyError)).addErrback(lambda f: f.raiseException())
        deferred.addErrback(seen.append)
        assert seen == [failure]
        assert failure.value.__traceback__ is None

    def test_otherExceptionInErrback(self) -> None:
        """An errback that raises something else leads to the next errback, with the first error as its context."""

        def translate(failure: Failure) -> None:
            raise KeyError("translated") from failure.value

        seen: list[Failure] = []
        original = ValueError("original")
        fail(original).addErrback(translate).addErrback(seen.append)
        assert seen[0].check(KeyError)
        assert seen[0].value.__cause__ is original

    def test_lateCallbacksRunAtOnce(self) -> None:
        """A callback added after the Deferred fired is called within `addCallback` (F066)."""
        got: list[int] = []
        deferred = succeed(3)
        deferred.addCallback(got.append)
        assert got == [3]

    def test_callbackAddedByACallback(self) -> None:
        """What a callback adds to the same Deferred runs after those already there (F076)."""
        got: list[str] = []
        deferred: Deferred[None] = Deferred()

        def first(_: None) -> None:
            got.append("first")
            deferred.addCallback(lambda _: got.append("added"))
            got.append("still first")

        deferred.addCallback(first)
        deferred.addCallback(lambda _: got.append("second"))
        deferred.callback(None)
        assert got == ["first", "still first", "second", "added"]

    def test_callbackMustBeCallable(self) -> None:
        """Something that can't be called becomes a failure that says so."""
        seen: list[Failure] = []
        succeed(1).addCallback(5).addErrback(seen.append)  # type: ignore[call-overload]
        assert seen[0].check(TypeError)
        assert "not callable" in seen[0].getErrorMessage()

    @pytest.mark.parametrize("add", ["addCallback", "addErrback", "addBoth"])
    def test_noneIsNoCallback(self, add: str) -> None:
        """None in place of a function is refused at once: usually somebody called the function instead of naming it."""
        with pytest.raises(TypeError, match="needs a function, not None"):
            getattr(Deferred(), add)(None)

    def test_addCallbacksPassesOnWithoutAFunction(self) -> None:
        """None in `addCallbacks` lets the result, or the Failure, pass."""
        assert succeed(1).addCallbacks(None, caught).result == 1
        failing = fail(ValueError("x")).addCallbacks(lambda _: 1)
        assert failing.addErrback(caught).result == "caught x"

    def test_pendingStepsCanBeSeen(self) -> None:
        """`callbacks` tells the steps that remain, with their arguments."""
        deferred: Deferred[int] = Deferred()
        deferred.addCallback(abs)
        deferred.addErrback(caught)
        deferred.addBoth(print, 1, end="")
        assert deferred.callbacks == [
            ((abs, (), {}), (passthru, (), {})),
            ((passthru, (), {}), (caught, (), {})),
            ((print, (1,), {"end": ""}), (print, (1,), {"end": ""})),
        ]
        deferred.callback(1)
        assert deferred.callbacks == []

    def test_keyboardInterruptIsCaughtToo(self) -> None:
        """Nothing that a callback raises gets past the Deferred."""

        def interrupted(_: object) -> None:
            raise KeyboardInterrupt

        seen: list[Failure] = []
        succeed(1).addCallback(interrupted).addErrback(seen.append)
        assert seen[0].check(KeyboardInterrupt)

    def test_raisedFailure(self) -> None:
        """Raising a Failure is raising what it holds."""
        failure = Failure(ValueError("raised"))

        def throw(_: object) -> None:
            raise failure

        assert succeed(1).addCallback(throw).addErrback(caught).result == "caught raised"


class TestFiring:
    """`callback` and `errback`."""

    @pytest.mark.parametrize("first", ["callback", "errback"])
    @pytest.mark.parametrize("second", ["callback", "errback"])
    def test_onlyOnce(self, first: str, second: str) -> None:
        """The second firing of either kind raises, and changes nothing (F064)."""
        deferred: Deferred[Any] = Deferred()
        getattr(deferred, first)(ValueError("one"))
        with pytest.raises(AlreadyCalledError, match="has fired already"):
            getattr(deferred, second)(ValueError("two"))
        deferred.addBoth(lambda result: getattr(result, "value", result))
        assert str(deferred.result) == "one"

    def test_errbackTakesAnException(self) -> None:
        """An exception given to `errback` is wrapped in a Failure (F065)."""
        error = ValueError("x")
        deferred: Deferred[None] = Deferred()
        deferred.errback(error)
        seen: list[Failure] = []
        deferred.addErrback(seen.append)
        assert seen[0].value is error

    def test_errbackTakesTheCurrentException(self) -> None:
        """Without an argument `errback` takes the exception that is being handled."""
        deferred: Deferred[None] = Deferred()
        try:
            boom()
        except ValueError:
            deferred.errback()
        assert deferred.addErrback(caught).result == "caught boom"

    def test_errbackWithoutAnything(self) -> None:
        """`errback()` outside an ``except`` says what is missing, and the Deferred can still be fired."""
        deferred: Deferred[None] = Deferred()
        with pytest.raises(NoCurrentExceptionError, match="none is being handled"):
            deferred.errback()
        deferred.callback(None)

    def test_errbackTakesNoClass(self) -> None:
        """An exception class instead of an instance is refused, with the way out."""
        with pytest.raises(TypeError, match=r"write ValueError\(\)"):
            Deferred().errback(ValueError)  # type: ignore[arg-type]

    def test_stateBeforeAndAfter(self) -> None:
        """`called` and `result` tell whether and with what a Deferred has fired."""
        deferred: Deferred[int] = Deferred()
        assert (deferred.called, hasattr(deferred, "result")) == (False, False)
        deferred.callback(4)
        assert deferred.called
        assert deferred.result == 4

    def test_repr(self) -> None:
        """`repr` tells the state: nothing yet, a result, or waiting."""
        deferred: Deferred[Any] = Deferred()
        where = f"Deferred at 0x{id(deferred):x}"
        assert repr(deferred) == f"<{where}>"
        deferred.addCallback(lambda inner: inner)
        inner: Deferred[int] = Deferred()
        deferred.callback(inner)
        assert repr(deferred) == f"<{where} waiting on Deferred at 0x{id(inner):x}>"
        inner.callback(5)
        assert str(deferred) == f"<{where} current result: 5>"


class TestChaining:
    """Callbacks that return Deferreds."""

    def test_waitsForTheInner(self) -> None:
        """The outer goes on with what the inner's callbacks made of its result (F067)."""
        inner: Deferred[int] = Deferred()
        inner.addCallback(lambda n: n + 1)
        outer = succeed(None).addCallback(lambda _: inner).addCallback(lambda n: n * 2)
        assert outer.paused
        assert outer.result is inner
        inner.callback(1)
        assert (outer.result, inner.result, outer.paused) == (4, None, 0)

    def test_takesTheResultOfAFiredInner(self) -> None:
        """An inner Deferred that has fired is taken over at once; it keeps None (F067)."""
        inner = succeed(1)
        assert succeed(None).addCallback(lambda _: inner).addCallback(lambda n: n + 1).result == 2
        assert inner.result is None

    def test_failureOfTheInner(self) -> None:
        """What the inner fails with is the outer's failure, and the inner's no more (F067)."""
        for inner in (fail(ValueError("inner")), Deferred[Any]()):
            outer = succeed(None).addCallback(returning(inner)).addErrback(caught)
            if not inner.called:
                inner.errback(ValueError("inner"))
            assert outer.result == "caught inner"
            assert inner.result is None

    def test_recoveryByAnInner(self) -> None:
        """An errback may return a Deferred, too."""
        inner: Deferred[int] = Deferred()
        outer = fail(ValueError()).addErrback(lambda _: inner)
        inner.callback(3)
        assert outer.result == 3

    def test_waiterGoesFirst(self) -> None:
        """The outer's callbacks run before those that were added to the inner later, which see None (F067)."""
        got: list[Any] = []
        inner: Deferred[str] = Deferred()
        outer = succeed(None).addCallback(lambda _: inner)
        outer.addCallback(lambda result: got.append(("outer", result)))
        inner.addCallback(lambda result: got.append(("inner", result)))
        inner.callback("x")
        assert got == [("outer", "x"), ("inner", None)]

    def test_severalWaitersInTurn(self) -> None:
        """Only the first of several that wait for one inner gets its result."""
        inner: Deferred[str] = Deferred()
        outers = [succeed(None).addCallback(lambda _: inner) for _ in range(3)]
        inner.callback("x")
        assert [outer.result for outer in outers] == ["x", None, None]

    def test_pausedWaiter(self) -> None:
        """An outer that was paused besides waiting goes on when it is unpaused."""
        inner: Deferred[str] = Deferred()
        outer = succeed(None).addCallback(lambda _: inner).addCallback(str.upper)
        outer.pause()
        inner.callback("x")
        assert outer.result == "x"
        outer.unpause()
        assert outer.result == "X"

    def test_firingWhileFiring(self) -> None:
        """A callback may fire other Deferreds that wait for this one, and add to it (F076)."""
        got: list[str] = []
        first: Deferred[str] = Deferred()
        second: Deferred[str] = Deferred()
        first.addCallback(lambda _: second)
        first.addCallback(lambda result: got.append(f"first {result}"))

        def fireFirst(result: str) -> str:
            first.callback("fired")
            return result

        second.addCallback(fireFirst)
        second.addCallback(lambda result: f"{result}!")
        second.callback("x")
        assert got == ["first x!"]

    def test_returningItself(self) -> None:
        """A callback that returns its own Deferred gets a warning that says so (F068)."""
        deferred: Deferred[Any] = Deferred()
        deferred.addCallback(lambda _: deferred)
        with pytest.warns(DeprecationWarning, match="returned that same Deferred"):
            deferred.callback(None)

    def test_chainDeferred(self) -> None:
        """`chainDeferred` fires another; what is added here later doesn't matter to it (F069)."""
        for fire, expected in (("callback", 1), ("errback", 2)):
            source: Deferred[int] = Deferred()
            target: Deferred[int] = Deferred()
            source.chainDeferred(target)
            source.addCallback(lambda _: "after")
            getattr(source, fire)(1 if fire == "callback" else ValueError())
            target.addErrback(lambda _: 2)
            assert target.result == expected
            assert source.result == "after"


class TestPausing:
    """`pause` and `unpause`."""

    def test_nothingRunsWhilePaused(self) -> None:
        """While paused nothing runs; unpausing runs everything added since (F070)."""
        got: list[int] = []
        deferred: Deferred[int] = Deferred()
        deferred.pause()

        def note(number: int) -> int:
            got.append(number)
            return number + 1

        deferred.addCallback(note)
        deferred.callback(1)
        deferred.addCallback(got.append)
        assert got == []
        deferred.unpause()
        assert got == [1, 2]

    def test_pausesCount(self) -> None:
        """As many `unpause` as `pause` are needed (F070)."""
        got: list[int] = []
        deferred = succeed(1)
        deferred.pause()
        deferred.pause()
        deferred.addCallback(got.append)
        deferred.unpause()
        assert got == []
        deferred.unpause()
        assert got == [1]

    def test_pausedByACallback(self) -> None:
        """A callback that pauses its Deferred holds up the next one (F070)."""
        got: list[str] = []
        deferred: Deferred[None] = Deferred()
        deferred.addCallback(lambda _: deferred.pause())
        deferred.addCallback(lambda _: got.append("next"))
        deferred.callback(None)
        assert got == []
        deferred.unpause()
        assert got == ["next"]

    def test_pausedAndUnpausedByACallback(self) -> None:
        """Pausing and unpausing within a callback changes nothing."""
        got: list[str] = []
        deferred: Deferred[None] = Deferred()

        def twice(_: None) -> None:
            deferred.pause()
            deferred.unpause()
            got.append("first")

        deferred.addCallback(twice)
        deferred.addCallback(lambda _: got.append("next"))
        deferred.callback(None)
        assert got == ["first", "next"]

    def test_pausedWhileAnotherGoesFirst(self) -> None:
        """An inner Deferred that its waiter pauses keeps its own later callbacks until it is unpaused."""
        got: list[str] = []
        inner: Deferred[None] = Deferred()
        outer = succeed(None).addCallback(lambda _: inner)
        inner.addCallback(lambda _: got.append("inner"))
        outer.addCallback(lambda _: inner.pause())
        inner.callback(None)
        assert got == []
        inner.unpause()
        assert got == ["inner"]


class TestMaking:
    """Functions that return Deferreds."""

    def test_succeedAndFail(self) -> None:
        """`succeed` and `fail` make Deferreds that have fired (F073)."""
        assert succeed(1).called
        assert fail(ValueError("no")).addErrback(caught).result == "caught no"
        assert fail(Failure(ValueError("no"))).addErrback(caught).result == "caught no"
        try:
            boom()
        except ValueError:
            assert fail().addErrback(caught).result == "caught boom"

    @pytest.mark.parametrize(
        ("function", "expected"),
        [
            (lambda: 1, 1),
            (lambda: succeed(2), 2),
            (boom, "caught boom"),
            (lambda: Failure(ValueError("f")), "caught f"),
            (lambda: fail(ValueError("d")), "caught d"),
        ],
    )
    def test_maybeDeferred(self, function: Callable[[], Any], expected: object) -> None:
        """`maybeDeferred` returns a Deferred whatever the function does (F074)."""
        assert maybeDeferred(function).addErrback(caught).result == expected

    def test_maybeDeferredRunsCoroutines(self) -> None:
        """`maybeDeferred` runs a coroutine function (F074), and hands on arguments."""

        async def add(first: int, second: int) -> int:
            return await succeed(first + second)

        assert maybeDeferred(add, 1, second=2).result == 3

    def test_maybeDeferredPassesTheDeferredItself(self) -> None:
        """The Deferred that the function returns is returned, not another."""
        deferred: Deferred[int] = Deferred()
        assert maybeDeferred(lambda: deferred) is deferred

    def test_execute(self) -> None:
        """`execute` calls a function and fires with what it returns or raises."""
        assert execute(int, "3").result == 3
        assert execute(boom).addErrback(caught).result == "caught boom"

    def test_timeoutFails(self) -> None:
        """`defer.timeout` fails a Deferred with `TimeoutError`."""
        deferred: Deferred[None] = Deferred()
        defer.timeout(deferred)
        seen: list[Failure] = []
        deferred.addErrback(seen.append)
        assert seen[0].check(defer.TimeoutError)

    def test_constants(self) -> None:
        """`SUCCESS` and `FAILURE` are true and false (F085)."""
        assert (defer.SUCCESS, defer.FAILURE) == (True, False)


class TestAsAClass:
    """What programs do to the class and its instances."""

    def test_attributesAndWeakReferences(self) -> None:
        """Instances take attributes and weak references."""
        deferred: Deferred[int] = Deferred()
        deferred.label = "mine"  # type: ignore[attr-defined]
        assert weakref.ref(deferred)() is deferred
        assert vars(deferred) == {"label": "mine"}

    def test_subclass(self) -> None:
        """A subclass with a constructor and methods of its own works as a Deferred."""

        class Named(Deferred[int]):
            def __init__(self, name: str) -> None:
                super().__init__()
                self.name = name

            def callback(self, result: int | Failure) -> None:
                assert isinstance(result, int)
                super().callback(result + 1)

        named = Named("n")
        outer = succeed(None).addCallback(lambda _: named)
        named.callback(1)
        assert outer.result == 2
        assert repr(named).startswith("<Named at 0x")

    def test_methodsCanBeReplaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Replacing a method on the class or on an instance is seen by callers."""
        seen: list[object] = []
        deferred: Deferred[int] = Deferred()
        deferred.callback = seen.append  # type: ignore[method-assign, assignment]
        deferred.callback(1)
        monkeypatch.setattr(Deferred, "errback", lambda self, reason: seen.append(reason))
        deferred.errback(2)  # type: ignore[arg-type]
        assert seen == [1, 2]

    def test_generic(self) -> None:
        """The class can be subscripted at run time."""
        assert "Deferred" in repr(Deferred[int])

    def test_publicNamesHaveThePublicPath(self) -> None:
        """Everything says that it lives in `ropewalk.internet.defer`."""
        for name in defer.__all__:
            value = getattr(defer, name)
            assert getattr(value, "__module__", defer.__name__) == "ropewalk.internet.defer", name


class TestDepth:
    """However long a chain is, neither stack nor time grow out of proportion."""

    COUNT = 100_000

    def test_chainOfFired(self) -> None:
        """100,000 fired Deferreds, each waiting for the one before, take one after another."""
        current: Deferred[Any] = succeed(0)
        for _ in range(self.COUNT):
            current = succeed(None).addCallback(returning(current)).addCallback(lambda n: n + 1)
        assert current.result == self.COUNT

    def test_chainOfUnfired(self) -> None:
        """100,000 Deferreds that wait for each other come through when the first fires."""
        first: Deferred[Any] = Deferred()
        current: Deferred[Any] = first
        for _ in range(self.COUNT):
            current = succeed(None).addCallback(returning(current)).addCallback(lambda n: n + 1)
        first.callback(0)
        assert current.result == self.COUNT

    def test_chainThatFails(self) -> None:
        """A failure passes a chain of 100,000 as a result does."""
        first: Deferred[Any] = Deferred()
        current: Deferred[Any] = first
        for _ in range(self.COUNT):
            current = succeed(None).addCallback(returning(current))
        first.errback(ValueError("far"))
        assert current.addErrback(caught).result == "caught far"

    def test_manyCallbacks(self) -> None:
        """100,000 callbacks on one Deferred take linear time."""
        deferred: Deferred[int] = Deferred()
        for _ in range(self.COUNT):
            deferred.addCallback(lambda n: n + 1)
        deferred.callback(0)
        assert deferred.result == self.COUNT

    def test_cancelDeepChain(self) -> None:
        """Cancelling the end of a chain of 10,000 cancels its beginning."""
        first: Deferred[Any] = Deferred()
        current: Deferred[Any] = first
        for _ in range(10_000):
            current = succeed(None).addCallback(returning(current))
        current.cancel()
        assert first.called
        seen: list[Failure] = []
        current.addErrback(seen.append)
        assert seen[0].check(CancelledError)
