"""P68: the socket was made elsewhere (by a parent, by systemd); the reactor takes a duplicate of it."""

import socket
import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import DatagramProtocol


class Echo(DatagramProtocol):
    def datagramReceived(self, datagram, addr):
        print(f"received {datagram!r} from {addr}", flush=True)
        self.transport.write(datagram, addr)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 9999
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
    ours.setblocking(False)
    ours.bind(("127.0.0.1", port))
    reactor.adoptDatagramPort(ours.fileno(), socket.AF_INET, Echo())

# Ours is closed by now; the reactor's own descriptor goes on.
reactor.run()
