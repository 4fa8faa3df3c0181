"""T10: after the limit the connection is lost, too."""

from calculus.client_3 import ClientTimeoutError, RemoteCalculationClient
from calculus.test import test_client_1
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransportWithDisconnection
from ropewalk.trial import unittest


class ClientCalculationTestCase(unittest.TestCase):
    check = test_client_1.ClientCalculationTestCase.check

    def setUp(self):
        self.tr = StringTransportWithDisconnection()
        self.clock = Clock()
        self.proto = RemoteCalculationClient()
        self.proto.callLater = self.clock.callLater
        self.tr.protocol = self.proto
        self.proto.makeConnection(self.tr)

    def test_add(self):
        return self.check("add", 7, 6, 13)

    def test_subtract(self):
        return self.check("subtract", 82, 78, 4)

    def test_multiply(self):
        return self.check("multiply", 2, 8, 16)

    def test_divide(self):
        return self.check("divide", 14, 3, 4)

    def test_timeout(self):
        answer = self.proto.add(9, 4)
        self.assertEqual(self.tr.value(), b"add 9 4\r\n")
        self.clock.advance(self.proto.limit)
        return self.assertFailure(answer, ClientTimeoutError)

    def test_timeoutConnectionLost(self):
        lost = []
        self.proto.connectionLost = lost.append
        answer = self.proto.add(9, 4)
        self.clock.advance(self.proto.limit)
        return self.assertFailure(answer, ClientTimeoutError).addCallback(lambda _: self.assertEqual(len(lost), 1))
