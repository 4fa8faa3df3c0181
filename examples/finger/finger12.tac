"""P40: a second port lets people say how they are."""

import os

from ropewalk.application import internet, service
from ropewalk.internet import defer, protocol
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
        return defer.succeed(self.users.get(user, b"No such user"))


class Setter(basic.LineReceiver):
    """Takes a name and a status, a line each. Whoever says less has an error logged, and the server goes on."""

    def connectionMade(self):
        self.lines = []

    def lineReceived(self, line):
        self.lines.append(line)

    def connectionLost(self, reason):
        self.factory.setUser(self.lines[0], self.lines[1])


class SetterFactory(protocol.ServerFactory):
    protocol = Setter

    def __init__(self, fingerFactory):
        self.fingerFactory = fingerFactory

    def setUser(self, user, status):
        self.fingerFactory.users[user] = status


finger = FingerFactory(moshez="Happy and well")
setter = SetterFactory(finger)

application = service.Application("finger")
services = service.IServiceCollection(application)
internet.TCPServer(int(os.environ.get("FINGER_PORT", "1079")), finger).setServiceParent(services)
internet.TCPServer(
    int(os.environ.get("SETTER_PORT", "1080")), setter, interface="127.0.0.1"
).setServiceParent(services)
