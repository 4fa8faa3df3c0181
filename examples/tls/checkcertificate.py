"""P62: connect to a server, and print whose certificate it shows, or why that won't do."""

import sys

from ropewalk.internet import defer, error, ssl, task
from ropewalk.internet.endpoints import SSL4ClientEndpoint, connectProtocol
from ropewalk.internet.protocol import Protocol


class Show(Protocol):
    def connectionMade(self):
        self.done = defer.Deferred()
        self.transport.write(b"GET / HTTP/1.0\r\n\r\n")

    def dataReceived(self, data):
        # Only a peer that has proved who it is gets here.
        print("OK:", ssl.Certificate(self.transport.getPeerCertificate()))
        self.transport.abortConnection()

    def connectionLost(self, reason):
        print("Lost.")
        if not reason.check(error.ConnectionClosed):
            print("BAD:", reason.value)
        self.done.callback(None)


@defer.inlineCallbacks
def main(reactor, host, port=443):
    endpoint = SSL4ClientEndpoint(reactor, host, int(port), ssl.optionsForClientTLS(host))
    showing = yield connectProtocol(endpoint, Show())
    yield showing.done


task.react(main, sys.argv[1:])
