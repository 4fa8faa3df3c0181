"""P16: what you send comes back; where to listen is a string that a user could have typed."""

import sys

from ropewalk.internet import endpoints, protocol, reactor


class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


where = sys.argv[1] if len(sys.argv) > 1 else "1234"
endpoints.serverFromString(reactor, f"tcp:{where}").listen(protocol.Factory.forProtocol(Echo))
reactor.run()
