"""P89: call a function again and again, until it stops the loop or fails.

An interval and the word ``fail`` may be given:  python examples/time/loopingcall.py 0.1 fail
"""

import sys

from ropewalk.internet import reactor, task

interval = float(sys.argv[1]) if len(sys.argv) > 1 else 1
failInTheEnd = sys.argv[2:] == ["fail"]
remaining = 3


def runEverySecond():
    global remaining
    if remaining:
        remaining -= 1
        print("A new second has passed.", flush=True)
    elif failInTheEnd:
        raise Exception("Failure during loop execution.")
    else:
        loop.stop()


def done(loop):
    print("Loop done.")
    reactor.stop()


def failed(failure):
    print(failure.getBriefTraceback())
    reactor.stop()


loop = task.LoopingCall(runEverySecond)
loop.start(interval).addCallbacks(done, failed)
reactor.run()
