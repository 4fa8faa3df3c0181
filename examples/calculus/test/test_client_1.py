"""T06: a test that returns a Deferred is over when the Deferred has fired."""

from calculus.client_1 import RemoteCalculationClient
from ropewalk.internet.testing import StringTransport
from ropewalk.trial import unittest


class ClientCalculationTestCase(unittest.TestCase):
    def setUp(self):
        self.tr = StringTransport()
        self.proto = RemoteCalculationClient()
        self.proto.makeConnection(self.tr)

    def check(self, operation, a, b, expected):
        answer = getattr(self.proto, operation)(a, b)
        self.assertEqual(self.tr.value(), f"{operation} {a} {b}\r\n".encode())
        self.tr.clear()
        answer.addCallback(self.assertEqual, expected)
        self.proto.dataReceived(f"{expected}\r\n".encode())
        return answer

    def test_add(self):
        return self.check("add", 7, 6, 13)

    def test_subtract(self):
        return self.check("subtract", 82, 78, 4)

    def test_multiply(self):
        return self.check("multiply", 2, 8, 16)

    def test_divide(self):
        return self.check("divide", 14, 3, 4)
