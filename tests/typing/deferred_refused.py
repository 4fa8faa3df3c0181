"""What type checkers must refuse about Deferreds: each line that says so, and no other, is an error for mypy."""

from __future__ import annotations

from collections.abc import Generator

from ropewalk.internet.defer import Deferred, DeferredQueue, inlineCallbacks, maybeDeferred, succeed
from ropewalk.python.failure import Failure


def text(number: int) -> str:
    return str(number)


def size(name: str) -> int:
    return len(name)


def recover(failure: Failure) -> bytes:
    return b""


@inlineCallbacks
def generator(number: int) -> Generator[Deferred[int], int, str]:
    yield succeed(number)
    return ""


def refused(d: Deferred[int], queue: DeferredQueue[int]) -> None:
    d.callback("text")  # refused: arg-type
    d.addCallback(size)  # refused: call-overload
    d.addCallback(text, "one too many")  # refused: call-overload
    d.addErrback(text)  # refused: call-overload
    d.addBoth(recover)  # refused: call-overload
    d.errback("text")  # refused: arg-type
    queue.put("text")  # refused: arg-type
    generator("text")  # refused: arg-type
    maybeDeferred(text, "text")  # refused: call-overload
    wrong: Deferred[str] = d.addCallback(lambda number: number + 1)  # refused: call-overload
    del wrong


async def awaiting(d: Deferred[int]) -> str:
    return await d  # refused: return-value
