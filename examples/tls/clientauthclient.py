"""P66: a client that shows a certificate of its own."""

import sys
from pathlib import Path

from ropewalk.internet import defer, ssl, task
from ropewalk.internet.endpoints import SSL4ClientEndpoint, connectProtocol
from ropewalk.internet.protocol import Protocol


class Ask(Protocol):
    def connectionMade(self):
        self.done = defer.Deferred()
        self.transport.write(b"hello, it is me")

    def dataReceived(self, data):
        print(data.decode())
        self.transport.loseConnection()

    def connectionLost(self, reason):
        self.done.callback(None)


async def main(reactor, port=8000, folder="."):
    authority = ssl.Certificate.loadPEM((Path(folder) / "public.pem").read_bytes())
    ourselves = ssl.PrivateCertificate.loadPEM((Path(folder) / "server.pem").read_bytes())
    options = ssl.optionsForClientTLS("example.com", authority, ourselves)
    asking = await connectProtocol(SSL4ClientEndpoint(reactor, "localhost", int(port), options), Ask())
    await asking.done


task.react(main, sys.argv[1:])
