"""A service that people log in to: ``USER joe``, ``PASS secret``, ``QUIT``. It keeps names and passwords in memory."""

import sys

from zope.interface import Interface, implementer

from ropewalk.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.cred.credentials import UsernamePassword
from ropewalk.cred.error import LoginFailed
from ropewalk.cred.portal import IRealm, Portal
from ropewalk.internet import reactor
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.basic import LineReceiver


class ITodoList(Interface):
    """What somebody who is logged in uses."""

    def add(item):
        """Put something on the list; return how long it is."""


@implementer(ITodoList)
class TodoList:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
        return len(self.items)


@implementer(IRealm)
class TodoRealm:
    """Every user has a list, which stays when they leave."""

    def __init__(self):
        self.lists = {}

    def requestAvatar(self, avatarId, mind, *interfaces):
        if ITodoList not in interfaces:
            raise NotImplementedError("there are only lists here")
        print(avatarId.decode(), "logged in")
        todo = self.lists.setdefault(avatarId, TodoList())
        return ITodoList, todo, lambda: print(avatarId.decode(), "logged out")


class TodoProtocol(LineReceiver):
    name = None
    todo = None
    logout = None

    def __init__(self, portal):
        self.portal = portal

    def lineReceived(self, line):
        word, _, rest = line.partition(b" ")
        if word == b"QUIT":
            self.transport.loseConnection()
        elif word == b"USER":
            self.name = rest
            self.sendLine(b"and the password?")
        elif word == b"PASS" and self.name is not None and self.todo is None:
            login = self.portal.login(UsernamePassword(self.name, rest), None, ITodoList)
            login.addCallbacks(self.welcome, self.refuse)
        elif self.todo is not None:
            self.sendLine(b"%d things to do" % self.todo.add(line))
        else:
            self.sendLine(b"log in first: USER name, then PASS password")

    def welcome(self, login):
        _, self.todo, self.logout = login
        self.sendLine(b"welcome, " + self.name)

    def refuse(self, failure):
        failure.trap(LoginFailed)
        self.sendLine(str(failure.value).encode())

    def connectionLost(self, reason):
        if self.logout is not None:
            self.logout()


class TodoFactory(Factory):
    def __init__(self, portal):
        self.portal = portal

    def buildProtocol(self, address):
        return TodoProtocol(self.portal)


if __name__ == "__main__":
    checker = InMemoryUsernamePasswordDatabaseDontUse(joe="secret", ann="other")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 4738
    reactor.listenTCP(port, TodoFactory(Portal(TodoRealm(), [checker])))
    reactor.run()
