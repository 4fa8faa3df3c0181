"""P87: call a function later. It is called only while the reactor runs."""

import sys

from ropewalk.internet import reactor

delay = float(sys.argv[1]) if len(sys.argv) > 1 else 3.5


def tell(what):
    print(f"this will run {delay:g} seconds after it was scheduled: {what}", flush=True)


reactor.callLater(delay, tell, "hello, world")
reactor.run()
