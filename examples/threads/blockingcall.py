"""P93: a thread asks the reactor to do something, and blocks until it is done.

Here: fetch a line from a TCP server. What the function raises, or its Deferred fails with, is raised in the thread.
"""

import sys

from ropewalk.internet import defer, endpoints, protocol, reactor, threads
from ropewalk.internet.error import ConnectError
from ropewalk.protocols.basic import LineOnlyReceiver


class FirstLine(LineOnlyReceiver):
    def __init__(self):
        self.line = defer.Deferred()

    def lineReceived(self, line):
        if self.line is not None:
            waiting, self.line = self.line, None
            waiting.callback(line.decode())
            self.transport.loseConnection()

    def connectionLost(self, reason=protocol.connectionDone):
        if self.line is not None:
            self.line.errback(reason)


async def fetchLine(where):
    reader = await endpoints.connectProtocol(endpoints.clientFromString(reactor, where), FirstLine())
    return await reader.line


def inThread():
    try:
        print(threads.blockingCallFromThread(reactor, lambda: defer.ensureDeferred(fetchLine(sys.argv[1]))))
    except ConnectError as problem:
        print("could not connect:", problem)
    finally:
        sys.stdout.flush()
        reactor.callFromThread(reactor.stop)


reactor.callInThread(inThread)
reactor.run()
