"""P02, P21: the factory holds what all its connections share; here, the quote itself."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.protocol import Factory, Protocol


class Quote(Protocol):
    def connectionMade(self):
        # The factory that built this protocol has put itself here.
        self.transport.write(self.factory.quote + b"\r\n")
        self.transport.loseConnection()


class QuoteFactory(Factory):
    protocol = Quote

    def __init__(self, quote=b"An apple a day keeps the doctor away"):
        self.quote = quote


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8007
TCP4ServerEndpoint(reactor, port).listen(QuoteFactory(b"configurable quote"))
reactor.run()
