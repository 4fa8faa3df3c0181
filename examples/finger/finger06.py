"""P34: the factory knows the users (none yet); the protocol only asks it."""

import sys

from ropewalk.internet import protocol, reactor
from ropewalk.protocols import basic


class Finger(basic.LineReceiver):
    def lineReceived(self, user):
        self.transport.write(self.factory.getUser(user) + b"\r\n")
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = Finger

    def getUser(self, user):
        return b"No such user"


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory())
reactor.run()
