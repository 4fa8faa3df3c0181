"""P32: read a user name (one line), then drop the connection."""

import sys

from ropewalk.internet import protocol, reactor
from ropewalk.protocols import basic


class Finger(basic.LineReceiver):
    def lineReceived(self, user):
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = Finger


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory())
reactor.run()
