"""P30: accept connections, and ignore what they say."""

import sys

from ropewalk.internet import protocol, reactor


class Finger(protocol.Protocol):
    pass


class FingerFactory(protocol.ServerFactory):
    protocol = Finger


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory())
reactor.run()
