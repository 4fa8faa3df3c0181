"""Register users (F8): the protocol does not know who answers; a locator does. Each user is a file in a directory.

python registration_server.py [PORT [DIRECTORY]]
"""

import sys

from registration import RegisterUser, UsernameUnavailable

from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.amp import AMP, CommandLocator
from ropewalk.python.filepath import FilePath


class UserRegistration(CommandLocator):
    """Answers `RegisterUser`; one for all connections, so that no number is given twice."""

    def __init__(self, directory):
        self.directory = directory
        self.uidCounter = 0

    @RegisterUser.responder
    def register(self, username, publickey):
        path = self.directory.child(username)  # refuses names that lead out of the directory
        if path.exists():
            raise UsernameUnavailable(f"{username} is taken")
        self.uidCounter += 1
        path.setContent(b"%d %b\n" % (self.uidCounter, publickey))
        return {"uid": self.uidCounter}


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8750
    directory = FilePath(sys.argv[2] if len(sys.argv) > 2 else ".")
    registration = UserRegistration(directory)
    factory = Factory.forProtocol(lambda: AMP(locator=registration))
    TCP4ServerEndpoint(reactor, port, interface="127.0.0.1").listen(factory)
    reactor.run()


if __name__ == "__main__":
    main()
