"""What the guest books of this directory share: lines that come over TCP are written into a window.

Each of them is a program of its own; start one and talk to it with ``nc 127.0.0.1 PORT``.
"""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.basic import LineOnlyReceiver


class Guest(LineOnlyReceiver):
    """Writes what a guest says into the book, and answers how much is written there."""

    delimiter = b"\n"

    def lineReceived(self, line):
        written = self.factory.write(line.decode(errors="replace"))
        self.sendLine(b"%d in the book" % written)


def serve(write):
    """Listen, on the port that the command line names or on a free one.

    Args:
        write: takes a line, and returns how many the window shows.
    """
    factory = Factory.forProtocol(Guest)
    factory.write = write
    port = reactor.listenTCP(int(sys.argv[1]) if sys.argv[1:] else 0, factory, interface="127.0.0.1")
    print(f"guest book on 127.0.0.1 port {port.getHost().port}", flush=True)
