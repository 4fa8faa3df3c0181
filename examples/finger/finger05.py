"""P33: read a user name and answer that there is no such user."""

import sys

from ropewalk.internet import protocol, reactor
from ropewalk.protocols import basic


class Finger(basic.LineReceiver):
    def lineReceived(self, user):
        self.transport.write(b"No such user\r\n")
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = Finger


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory())
reactor.run()
