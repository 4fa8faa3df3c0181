"""P24: a client factory is told how each connection fares."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import ClientFactory, Protocol


class Dump(Protocol):
    def dataReceived(self, data):
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


class DumpFactory(ClientFactory):
    def startedConnecting(self, connector):
        print("Started to connect.", flush=True)

    def buildProtocol(self, addr):
        print("Connected.", flush=True)
        return Dump()

    def clientConnectionLost(self, connector, reason):
        print("Lost connection.  Reason:", reason, flush=True)

    def clientConnectionFailed(self, connector, reason):
        print("Connection failed. Reason:", reason, flush=True)


host, port = sys.argv[1], int(sys.argv[2])
reactor.connectTCP(host, port, DumpFactory())
reactor.run()
