"""P70: look a name up without blocking."""

import sys

from ropewalk.internet import reactor

name = sys.argv[1] if len(sys.argv) > 1 else "localhost"
linger = float(sys.argv[2]) if len(sys.argv) > 2 else 3


def found(address):
    print(f"IP of {name!r} is {address}", flush=True)
    reactor.callLater(linger, reactor.stop)


reactor.resolve(name).addCallback(found)
reactor.run()
