"""A delayed call made and cancelled a turn later, while 100,000 others are pending: an idle timeout that is renewed.

A hundred are renewed in each turn of the reactor, 100,000 in a batch: cancelled calls that linger are paid for.
"""

from __future__ import annotations

from stopwatch import load, report

reactor = load("internet.reactor")
callLater = reactor.callLater


def nothing() -> None:
    return None


def once() -> None:
    calls = [callLater(60 + number / 7, nothing) for number in range(100)]
    reactor.iterate(0)
    for call in calls:
        call.cancel()


for number in range(100_000):
    callLater(3600 + number % 997, nothing)
reactor.iterate(0)
report(once, each=100, batch=1000)
