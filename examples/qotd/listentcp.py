"""P19: the same service without endpoints: the reactor listens itself."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import Factory, Protocol


class Quote(Protocol):
    def connectionMade(self):
        self.transport.write(self.factory.quote + b"\r\n")
        self.transport.loseConnection()


class QuoteFactory(Factory):
    protocol = Quote

    def __init__(self, quote):
        self.quote = quote


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8007
reactor.listenTCP(port, QuoteFactory(b"configurable quote"))
reactor.run()
