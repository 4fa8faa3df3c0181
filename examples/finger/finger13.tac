"""P41: the users belong to a service of their own, and both factories ask it."""

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


class Setter(basic.LineReceiver):
    def connectionMade(self):
        self.lines = []

    def lineReceived(self, line):
        self.lines.append(line)

    def connectionLost(self, reason):
        self.factory.setUser(self.lines[0], self.lines[1])


class FingerService(service.Service):
    def __init__(self, **users):
        self.users = {name.encode(): status.encode() for name, status in users.items()}

    def getUser(self, user):
        return defer.succeed(self.users.get(user, b"No such user"))

    def setUser(self, user, status):
        self.users[user] = status

    def getFingerFactory(self):
        factory = protocol.ServerFactory()
        factory.protocol = Finger
        factory.getUser = self.getUser
        return factory

    def getSetterFactory(self):
        factory = protocol.ServerFactory()
        factory.protocol = Setter
        factory.setUser = self.setUser
        return factory


application = service.Application("finger")
finger = FingerService(moshez="Happy and well")
services = service.IServiceCollection(application)
internet.TCPServer(int(os.environ.get("FINGER_PORT", "1079")), finger.getFingerFactory()).setServiceParent(services)
internet.TCPServer(
    int(os.environ.get("SETTER_PORT", "1080")), finger.getSetterFactory(), interface="127.0.0.1"
).setServiceParent(services)
