"""P42: the users are in a file, ``name: status`` on each line, which is read again and again."""

import os

from ropewalk.application import internet, service
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


class FingerService(service.Service):
    def __init__(self, filename, interval):
        self.users = {}
        self.filename = filename
        self.interval = interval

    def _read(self):
        with open(self.filename, "rb") as file:
            for line in file:
                user, status = line.split(b":", 1)
                self.users[user.strip()] = status.strip()
        self.call = reactor.callLater(self.interval, self._read)

    def startService(self):
        # A file that is not there is an error of the start, not of the first question.
        self._read()
        super().startService()

    def stopService(self):
        super().stopService()
        self.call.cancel()

    def getUser(self, user):
        return defer.succeed(self.users.get(user, b"No such user"))

    def getFingerFactory(self):
        factory = protocol.ServerFactory()
        factory.protocol = Finger
        factory.getUser = self.getUser
        return factory


application = service.Application("finger")
users = FingerService(os.environ.get("FINGER_USERS", "/etc/users"), float(os.environ.get("FINGER_INTERVAL", "30")))
port = int(os.environ.get("FINGER_PORT", "1079"))
finger = internet.TCPServer(port, users.getFingerFactory())

finger.setServiceParent(service.IServiceCollection(application))
users.setServiceParent(service.IServiceCollection(application))
