"""P18: a chat with commands, in the manner of IRC: /join, /leave and /nick, told to everybody."""

import re
import sys

from ropewalk.internet import endpoints, reactor
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.basic import LineReceiver

COMMAND = re.compile(rb"/(join|leave|nick) ([A-Za-z0-9#]+)")


class Chatter(LineReceiver):
    def connectionMade(self):
        peer = self.transport.getPeer()
        self.nick = f"{peer.host}:{peer.port}".encode()
        self.factory.clients.add(self)

    def connectionLost(self, reason):
        self.factory.clients.discard(self)

    def lineReceived(self, line):
        command = COMMAND.fullmatch(line)
        if command is None:
            self.sendLine(b"error: line did not conform to chat server requirements!")
            return
        verb, argument = command.groups()
        if verb == b"join":
            self.factory.announce(self.nick + b" has joined the channel " + argument)
        elif verb == b"leave":
            self.factory.announce(self.nick + b" has left the channel " + argument)
        else:
            self.factory.announce(self.nick + b" is changing nick to " + argument)
            self.nick = argument


class ChatFactory(Factory):
    protocol = Chatter

    def __init__(self):
        self.clients = set()

    def announce(self, line):
        for client in self.clients:
            client.sendLine(line)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 1234
endpoints.serverFromString(reactor, f"tcp:{port}").listen(ChatFactory())
reactor.run()
