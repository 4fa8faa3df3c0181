"""A coroutine that awaits ten Deferreds, each fired only after it began to wait."""

from __future__ import annotations

from stopwatch import load, report

Deferred = load("internet.defer").Deferred
fromCoroutine = Deferred.fromCoroutine


async def wait(deferreds: list[object]) -> None:
    for deferred in deferreds:
        await deferred  # type: ignore[misc]  # a Deferred, of whichever package is under test


def once() -> None:
    deferreds = [Deferred() for _ in range(10)]
    fromCoroutine(wait(deferreds))
    for deferred in deferreds:
        deferred.callback(None)


report(once)
