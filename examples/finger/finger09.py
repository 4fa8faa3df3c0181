"""P37: the system's own finger program knows the users."""

import sys

from ropewalk.internet import protocol, reactor, utils
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

    def getUser(self, user):
        return utils.getProcessOutput("finger", [b"--", user])


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1079
reactor.listenTCP(port, FingerFactory())
reactor.run()
