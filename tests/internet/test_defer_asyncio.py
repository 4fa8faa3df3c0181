"""Deferreds and asyncio on one loop: each awaits the other's, and cancelling crosses over."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, TypeVar

import pytest

from ropewalk.internet.defer import CancelledError, Deferred, ensureDeferred, inlineCallbacks, succeed

T = TypeVar("T")


def inLoop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test under ``asyncio.run``: as a plain asyncio task."""

    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


async def turns(count: int = 3) -> None:
    """Let the loop turn a few times."""
    for _ in range(count):
        await asyncio.sleep(0)


def outcome(deferred: Deferred[T]) -> list[Any]:
    """A list that gets the Deferred's result, or the exception of its failure."""
    got: list[Any] = []
    deferred.addCallbacks(got.append, lambda failure: got.append(failure.value))
    return got


class TestFutures:
    """`Deferred.asFuture` and `Deferred.fromFuture`."""

    @inLoop
    async def test_resultOfAFuture(self) -> None:
        """A Deferred made from a future fires with its result."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        got = outcome(Deferred.fromFuture(future))
        future.set_result(7)
        await turns()
        assert got == [7]

    @inLoop
    async def test_exceptionOfAFuture(self) -> None:
        """A Deferred made from a future fails with its exception."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        got = outcome(Deferred.fromFuture(future))
        error = ValueError("no")
        future.set_exception(error)
        await turns()
        assert got == [error]

    @inLoop
    async def test_cancellingCancelsTheFuture(self) -> None:
        """Cancelling a Deferred made from a future cancels the future, and the Deferred fails as the future does."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        deferred = Deferred.fromFuture(future)
        got = outcome(deferred)
        deferred.cancel()
        assert future.cancelled()
        await turns()
        assert [type(each) for each in got] == [asyncio.CancelledError]

    @inLoop
    async def test_futureOfADeferred(self) -> None:
        """A future made from a Deferred has its result, and the Deferred has None from then on."""
        deferred: Deferred[int] = Deferred()
        future = deferred.asFuture(asyncio.get_running_loop())
        deferred.callback(3)
        assert await future == 3
        assert deferred.result is None

    @inLoop
    async def test_futureOfAFailedDeferred(self) -> None:
        """A future made from a Deferred fails with the exception."""
        deferred: Deferred[int] = Deferred()
        future = deferred.asFuture(asyncio.get_running_loop())
        deferred.errback(ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            await future

    @inLoop
    async def test_cancellingTheFutureCancels(self) -> None:
        """Cancelling a future made from a Deferred cancels the Deferred."""
        cancelled: list[object] = []
        deferred: Deferred[int] = Deferred(cancelled.append)
        future = deferred.asFuture(asyncio.get_running_loop())
        future.cancel()
        await turns()
        assert cancelled == [deferred]


class TestTaskAwaitsDeferred:
    """A Deferred in a plain asyncio task."""

    @inLoop
    async def test_fired(self) -> None:
        """A task awaits a Deferred that has fired."""
        assert await succeed(5) == 5

    @inLoop
    async def test_pending(self) -> None:
        """A task awaits a Deferred that fires later."""
        deferred: Deferred[str] = Deferred()
        asyncio.get_running_loop().call_soon(deferred.callback, "later")
        assert await deferred == "later"

    @inLoop
    async def test_failing(self) -> None:
        """What a Deferred fails with is raised in the task that awaits it."""
        deferred: Deferred[str] = Deferred()
        asyncio.get_running_loop().call_soon(deferred.errback, KeyError("k"))
        with pytest.raises(KeyError):
            await deferred

    @inLoop
    async def test_cancellingTheTaskCancelsTheDeferred(self) -> None:
        """Cancelling a task cancels the Deferred it awaits."""
        cancelled: list[object] = []
        deferred: Deferred[str] = Deferred(cancelled.append)

        async def wait() -> str:
            return await deferred

        task = asyncio.create_task(wait())
        await turns()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert cancelled == [deferred]

    @inLoop
    async def test_timeoutReachesTheDeferred(self) -> None:
        """``asyncio.timeout`` in a task cancels the Deferred that is awaited in it."""
        deferred: Deferred[str] = Deferred()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await deferred
        assert deferred.called

    @inLoop
    async def test_gatherMixesBoth(self) -> None:
        """``asyncio.gather`` takes Deferreds beside coroutines."""
        later: Deferred[int] = Deferred()

        async def fire() -> int:
            later.callback(1)
            return 2

        async def wait(awaitable: Awaitable[int]) -> int:
            return await awaitable

        assert list(await asyncio.gather(wait(later), fire(), wait(succeed(3)))) == [1, 2, 3]


class TestStrandAwaitsAsyncio:
    """asyncio's futures, tasks and coroutines in a coroutine that a Deferred runs."""

    @inLoop
    async def test_sleep(self) -> None:
        """``asyncio.sleep`` works, with and without a time to sleep."""

        async def work() -> str:
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
            return "awake"

        assert await Deferred.fromCoroutine(work()) == "awake"

    @inLoop
    async def test_future(self) -> None:
        """A coroutine awaits a future and gets its result or its exception."""
        loop = asyncio.get_running_loop()
        good: asyncio.Future[int] = loop.create_future()
        bad: asyncio.Future[int] = loop.create_future()
        loop.call_soon(good.set_result, 1)
        loop.call_soon(bad.set_exception, ValueError("bad"))

        async def work() -> int:
            value = await good
            with pytest.raises(ValueError, match="bad"):
                await bad
            return value

        assert await Deferred.fromCoroutine(work()) == 1

    @inLoop
    async def test_taskAndQueue(self) -> None:
        """Tasks, queues and events of asyncio work in a coroutine that a Deferred runs."""
        queue: asyncio.Queue[int] = asyncio.Queue()

        async def produce() -> None:
            for number in range(3):
                await queue.put(number)
                await asyncio.sleep(0)

        async def work() -> list[int]:
            task = asyncio.create_task(produce())
            got = [await queue.get() for _ in range(3)]
            await task
            return got

        assert await Deferred.fromCoroutine(work()) == [0, 1, 2]

    @inLoop
    async def test_generatorYieldsFutures(self) -> None:
        """A generator under `inlineCallbacks` yields futures and tasks as it yields Deferreds."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        loop.call_soon(future.set_result, 4)

        @inlineCallbacks
        def work() -> Generator[Any, Any, list[int]]:
            first = yield future
            second = yield asyncio.create_task(asyncio.sleep(0, 5))
            third = yield succeed(6)
            return [first, second, third]

        assert await work() == [4, 5, 6]

    @inLoop
    async def test_cancelReachesTheFuture(self) -> None:
        """Cancelling the Deferred of a coroutine cancels the future it awaits; it fails with our `CancelledError`."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def work() -> int:
            return await future

        deferred = Deferred.fromCoroutine(work())
        got = outcome(deferred)
        deferred.cancel()
        assert future.cancelled()
        await turns()
        assert [type(each) for each in got] == [CancelledError]

    @inLoop
    async def test_cancelIsSeenByTheCoroutine(self) -> None:
        """A coroutine that awaits a future sees asyncio's ``CancelledError`` when it is cancelled, and may go on."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def work() -> str:
            try:
                await future
            except asyncio.CancelledError:
                return "tidied up"
            return "not cancelled"

        deferred = Deferred.fromCoroutine(work())
        deferred.cancel()
        assert await deferred == "tidied up"

    @inLoop
    async def test_asyncGeneratorsAreAwaitable(self) -> None:
        """``async for`` over an asynchronous generator that awaits both worlds works."""

        async def numbers() -> Any:
            yield await succeed(1)
            await asyncio.sleep(0)
            yield 2

        async def work() -> list[int]:
            return [number async for number in numbers()]

        assert await Deferred.fromCoroutine(work()) == [1, 2]


class TestCurrentTask:
    """What asyncio's libraries ask of the task they run in."""

    @inLoop
    async def test_thereIsOne(self) -> None:
        """``current_task()`` in a coroutine that a Deferred runs is the same throughout, and not the caller's."""
        caller = asyncio.current_task()
        seen: list[object] = []

        async def work() -> None:
            seen.append(asyncio.current_task())
            await asyncio.sleep(0)
            seen.append(asyncio.current_task())

        deferred = Deferred.fromCoroutine(work())
        assert asyncio.current_task() is caller
        await deferred
        assert asyncio.current_task() is caller
        assert seen[0] is seen[1] is not None
        assert seen[0] is not caller

    @inLoop
    async def test_timeoutAroundAFuture(self) -> None:
        """``asyncio.timeout`` works around asyncio's things."""

        async def work() -> str:
            try:
                async with asyncio.timeout(0.001):
                    await asyncio.get_running_loop().create_future()
            except TimeoutError:
                return "timed out"
            return "?"

        assert await Deferred.fromCoroutine(work()) == "timed out"

    @inLoop
    async def test_timeoutAroundADeferred(self) -> None:
        """``asyncio.timeout`` works around a Deferred, too: the Deferred is cancelled."""
        pending: Deferred[None] = Deferred()

        async def work() -> str:
            try:
                async with asyncio.timeout(0.001):
                    await pending
            except TimeoutError:
                return "timed out"
            return "?"

        assert await Deferred.fromCoroutine(work()) == "timed out"
        assert pending.called

    @inLoop
    async def test_timeoutAroundAnotherStrand(self) -> None:
        """``asyncio.timeout`` reaches through a Deferred into the coroutine behind it."""
        events: list[str] = []

        async def inner() -> None:
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                events.append("inner cancelled")
                raise

        async def work() -> None:
            try:
                async with asyncio.timeout(0.001):
                    await ensureDeferred(inner())
            except TimeoutError:
                events.append("timed out")

        await Deferred.fromCoroutine(work())
        assert events == ["inner cancelled", "timed out"]

    @inLoop
    async def test_timeoutThatIsNotReached(self) -> None:
        """``asyncio.timeout`` leaves alone what is done in time, and ends with it."""

        async def work() -> str:
            async with asyncio.timeout(100):
                await asyncio.sleep(0)
            return "in time"

        assert await Deferred.fromCoroutine(work()) == "in time"

    @inLoop
    async def test_waitFor(self) -> None:
        """``asyncio.wait_for`` works on a coroutine that awaits a Deferred."""

        async def never() -> None:
            await Deferred()

        async def work() -> str:
            try:
                await asyncio.wait_for(never(), 0.001)
            except TimeoutError:
                return "timed out"
            return "?"

        assert await Deferred.fromCoroutine(work()) == "timed out"

    @inLoop
    async def test_taskGroup(self) -> None:
        """A ``TaskGroup`` in a coroutine that a Deferred runs waits for its tasks."""

        async def double(number: int) -> int:
            await asyncio.sleep(0)
            return await succeed(2 * number)

        async def work() -> list[int]:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(double(number)) for number in range(3)]
            return [task.result() for task in tasks]

        assert await Deferred.fromCoroutine(work()) == [0, 2, 4]

    @inLoop
    async def test_taskGroupFails(self) -> None:
        """A task that fails cancels the rest of its group and the coroutine that awaits within it."""
        waited: Deferred[None] = Deferred()

        async def bad() -> None:
            raise ValueError("bad")

        async def work() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(bad())
                await waited

        with pytest.raises(ExceptionGroup) as caught:
            await Deferred.fromCoroutine(work())
        assert [type(each) for each in caught.value.exceptions] == [ValueError]
        assert waited.called

    @inLoop
    async def test_cancelledWhileItRuns(self) -> None:
        """A coroutine that cancels its own task is cancelled at what it awaits next."""

        async def work() -> str:
            task = asyncio.current_task()
            assert task is not None
            task.cancel("enough")
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                return f"cancelled, {task.cancelling()} request"
            return "?"

        assert await Deferred.fromCoroutine(work()) == "cancelled, 1 request"

    @inLoop
    async def test_taskStartedInside(self) -> None:
        """A task created by a coroutine that a Deferred runs is a task of its own, and may await Deferreds."""
        later: Deferred[int] = Deferred()

        async def child() -> tuple[object, int]:
            return asyncio.current_task(), await later

        async def work() -> bool:
            task = asyncio.create_task(child())
            asyncio.get_running_loop().call_soon(later.callback, 1)
            current, value = await task
            return current is task and value == 1

        assert await Deferred.fromCoroutine(work())

    @inLoop
    async def test_itEndsWithTheStrand(self) -> None:
        """The stand-in for the task says when its coroutine has ended, and calls who wants to know."""
        seen: list[Any] = []

        async def work() -> None:
            task = asyncio.current_task()
            assert task is not None
            task.add_done_callback(seen.append)
            seen.append(task)

        await Deferred.fromCoroutine(work())
        await turns()
        assert seen[0] is seen[1]
        assert seen[0].done()
        assert seen[0].cancel() is False


@inLoop
async def test_contextVariablesFollowAcrossAsyncio() -> None:
    """A coroutine keeps its context variables over asyncio's waits, and ``reset`` works after them."""
    name = contextvars.ContextVar("name", default="nobody")

    async def work() -> list[str]:
        token = name.set("inside")
        await asyncio.sleep(0)
        seen = [name.get()]
        await succeed(None)
        name.reset(token)
        return [*seen, name.get()]

    assert await Deferred.fromCoroutine(work()) == ["inside", "nobody"]
    assert name.get() == "nobody"


def test_asyncioIsNotImported() -> None:
    """Using Deferreds and coroutines imports asyncio nowhere; awaiting without it works."""
    program = """
import sys
before = {*sys.modules}
from ropewalk.internet import defer
async def work():
    return await waited
waited = defer.Deferred()
done = defer.ensureDeferred(work())
waited.callback(1)
assert done.result == 1
heavy = {"asyncio", "typing", "re", "traceback", "linecache", "inspect", "dataclasses", "zope.interface", "logging"}
loaded = heavy & set(sys.modules) - before
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{program}"], check=True)
