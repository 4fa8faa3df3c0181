# -*- test-case-name: calculus.test.test_client_1 -*-
"""T06: a client of the calculator: each call returns a Deferred for its answer; answers come in the order of calls."""

from collections import deque

from ropewalk.internet.defer import Deferred
from ropewalk.protocols import basic


class RemoteCalculationClient(basic.LineReceiver):
    def __init__(self):
        self.waiting = deque()

    def lineReceived(self, line):
        self.waiting.popleft().callback(int(line))

    def ask(self, operation, a, b):
        answer = Deferred()
        self.waiting.append(answer)
        self.sendLine(f"{operation} {a} {b}".encode())
        return answer

    def add(self, a, b):
        return self.ask("add", a, b)

    def subtract(self, a, b):
        return self.ask("subtract", a, b)

    def multiply(self, a, b):
        return self.ask("multiply", a, b)

    def divide(self, a, b):
        return self.ask("divide", a, b)
