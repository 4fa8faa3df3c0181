"""Values that a call carries to what it calls."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from ropewalk.python import context


def test_aValueIsInForceDuringTheCall() -> None:
    """`get` finds it inside, deeper inside, and no longer afterwards; arguments and result pass through."""

    def inner(argument: int, *, keyword: int) -> tuple[object, ...]:
        nested = context.call({"b": 3}, lambda: (context.get("a"), context.get("b")))
        return context.get("a"), context.get("b"), nested, argument, keyword

    assert context.call({"a": 1, "b": 2}, inner, 4, keyword=5) == (1, 2, (1, 3), 4, 5)
    assert context.get("a") is None
    assert context.get("a", "default") == "default"


def test_anExceptionEndsIt() -> None:
    """A call that raises leaves nothing in force."""
    with pytest.raises(ZeroDivisionError):
        context.call({"a": 1}, lambda: 1 // 0)
    assert context.get("a") is None


def test_defaultsHoldEverywhere() -> None:
    """`setDefault` is what `get` finds outside every call, and inside those that say nothing of the key."""
    key = object()
    context.setDefault(key, "default")
    try:
        assert context.get(key) == "default"
        assert context.call({"a": 1}, context.get, key) == "default"
        assert context.call({key: "other"}, context.get, key) == "other"
    finally:
        del context.defaultContextDict[key]


def test_threadsHaveTheirOwn() -> None:
    """A thread does not see what a call in another one carries, unless it runs in its context."""
    seen: list[object] = []

    def look() -> None:
        for target in (
            lambda: seen.append(context.get("a")),
            lambda: copied.run(lambda: seen.append(context.get("a"))),
        ):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()

    copied = contextvars.copy_context()
    context.call({"a": 1}, lambda: (copied.run(lambda: None), look()))
    assert seen == [None, None]
    context.call({"a": 1}, lambda: seen.append(contextvars.copy_context().run(context.get, "a")))
    assert seen[-1] == 1


def test_tasksHaveTheirOwn() -> None:
    """A coroutine started inside a call keeps its context across its waits, beside others."""

    async def ask() -> object:
        await asyncio.sleep(0)
        return context.get("who")

    async def main() -> list[object]:
        tasks = [context.call({"who": name}, asyncio.ensure_future, ask()) for name in ("a", "b")]
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == ["a", "b"]


def test_trackersCanBeReplaced() -> None:
    """`installContextTracker` makes `call` and `get` another tracker's."""
    before, mine = context.theContextTracker, context.ThreadedContextTracker()
    try:
        context.installContextTracker(mine)
        assert context.theContextTracker is mine
        assert context.call({"a": 1}, mine.getContext, "a") == 1
        assert context.call({"a": 1}, before.getContext, "a") is None
    finally:
        context.installContextTracker(before)


def test_aTrackerShowsItsContexts() -> None:
    """The dictionaries in force are there, the innermost last."""
    tracker = context.ThreadedContextTracker().currentContext()
    assert tracker.contexts == [context.defaultContextDict]
    assert tracker.callWithContext({"a": 1}, lambda: tracker.contexts[-1]) == {"a": 1}
