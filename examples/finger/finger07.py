"""P35: users are given to the factory as keyword arguments."""

import sys

from ropewalk.internet import protocol, reactor
from ropewalk.protocols import basic


class Finger(basic.LineReceiver):
    def lineReceived(self, user):
        self.transport.write(self.factory.getUser(user) + b"\r\n")
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = Finger

    def __init__(self, **users):
        self.users = {name.encode(): status.encode() for name, status in users.items()}

    def getUser(self, user):
        return self.users.get(user, b"No such user")


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory(moshez="Happy and well"))
reactor.run()
