"""A Deferred made, given three callbacks, and fired."""

from __future__ import annotations

from stopwatch import load, report

Deferred = load("internet.defer").Deferred


def keep(result: object) -> object:
    return result


def once() -> None:
    deferred = Deferred()
    deferred.addCallback(keep)
    deferred.addCallback(keep)
    deferred.addCallback(keep)
    deferred.callback(None)


report(once)
