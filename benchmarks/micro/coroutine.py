"""A coroutine under `Deferred.fromCoroutine` that awaits ten Deferreds which have fired already."""

from __future__ import annotations

from stopwatch import load, report

defer = load("internet.defer")
succeed = defer.succeed
fromCoroutine = defer.Deferred.fromCoroutine


async def wait() -> None:
    for _ in range(10):
        await succeed(None)


report(lambda: fromCoroutine(wait()))
