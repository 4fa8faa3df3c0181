"""P36: looking a user up may take time, so the factory answers with a Deferred."""

import sys

from ropewalk.internet import defer, protocol, reactor
from ropewalk.protocols import basic


class Finger(basic.LineReceiver):
    def lineReceived(self, user):
        def answer(message):
            self.transport.write(message + b"\r\n")
            self.transport.loseConnection()

        looking = self.factory.getUser(user)
        looking.addErrback(lambda failure: b"Internal error in server")
        looking.addCallback(answer)


class FingerFactory(protocol.ServerFactory):
    protocol = Finger

    def __init__(self, **users):
        self.users = {name.encode(): status.encode() for name, status in users.items()}

    def getUser(self, user):
        if user == b"broken":
            return defer.fail(LookupError("the user database is on fire"))
        return defer.succeed(self.users.get(user, b"No such user"))


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory(moshez="Happy and well"))
reactor.run()
