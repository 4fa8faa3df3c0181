"""P92: the result of a long calculation, fetched from a thread."""

from ropewalk.internet import reactor, threads


def calculate():
    return 3


def show(result):
    print(result, flush=True)
    reactor.stop()


threads.deferToThread(calculate).addCallback(show)
reactor.run()
