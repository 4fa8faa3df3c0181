"""P22: a chat for everybody who is connected: first line your name, then what you say.

Try it:  python examples/chat/chat.py &  telnet localhost 8123   (twice)
"""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.basic import LineReceiver


class Chat(LineReceiver):
    name = None

    def connectionMade(self):
        self.sendLine(b"What's your name?")

    def connectionLost(self, reason):
        # Only the owner of a name frees it: somebody refused as a namesake owns none.
        if self.name is not None:
            del self.factory.users[self.name]

    def lineReceived(self, line):
        if self.name is None:
            self.register(line)
        else:
            self.say(line)

    def register(self, name):
        if name in self.factory.users:
            self.sendLine(b"Name taken, please choose another.")
            return
        self.name = name
        self.factory.users[name] = self
        self.sendLine(b"Welcome, " + name + b"!")

    def say(self, message):
        for user in self.factory.users.values():
            if user is not self:
                user.sendLine(b"<" + self.name + b"> " + message)


class ChatFactory(Factory):
    protocol = Chat

    def __init__(self):
        self.users = {}  # name -> Chat


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8123
reactor.listenTCP(port, ChatFactory())
reactor.run()
