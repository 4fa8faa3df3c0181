"""BK-P1: what is typed goes to a server, what the server says is printed; lines end with CRLF on the wire."""

import re
import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import ClientFactory, Protocol
from ropewalk.internet.stdio import StandardIO

NEWLINE = re.compile(rb"\r?\n")


class Typed(Protocol):
    """Standard input, on its way to a server."""

    def __init__(self, server):
        self.server = server

    def dataReceived(self, data):
        self.server.write(NEWLINE.sub(b"\r\n", data))


class Server(Protocol):
    """A server, on its way to standard output."""

    def connectionMade(self):
        print("Connected to server.  Press ctrl-C to close connection.", flush=True)
        self.terminal = StandardIO(Typed(self.transport))

    def dataReceived(self, data):
        self.terminal.write(data)


class Calling(ClientFactory):
    protocol = Server
    noisy = False

    def clientConnectionFailed(self, connector, reason):
        print(reason.getErrorMessage())
        reactor.stop()

    def clientConnectionLost(self, connector, reason):
        reactor.stop()


if len(sys.argv) != 3:
    sys.exit(f"usage: {sys.argv[0]} HOST PORT")
reactor.connectTCP(sys.argv[1], int(sys.argv[2]), Calling())
reactor.run()
