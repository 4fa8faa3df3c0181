"""P71: answer pings that are sent to a multicast group.

The answer goes straight to the asker. ``listenMultiple`` lets several programs on one machine share the port.
"""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import DatagramProtocol


class PingServer(DatagramProtocol):
    def startProtocol(self):
        # A TTL above 1 lets datagrams pass routers.
        self.transport.setTTL(5)
        self.transport.joinGroup("228.0.0.5")
        print("joined", flush=True)

    def datagramReceived(self, datagram, addr):
        print(f"Datagram {datagram!r} received from {addr!r}", flush=True)
        if datagram == b"Client: Ping":
            self.transport.write(b"Server: Pong", addr)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8005
reactor.listenMulticast(port, PingServer(), listenMultiple=True)
reactor.run()
