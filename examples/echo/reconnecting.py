"""P25: the same client, which does not give up: it waits longer after each failure."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import Protocol, ReconnectingClientFactory


class Dump(Protocol):
    def dataReceived(self, data):
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


class DumpFactory(ReconnectingClientFactory):
    def startedConnecting(self, connector):
        print("Started to connect.", flush=True)

    def buildProtocol(self, addr):
        print("Connected.", flush=True)
        print("Resetting reconnection delay", flush=True)
        self.resetDelay()
        return Dump()

    def clientConnectionLost(self, connector, reason):
        print("Lost connection.  Reason:", reason, flush=True)
        super().clientConnectionLost(connector, reason)

    def clientConnectionFailed(self, connector, reason):
        print("Connection failed. Reason:", reason, flush=True)
        super().clientConnectionFailed(connector, reason)


host, port = sys.argv[1], int(sys.argv[2])
factory = DumpFactory()
if len(sys.argv) > 3:
    factory.initialDelay = factory.delay = float(sys.argv[3])
reactor.connectTCP(host, port, factory)
reactor.run()
