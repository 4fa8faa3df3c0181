"""What type checkers make of Deferreds. Not run: `test_typing_defer` gives it to mypy, which must find nothing."""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections.abc import Coroutine, Generator
from typing import Any, assert_type

from ropewalk.internet.defer import (
    Deferred,
    DeferredLock,
    DeferredQueue,
    DeferredSemaphore,
    ensureDeferred,
    execute,
    fail,
    gatherResults,
    inlineCallbacks,
    maybeDeferred,
    race,
    succeed,
)
from ropewalk.internet.interfaces import IReactorTime
from ropewalk.python.failure import Failure


def text(number: int) -> str:
    return str(number)


def textLater(number: int) -> Deferred[str]:
    return succeed(str(number))


def textSomehow(number: int) -> str | Deferred[str]:
    return str(number)


def textOrFailure(number: int) -> str | Failure:
    return str(number)


def textWith(number: int, prefix: str, *, suffix: str = "") -> str:
    return prefix + str(number) + suffix


def recover(failure: Failure) -> bytes:
    return b""


def recoverLater(failure: Failure) -> Deferred[bytes]:
    return succeed(b"")


def passOn(failure: Failure) -> Failure:
    return failure


def either(result: int | Failure) -> str:
    return ""


async def coroutine(number: int) -> str:
    return str(number)


def callbacks(d: Deferred[int]) -> None:
    assert_type(d.addCallback(text), Deferred[str])
    assert_type(d.addCallback(textLater), Deferred[str])
    assert_type(d.addCallback(textSomehow), Deferred[str])
    assert_type(d.addCallback(textOrFailure), Deferred[str])
    assert_type(d.addCallback(textWith, "a", suffix="b"), Deferred[str])
    assert_type(d.addCallback(lambda number: number + 1), Deferred[int])
    assert_type(d.addCallback(print), Deferred[None])
    # A coroutine is a value like others: `maybeDeferred` and `ensureDeferred` run one.
    assert_type(d.addCallback(coroutine), Deferred[Coroutine[Any, Any, str]])
    assert_type(d.addCallback(text).addCallback(len), Deferred[int])


def errbacks(d: Deferred[int]) -> None:
    assert_type(d.addErrback(recover), Deferred[int | bytes])
    assert_type(d.addErrback(recoverLater), Deferred[int | bytes])
    assert_type(d.addErrback(lambda failure: failure.getErrorMessage()), Deferred[int | str])
    assert_type(d.addBoth(either), Deferred[str])
    assert_type(d.addCallbacks(text), Deferred[str])
    assert_type(d.addCallbacks(text, recover), Deferred[str | bytes])
    assert_type(d.addCallbacks(textLater, recoverLater), Deferred[str | bytes])
    assert_type(d.addCallbacks(None, recover), Deferred[int | bytes])
    d.addErrback(passOn)


def making() -> None:
    assert_type(succeed(1), Deferred[int])
    assert_type(fail(ValueError()), Deferred[Any])
    assert_type(maybeDeferred(text, 1), Deferred[str])
    assert_type(maybeDeferred(textLater, 1), Deferred[str])
    assert_type(maybeDeferred(coroutine, 1), Deferred[str])
    assert_type(execute(text, 1), Deferred[str])
    assert_type(ensureDeferred(coroutine(1)), Deferred[str])
    assert_type(ensureDeferred(succeed(1)), Deferred[int])
    assert_type(Deferred.fromCoroutine(coroutine(1)), Deferred[str])


def several(ds: list[Deferred[int]]) -> None:
    assert_type(gatherResults(ds), Deferred[list[int]])
    assert_type(race(ds), Deferred[tuple[int, int]])


def onTimeout(outcome: int | Failure, limit: float) -> str:
    return ""


def limited(d: Deferred[int], clock: IReactorTime) -> None:
    assert_type(d.addTimeout(1, clock), Deferred[int])
    assert_type(d.addTimeout(1, clock, onTimeout), Deferred[int | str])


async def awaiting(d: Deferred[int], future: Future[str]) -> None:
    assert_type(await d, int)
    assert_type(await d.addCallback(text), str)
    assert_type(await Deferred.fromFuture(future), str)
    assert_type(d.asFuture(get_running_loop()), Future[int])


@inlineCallbacks
def generator(number: int, *, suffix: str) -> Generator[Deferred[int], int, str]:
    got = yield succeed(number)
    return f"{got}{suffix}"


assert_type(generator(1, suffix=""), Deferred[str])


async def turns(lock: DeferredLock, semaphore: DeferredSemaphore, queue: DeferredQueue[int]) -> None:
    assert_type(await lock.acquire(), DeferredLock)
    async with semaphore as held:
        assert_type(held, DeferredSemaphore)
    assert_type(lock.run(text, 1), Deferred[str])
    assert_type(await queue.get(), int)


class Request(Deferred[bytes]):
    """A subclass with its own type of result."""


assert_type(Request().addCallback(len), Deferred[int])
