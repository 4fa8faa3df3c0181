"""P72: ping a multicast group, and print what comes back (our own ping too: we joined the group)."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import DatagramProtocol


class PingClient(DatagramProtocol):
    def startProtocol(self):
        self.transport.joinGroup("228.0.0.5")
        self.transport.write(b"Client: Ping", ("228.0.0.5", groupPort))

    def datagramReceived(self, datagram, addr):
        print(f"Datagram {datagram!r} received from {addr!r}", flush=True)


groupPort = int(sys.argv[1]) if len(sys.argv) > 1 else 8005
# On a machine where a server shares the port, an answer to it reaches one of the two sockets only;
# a second argument gives the client a port of its own.
ownPort = int(sys.argv[2]) if len(sys.argv) > 2 else groupPort
reactor.listenMulticast(ownPort, PingClient(), listenMultiple=True)
reactor.run()
