"""P69: connected UDP: one peer only, no address needed to send, and news when nobody listens there."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import DatagramProtocol


class Hello(DatagramProtocol):
    def startProtocol(self):
        self.transport.connect(host, port)
        print(f"now we can only send to host {host} port {port}", flush=True)
        self.transport.write(b"hello")

    def datagramReceived(self, datagram, addr):
        print(f"received {datagram!r} from {addr}", flush=True)

    def connectionRefused(self):
        print("No one listening", flush=True)


host, port = sys.argv[1], int(sys.argv[2])
reactor.listenUDP(0, Hello())
reactor.run()
