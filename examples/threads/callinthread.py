"""P91: run a blocking function in a thread when its result does not matter."""

import sys
import time

from ropewalk.internet import reactor

delay = float(sys.argv[1]) if len(sys.argv) > 1 else 2


def block(message):
    time.sleep(delay)
    print(message, flush=True)


reactor.callInThread(block, f"{delay:g} seconds have passed")
reactor.run()
