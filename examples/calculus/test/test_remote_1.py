"""T05: a protocol is tested without sockets, on a transport that keeps what is written."""

from calculus.remote_1 import RemoteCalculationFactory
from ropewalk.internet.testing import StringTransport
from ropewalk.trial import unittest


class RemoteCalculationTestCase(unittest.TestCase):
    factory = RemoteCalculationFactory

    def setUp(self):
        self.proto = self.factory().buildProtocol(("127.0.0.1", 0))
        self.tr = StringTransport()
        self.proto.makeConnection(self.tr)

    def check(self, operation, a, b, expected):
        self.proto.dataReceived(f"{operation} {a} {b}\r\n".encode())
        self.assertEqual(int(self.tr.value()), expected)

    def test_add(self):
        self.check("add", 7, 6, 13)

    def test_subtract(self):
        self.check("subtract", 82, 78, 4)

    def test_multiply(self):
        self.check("multiply", 2, 8, 16)

    def test_divide(self):
        self.check("divide", 14, 3, 4)
