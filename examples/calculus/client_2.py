# -*- test-case-name: calculus.test.test_client_2 -*-
"""T07: the client with a limit for each answer, counted by whatever `callLater` it is given: a test's clock."""

from ropewalk.internet import reactor
from ropewalk.internet.defer import Deferred

from . import client_1


class ClientTimeoutError(Exception):
    """The server has not answered in time."""


class RemoteCalculationClient(client_1.RemoteCalculationClient):
    timeOut = 60

    def __init__(self):
        super().__init__()
        self.callLater = reactor.callLater

    def lineReceived(self, line):
        answer, limit = self.waiting.popleft()
        limit.cancel()
        answer.callback(int(line))

    def ask(self, operation, a, b):
        answer = Deferred()
        limit = self.callLater(self.timeOut, answer.errback, ClientTimeoutError())
        self.waiting.append((answer, limit))
        self.sendLine(f"{operation} {a} {b}".encode())
        return answer
