"""Coroutines and generators that wait for Deferreds: `inlineCallbacks`, `fromCoroutine`, `ensureDeferred`."""

from __future__ import annotations

import contextvars
from collections.abc import Awaitable, Callable, Generator
from types import coroutine
from typing import Any

import pytest

from ropewalk.internet.defer import (
    CancelledError,
    Deferred,
    NotACoroutineError,
    ensureDeferred,
    fail,
    inlineCallbacks,
    returnValue,
    succeed,
)
from ropewalk.python.failure import Failure

# Both ways to wait, as a function that waits for a list of Deferreds and returns the results.
Waits = Callable[[list[Deferred[Any]]], Deferred[list[Any]]]


@inlineCallbacks
def generatorWaits(deferreds: list[Deferred[Any]]) -> Generator[Any, Any, list[Any]]:
    """Wait with ``yield``."""
    results = []
    for deferred in deferreds:
        results.append((yield deferred))
    return results


def coroutineWaits(deferreds: list[Deferred[Any]]) -> Deferred[list[Any]]:
    """Wait with ``await``."""

    async def work() -> list[Any]:
        return [await deferred for deferred in deferreds]

    return Deferred.fromCoroutine(work())


bothWays = pytest.mark.parametrize("waits", [generatorWaits, coroutineWaits])


def reason(deferred: Deferred[Any]) -> Any:
    """Take the failure of a Deferred: the exception; None when there is none."""
    seen: list[Failure] = []
    deferred.addErrback(seen.append)
    return seen[0].value if seen else None


class TestWaiting:
    """What both have in common."""

    @bothWays
    def test_nothing(self, waits: Waits) -> None:
        """What waits for nothing has its result at once."""
        assert waits([]).result == []

    @bothWays
    def test_fired(self, waits: Waits) -> None:
        """Deferreds that have fired are answered at once, None as well as values (F091)."""
        assert waits([succeed(1), succeed(None), succeed("x")]).result == [1, None, "x"]

    @bothWays
    def test_pending(self, waits: Waits) -> None:
        """Others run while one waits; the result comes when the last has fired (F091)."""
        first: Deferred[int] = Deferred()
        second: Deferred[int] = Deferred()
        done = waits([first, succeed(2), second])
        assert not done.called
        first.callback(1)
        assert not done.called
        second.callback(3)
        assert done.result == [1, 2, 3]

    @bothWays
    def test_resultAfterCallbacks(self, waits: Waits) -> None:
        """The result is the one after the callbacks that the Deferred has."""
        pending: Deferred[int] = Deferred()
        pending.addCallback(lambda n: n + 1)
        done = waits([succeed(1).addCallback(lambda n: n + 1), pending])
        pending.callback(1)
        assert done.result == [2, 2]

    @bothWays
    def test_chainedDeferred(self, waits: Waits) -> None:
        """A Deferred that has fired but waits for another is waited for."""
        inner: Deferred[int] = Deferred()
        done = waits([succeed(None).addCallback(lambda _: inner)])
        assert not done.called
        inner.callback(4)
        assert done.result == [4]

    @bothWays
    def test_pausedDeferred(self, waits: Waits) -> None:
        """A Deferred that has fired but is paused is waited for."""
        paused = succeed(4)
        paused.pause()
        done = waits([paused])
        assert not done.called
        paused.unpause()
        assert done.result == [4]

    @bothWays
    def test_uncaughtFailure(self, waits: Waits) -> None:
        """A failure that isn't caught is the failure of the whole (F093)."""
        error = ValueError("x")
        pending: Deferred[int] = Deferred()
        done = waits([pending])
        pending.errback(error)
        assert reason(done) is error
        assert reason(waits([fail(error)])) is error

    @bothWays
    def test_failureIsTaken(self, waits: Waits) -> None:
        """A Failure that was raised in who waits is no more in the Deferred."""
        fired = fail(ValueError())
        reason(waits([fired]))
        assert fired.result is None

    @bothWays
    def test_sameDeferredTwice(self, waits: Waits) -> None:
        """A Deferred that was waited for keeps its result."""
        shared = succeed("again")
        assert waits([shared, shared]).result == ["again", "again"]

    @bothWays
    def test_severalWaitForOne(self, waits: Waits) -> None:
        """Several may wait for one Deferred, and all get its result."""
        shared: Deferred[str] = Deferred()
        done = [waits([shared]) for _ in range(3)]
        shared.callback("x")
        assert [each.result for each in done] == [["x"]] * 3

    @bothWays
    def test_cancelReachesWhatIsAwaited(self, waits: Waits) -> None:
        """Cancelling cancels what is waited for, and fails with `CancelledError` unless that is caught (F082)."""
        called: list[object] = []
        pending: Deferred[int] = Deferred(called.append)
        done = waits([succeed(1), pending])
        assert f"waiting on Deferred at 0x{id(pending):x}" in repr(done)
        done.cancel()
        assert called == [pending]
        assert isinstance(reason(done), CancelledError)

    @bothWays
    def test_cancelAfterTheEnd(self, waits: Waits) -> None:
        """Cancelling what has ended changes nothing (F080)."""
        done = waits([succeed(1)])
        done.cancel()
        assert done.result == [1]

    @bothWays
    def test_longLoopOverFired(self, waits: Waits) -> None:
        """A loop over 100,000 fired Deferreds takes no stack."""
        assert waits([succeed(n) for n in range(100_000)]).result == list(range(100_000))

    @bothWays
    def test_manyInARow(self, waits: Waits) -> None:
        """100,000 that each wait for the one before unwind without recursion."""
        first: Deferred[Any] = Deferred()
        current: Deferred[Any] = first
        for _ in range(100_000):
            current = waits([current])
        current.addCallback(lambda _: "through")
        first.callback(None)
        assert current.result == "through"

    @bothWays
    def test_cancelManyInARow(self, waits: Waits) -> None:
        """Cancelling the last of 10,000 in a row reaches the first (F077)."""
        first: Deferred[Any] = Deferred()
        current: Deferred[Any] = first
        for _ in range(10_000):
            current = waits([current])
        current.cancel()
        assert first.called
        assert isinstance(reason(current), CancelledError)


class TestInlineCallbacks:
    """What only generators do."""

    def test_plainValuesComeBack(self) -> None:
        """What is yielded and is nothing to wait for comes back at once."""

        @inlineCallbacks
        def work() -> Generator[Any, Any, list[Any]]:
            return [(yield 1), (yield None), (yield "x")]

        assert work().result == [1, None, "x"]

    def test_coroutinesAreRun(self) -> None:
        """A coroutine that is yielded is run, and waited for."""
        pending: Deferred[int] = Deferred()

        async def later() -> int:
            return await pending

        @inlineCallbacks
        def work() -> Generator[Any, Any, Any]:
            return (yield later()) + 1

        done = work()
        pending.callback(1)
        assert done.result == 2

    def test_tryExcept(self) -> None:
        """``try`` and ``except`` around a ``yield`` see failures (F093)."""

        @inlineCallbacks
        def work(deferred: Deferred[Any]) -> Generator[Any, Any, str]:
            try:
                yield deferred
            except KeyError as error:
                return f"caught {error}"
            finally:
                yield succeed("finally may wait, too")
            return "?"

        pending: Deferred[Any] = Deferred()
        done = work(pending)
        pending.errback(KeyError(1))
        assert done.result == "caught 1"
        assert work(fail(KeyError(2))).result == "caught 2"

    def test_returnValue(self) -> None:
        """`returnValue` ends the generator as ``return`` does (F092)."""

        @inlineCallbacks
        def work(deferred: Deferred[int]) -> Generator[Any, Any, int]:
            returnValue((yield deferred))

        pending: Deferred[int] = Deferred()
        done = work(pending)
        pending.callback(3)
        assert (done.result, work(succeed(4)).result) == (3, 4)

    def test_failureYieldedOrReturned(self) -> None:
        """A Failure that is yielded is raised there; one that is returned is the failure of the whole."""
        failure = Failure(ValueError("x"))

        @inlineCallbacks
        def yields() -> Generator[Any, Any, str]:
            try:
                yield failure
            except ValueError:
                return "raised"
            return "?"

        @inlineCallbacks
        def returns() -> Generator[Any, Any, Any]:
            yield None
            return failure

        assert yields().result == "raised"
        assert reason(returns()) is failure.value

    def test_noGenerator(self) -> None:
        """A function that returns no generator is told so when it is called."""

        @inlineCallbacks  # type: ignore[arg-type]
        def work() -> int:
            return 5

        with pytest.raises(TypeError, match="to produce a generator; instead got 5"):
            work()

    def test_argumentsAndMetadata(self) -> None:
        """The decorated function takes the arguments of the original, and has its name and docstring."""

        class Worker:
            @inlineCallbacks
            def work(self, first: int, *, second: int) -> Generator[Any, Any, int]:
                """Add."""
                yield None
                return first + second

        assert Worker().work(1, second=2).result == 3
        assert (Worker.work.__name__, Worker.work.__doc__) == ("work", "Add.")

    def test_yieldFrom(self) -> None:
        """``yield from`` a Deferred, or a generator that yields them, works."""

        def part() -> Generator[Any, Any, Any]:
            return (yield succeed(1)) + (yield from succeed(2))

        @inlineCallbacks
        def work() -> Generator[Any, Any, int]:
            return (yield from part()) + 1

        assert work().result == 4

    def test_caughtCancellation(self) -> None:
        """A generator that catches `CancelledError` may go on to wait for something else."""
        second: Deferred[str] = Deferred()

        @inlineCallbacks
        def work() -> Generator[Any, Any, Any]:
            try:
                yield Deferred()
            except CancelledError:
                pass
            return (yield second)

        done = work()
        done.cancel()
        assert not done.called
        second.callback("went on")
        assert done.result == "went on"


class TestCoroutines:
    """What only coroutines do."""

    def test_nested(self) -> None:
        """Coroutines await each other as everywhere."""

        async def inner(deferred: Deferred[int]) -> int:
            return await deferred + 1

        async def outer(deferred: Deferred[int]) -> int:
            return await inner(deferred) + await ensureDeferred(inner(succeed(10)))

        pending: Deferred[int] = Deferred()
        done = Deferred.fromCoroutine(outer(pending))
        pending.callback(1)
        assert done.result == 13

    def test_ensureDeferred(self) -> None:
        """`ensureDeferred` runs a coroutine or generator, and returns a Deferred as it is."""

        async def work() -> int:
            return await succeed(1)

        def old() -> Generator[Any, Any, Any]:
            return (yield succeed(2))

        ready = succeed(3)
        assert ensureDeferred(work()).result == 1
        assert ensureDeferred(old()).result == 2
        assert ensureDeferred(ready) is ready

    def test_notACoroutine(self) -> None:
        """Anything else is refused with what it was: the function instead of its coroutine, for instance."""

        async def work() -> None: ...

        with pytest.raises(NotACoroutineError, match=r"work.*is not a coroutine or a Deferred"):
            ensureDeferred(work)  # type: ignore[arg-type]
        with pytest.raises(NotACoroutineError, match="5 is not a coroutine"):
            Deferred.fromCoroutine(5)  # type: ignore[arg-type]

    def test_foreignAwaitable(self) -> None:
        """A coroutine may await an object whose ``__await__`` yields Deferreds."""

        class Twice:
            def __await__(self) -> Generator[Any, Any, int]:
                first = yield from pending.__await__()
                second = yield from succeed(1)
                return first + second

        async def work(it: Awaitable[int]) -> int:
            return await it

        pending: Deferred[int] = Deferred()
        done = Deferred.fromCoroutine(work(Twice()))
        pending.callback(5)
        assert done.result == 6

    def test_bareYieldWithoutALoop(self) -> None:
        """A bare ``yield`` in a coroutine, where no asyncio loop runs, goes on at once."""

        @coroutine
        def breathe() -> Generator[None, None, str]:
            yield
            return "on"

        async def work() -> str:
            return await breathe()

        assert Deferred.fromCoroutine(work()).result == "on"

    def test_awaitedByItsOwnCallback(self) -> None:
        """A coroutine started in a Deferred's callback may await that Deferred: it gets the later result."""
        deferred: Deferred[int] = Deferred()
        done: list[Deferred[int]] = []

        async def work() -> int:
            return await deferred

        def start(number: int) -> int:
            done.append(Deferred.fromCoroutine(work()))
            return number

        deferred.addCallback(start)
        deferred.addCallback(lambda n: n + 1)
        deferred.callback(1)
        assert done[0].result == 2

    def test_exceptionGroup(self) -> None:
        """``except*`` sees what a Deferred fails with."""
        seen: list[Any] = []

        async def work() -> None:
            try:
                await fail(ExceptionGroup("g", [ValueError(1), KeyError(2)]))
            except* ValueError as group:
                seen.extend(group.exceptions)

        error = reason(Deferred.fromCoroutine(work()))
        assert [type(each) for each in seen] == [ValueError]
        assert [type(each) for each in error.exceptions] == [KeyError]


class TestContextVariables:
    """contextvars, in coroutines and in callbacks."""

    name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")

    def test_eachStrandHasItsOwn(self) -> None:
        """What a coroutine or generator sets, it keeps over waits, and nobody else sees."""

        async def first(gate: Deferred[None]) -> str:
            self.name.set("first")
            await gate
            return self.name.get()

        @inlineCallbacks
        def second(gate: Deferred[None]) -> Generator[Any, Any, str]:
            self.name.set("second")
            yield gate
            return self.name.get()

        gates: list[Deferred[None]] = [Deferred(), Deferred()]
        done = [Deferred.fromCoroutine(first(gates[0])), second(gates[1])]
        assert self.name.get() == "nobody"
        for gate in gates:
            gate.callback(None)
        assert [each.result for each in done] == ["first", "second"]
        assert self.name.get() == "nobody"

    def test_inherited(self) -> None:
        """A strand starts with the context of its caller."""

        async def work() -> str:
            return self.name.get()

        def caller() -> Deferred[str]:
            self.name.set("caller")
            return Deferred.fromCoroutine(work())

        assert contextvars.copy_context().run(caller).result == "caller"

    def test_reset(self) -> None:
        """A token from before a wait is good after it."""

        @inlineCallbacks
        def work(gate: Deferred[None]) -> Generator[Any, Any, str]:
            token = self.name.set("set")
            yield gate
            self.name.reset(token)
            return self.name.get()

        gate: Deferred[None] = Deferred()
        done = work(gate)
        gate.callback(None)
        assert done.result == "nobody"

    def test_callbacksSeeTheirAddersContext(self) -> None:
        """A callback that waits for the result runs in a copy of the context in which it was added."""
        seen: list[str] = []
        deferred: Deferred[None] = Deferred()

        def add(who: str) -> None:
            self.name.set(who)
            deferred.addCallback(lambda _: seen.append(self.name.get()))
            deferred.addCallbacks(lambda _: seen.append(self.name.get()), None)
            deferred.addBoth(lambda _, extra: seen.append(self.name.get() + extra), "!")

        contextvars.Context().run(add, "one")
        contextvars.Context().run(add, "two")
        contextvars.Context().run(deferred.callback, None)
        assert seen == ["one", "one", "one!", "two", "two", "two!"]

    def test_errbacksSeeTheirAddersContext(self) -> None:
        """So does an errback."""
        seen: list[str] = []
        deferred: Deferred[None] = Deferred()

        def add() -> None:
            self.name.set("adder")
            deferred.addErrback(lambda _, extra: seen.append(self.name.get() + extra), extra="!")

        contextvars.Context().run(add)
        deferred.errback(ValueError())
        assert seen == ["adder!"]

    def test_nothingIsKeptOfAnEmptyContext(self) -> None:
        """In an empty context nothing is captured, and the callback runs in that of who fires."""
        seen: list[str] = []
        deferred: Deferred[None] = Deferred()
        contextvars.Context().run(deferred.addCallback, lambda _: seen.append(self.name.get()))
        assert deferred._callbacks is not None
        assert deferred._callbacks[0][2] is None

        def fire() -> None:
            self.name.set("who fires")
            deferred.callback(None)

        contextvars.Context().run(fire)
        assert seen == ["who fires"]
