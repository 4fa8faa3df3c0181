"""P23: a client that says hello, says something again a second later, and leaves after two."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from ropewalk.internet.protocol import Protocol


class Greeter(Protocol):
    def sendMessage(self, message):
        self.transport.write(b"MESSAGE " + message + b"\n")


def greet(greeter):
    greeter.sendMessage(b"Hello")
    reactor.callLater(1, greeter.sendMessage, b"This is sent in a second")
    reactor.callLater(2, greeter.transport.loseConnection)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1234
connectProtocol(TCP4ClientEndpoint(reactor, "localhost", port), Greeter()).addCallback(greet)
reactor.run()
