"""P61: a client that trusts one certificate, for one host, which need not be the one that it connects to."""

import sys
from pathlib import Path

from ropewalk.internet import defer, ssl, task
from ropewalk.internet.endpoints import SSL4ClientEndpoint, connectProtocol
from ropewalk.internet.protocol import Protocol


class Ask(Protocol):
    def connectionMade(self):
        self.done = defer.Deferred()
        self.transport.write(b"hello over TLS")

    def dataReceived(self, data):
        print(data.decode())
        self.transport.loseConnection()

    def connectionLost(self, reason):
        self.done.callback(None)


@defer.inlineCallbacks
def main(reactor, port=8000, folder=".", host="example.com"):
    authority = ssl.Certificate.loadPEM((Path(folder) / "public.pem").read_bytes())
    options = ssl.optionsForClientTLS(host, authority)
    asking = yield connectProtocol(SSL4ClientEndpoint(reactor, "localhost", int(port), options), Ask())
    yield asking.done


task.react(main, sys.argv[1:])
