# -*- test-case-name: calculus.test.test_client_3,calculus.test.test_client_4 -*-
"""T10: the client that gives up a connection on which no answer comes in time, with `TimeoutMixin`."""

from ropewalk.protocols import policies

from . import client_1
from .client_2 import ClientTimeoutError as ClientTimeoutError


class RemoteCalculationClient(client_1.RemoteCalculationClient, policies.TimeoutMixin):
    limit = 60

    def lineReceived(self, line):
        self.setTimeout(None)
        super().lineReceived(line)

    def timeoutConnection(self):
        while self.waiting:
            self.waiting.popleft().errback(ClientTimeoutError())
        self.transport.loseConnection()

    def ask(self, operation, a, b):
        answer = super().ask(operation, a, b)
        self.setTimeout(self.limit)
        return answer
