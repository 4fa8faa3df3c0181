"""P88: call a function later, and have its result as a Deferred."""

import sys

from ropewalk.internet import reactor, task

delay = float(sys.argv[1]) if len(sys.argv) > 1 else 3.5


def compose(what):
    return f"This will run {delay:g} seconds after it was scheduled: {what}"


def tell(text):
    print(text, flush=True)


task.deferLater(reactor, delay, compose, "hello, world").addCallback(tell)
reactor.run()
