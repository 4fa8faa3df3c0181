"""P03: a chat in colour, with a dashboard of who is there on the server's terminal.

Try it:  python examples/chat/dashboard.py &  telnet localhost 8000
"""

import datetime
import sys
from collections import deque

from ropewalk.internet import reactor
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.basic import LineReceiver

RED, GREEN, MAGENTA = 31, 32, 35
RULE = "=" * 44


def coloured(code, text):
    return f"\x1b[{code}m{text}\x1b[0m"


def now():
    return f"({datetime.datetime.now():%Y/%m/%d %H:%M:%S})"


class ColourChat(LineReceiver):
    name = None

    def tell(self, text):
        self.sendLine(text.encode())

    def connectionMade(self):
        self.tell("~" * 51)
        self.tell("#### Successfully Connected to the Chat Server ####")
        self.tell("~" * 51)
        self.tell(now())
        self.tell("Choose a username:")

    def connectionLost(self, reason):
        if self.name is None:
            return
        del self.factory.users[self.name]
        self.factory.announce(coloured(RED, f"{self.name} has left the channel."))
        self.factory.record(f"{self.name} exits.")

    def lineReceived(self, line):
        text = line.decode(errors="replace")
        if self.name is None:
            self.register(text)
        else:
            message = f"{now()}<{self.name}> {text}"
            self.factory.announce(coloured(MAGENTA, message), sender=self)
            self.factory.record(message)

    def register(self, name):
        users = self.factory.users
        if name in users:
            self.tell(f"Sorry, {name!r} is taken. Try something else.")
            return
        self.tell(f"Welcome to the chat, {name}.")
        self.factory.announce(coloured(GREEN, f"{name} has joined the channel."))
        self.name = name
        users[name] = self
        if len(users) == 1:
            self.tell(f"You're the only one here, {name!r}")
        else:
            self.tell("Participants in chat: " + ", ".join(users))
        self.factory.draw()


class ColourChatFactory(Factory):
    protocol = ColourChat

    def __init__(self):
        self.users = {}
        self.recent = deque(maxlen=20)

    def announce(self, text, sender=None):
        for user in self.users.values():
            if user is not sender:
                user.tell(text)

    def record(self, line):
        self.recent.append(line)
        self.draw()

    def draw(self):
        clear = "\x1b[2J"
        print(clear, RULE, "Users in chat: " + ", ".join(self.users), RULE, *self.recent, sep="\n", flush=True)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
reactor.listenTCP(port, ColourChatFactory())
print(f"Chat Server started on port {port}", flush=True)
reactor.run()
