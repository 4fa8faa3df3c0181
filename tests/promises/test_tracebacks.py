"""Tracebacks tell who awaited whom, in the program's own frames (wish 5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ropewalk.internet import defer, task, threads
from ropewalk.internet.defer import inlineCallbacks
from ropewalk.python.failure import Failure
from support.reactors import run


def boom() -> None:
    raise KeyError("deep")


def inAThread(reactor: Any) -> Any:
    return threads.deferToThreadPool(reactor, reactor.getThreadPool(), boom)


WAYS: list[Callable[[Any], Any]] = [
    lambda reactor: task.deferLater(reactor, 0, boom),
    lambda reactor: defer.maybeDeferred(boom),
    lambda reactor: defer.succeed(None).addCallback(lambda _: boom()),
    inAThread,
]


@pytest.mark.parametrize("way", WAYS, ids=["deferLater", "maybeDeferred", "callback", "thread"])
def test_noFrameOfOursIsShown(reactor: Any, way: Callable[[Any], Any]) -> None:
    """Through generators, coroutines, delayed calls and threads: callers down to the culprit, and nobody between."""

    async def awaits() -> None:
        await way(reactor)

    @inlineCallbacks
    def yields() -> Any:
        yield defer.ensureDeferred(awaits())

    async def main() -> str:
        try:
            await yields()
        except KeyError:
            return Failure().getTraceback()
        raise AssertionError("nothing was raised")

    text = run(reactor, main)
    functions = re.findall(r"File \"(.*)\", line \d+, in (\w+|<lambda>)", text)
    assert [name for _, name in functions if name != "<lambda>"] == ["main", "yields", "awaits", "boom"]
    assert {path for path, _ in functions} == {__file__}
