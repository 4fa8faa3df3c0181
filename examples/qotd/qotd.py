"""P01, P20: a quote of the day for whoever connects.

Try it:  python examples/qotd/qotd.py &  nc localhost 8007
"""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.protocol import Factory, Protocol


class Quote(Protocol):
    def connectionMade(self):
        self.transport.write(b"An apple a day keeps the doctor away\r\n")
        self.transport.loseConnection()


class QuoteFactory(Factory):
    """The long way: one protocol is built here for each connection."""

    def buildProtocol(self, addr):
        return Quote()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8007
TCP4ServerEndpoint(reactor, port).listen(QuoteFactory())
reactor.run()
