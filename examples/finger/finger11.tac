"""P39: the finger server as an application, which a daemon can run: twistd -ny finger11.tac"""

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


# With uid= and gid= the process becomes that user once it has its port: root may bind port 79, and need not stay root.
application = service.Application("finger")
factory = FingerFactory(moshez="Happy and well")
port = int(os.environ.get("FINGER_PORT", "1079"))
internet.TCPServer(port, factory).setServiceParent(service.IServiceCollection(application))
