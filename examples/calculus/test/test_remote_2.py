"""T08: client and server over TCP. Whoever opens a port in ``setUp`` closes it in ``tearDown``."""

from calculus.client_2 import RemoteCalculationClient
from calculus.remote_1 import RemoteCalculationFactory
from ropewalk.internet import protocol, reactor
from ropewalk.trial import unittest


class RemoteRunCalculationTestCase(unittest.TestCase):
    def setUp(self):
        self.client = None
        self.port = reactor.listenTCP(0, RemoteCalculationFactory(), interface="127.0.0.1")

    def tearDown(self):
        if self.client is not None:
            self.client.transport.loseConnection()
        return self.port.stopListening()

    async def check(self, operation, a, b, expected):
        creator = protocol.ClientCreator(reactor, RemoteCalculationClient)
        self.client = await creator.connectTCP("127.0.0.1", self.port.getHost().port)
        self.assertEqual(await getattr(self.client, operation)(a, b), expected)

    def test_add(self):
        return self.check("add", 5, 9, 14)

    def test_subtract(self):
        return self.check("subtract", 47, 13, 34)

    def test_multiply(self):
        return self.check("multiply", 7, 3, 21)

    def test_divide(self):
        return self.check("divide", 84, 10, 8)
