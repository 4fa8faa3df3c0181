"""P90: a delayed call that is cancelled never runs; the reactor runs on."""

import sys

from ropewalk.internet import reactor

delay = float(sys.argv[1]) if len(sys.argv) > 1 else 5


def neverRun():
    print("I'll never run.", flush=True)


reactor.callLater(delay, neverRun).cancel()
reactor.run()
