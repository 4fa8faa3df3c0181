"""BK-P2: repeats each line, until somebody says quit."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import ServerFactory
from ropewalk.protocols.basic import LineReceiver


class Echo(LineReceiver):
    def connectionMade(self):
        print("Connection from", self.transport.getPeer().host, flush=True)

    def lineReceived(self, line):
        if line == b"quit":
            self.sendLine(b"Goodbye.")
            self.transport.loseConnection()
        else:
            self.sendLine(b"You said: " + line)


class EchoFactory(ServerFactory):
    protocol = Echo
    noisy = False


port = int(sys.argv[1]) if len(sys.argv) > 1 else 5001
reactor.listenTCP(port, EchoFactory())
print("Server running, press ctrl-C to stop.", flush=True)
reactor.run()
