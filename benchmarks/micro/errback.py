"""A callback that raises, and the errback that takes the failure."""

from __future__ import annotations

from stopwatch import load, report

Deferred = load("internet.defer").Deferred


def fail(result: object) -> object:
    raise ValueError("benchmark")


def recover(failure: object) -> None:
    return None


def once() -> None:
    deferred = Deferred()
    deferred.addCallback(fail)
    deferred.addErrback(recover)
    deferred.callback(None)


report(once)
