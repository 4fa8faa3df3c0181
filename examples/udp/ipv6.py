"""P73: a UDP echo on every IPv6 address of this machine."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import DatagramProtocol


class Echo(DatagramProtocol):
    def datagramReceived(self, datagram, addr):
        print(f"received {datagram!r} from {addr}", flush=True)
        self.transport.write(datagram, addr)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8006
reactor.listenUDP(port, Echo(), interface="::")
reactor.run()
