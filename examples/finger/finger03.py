"""P31: drop each connection as soon as it is made."""

import sys

from ropewalk.internet import protocol, reactor


class Finger(protocol.Protocol):
    def connectionMade(self):
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = Finger


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory())
reactor.run()
