"""T11: the same without returning a Deferred: a test that knows when an answer is there takes it."""

from calculus.client_3 import ClientTimeoutError
from calculus.test import test_client_3
from ropewalk.trial import unittest


class ClientCalculationTestCase(unittest.TestCase):
    setUp = test_client_3.ClientCalculationTestCase.setUp

    def check(self, operation, a, b, expected):
        answer = getattr(self.proto, operation)(a, b)
        self.assertNoResult(answer)
        self.assertEqual(self.tr.value(), f"{operation} {a} {b}\r\n".encode())
        self.proto.dataReceived(f"{expected}\r\n".encode())
        self.assertEqual(self.successResultOf(answer), expected)

    def test_add(self):
        self.check("add", 7, 6, 13)

    def test_subtract(self):
        self.check("subtract", 82, 78, 4)

    def test_multiply(self):
        self.check("multiply", 2, 8, 16)

    def test_divide(self):
        self.check("divide", 14, 3, 4)

    def test_timeout(self):
        answer = self.proto.add(9, 4)
        self.clock.advance(self.proto.limit)
        self.failureResultOf(answer, ClientTimeoutError)

    def test_timeoutConnectionLost(self):
        lost = []
        self.proto.connectionLost = lost.append
        answer = self.proto.add(9, 4)
        self.clock.advance(self.proto.limit)
        self.failureResultOf(answer, ClientTimeoutError)
        self.assertEqual(len(lost), 1)
