"""P79: a Deferred stands for a result that is not there yet; a callback waits for it."""

import sys

from ropewalk.internet import defer, reactor

second = float(sys.argv[1]) if len(sys.argv) > 1 else 1


def getDummyData(number):
    """Three times the number, two seconds from now."""
    print("getDummyData called", flush=True)
    result = defer.Deferred()
    reactor.callLater(2 * second, result.callback, number * 3)
    return result


def printData(data):
    print(f"Result received: {data}", flush=True)


getDummyData(3).addCallback(printData)
reactor.callLater(4 * second, reactor.stop)
print("Starting the reactor", flush=True)
reactor.run()
