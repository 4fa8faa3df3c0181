"""A Deferred whose callback returns another that fires later; a callback follows on both."""

from __future__ import annotations

from stopwatch import load, report

Deferred = load("internet.defer").Deferred


def keep(result: object) -> object:
    return result


def once() -> None:
    inner = Deferred()
    outer = Deferred()
    outer.addCallback(lambda _: inner)
    outer.addCallback(keep)
    outer.callback(None)
    inner.addCallback(keep)
    inner.callback(None)


report(once)
