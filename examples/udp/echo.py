"""P04, P67: every datagram goes back to where it came from."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import DatagramProtocol


class Echo(DatagramProtocol):
    def datagramReceived(self, datagram, addr):
        print(f"received {datagram!r} from {addr}", flush=True)
        self.transport.write(datagram, addr)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 9999
reactor.listenUDP(port, Echo())
reactor.run()
