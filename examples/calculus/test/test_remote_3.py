"""T09: an error that is logged fails the test, unless the test takes it."""

from calculus.remote_2 import RemoteCalculationFactory
from calculus.test import test_remote_1
from ropewalk.trial import unittest


class RemoteCalculationTestCase(unittest.TestCase):
    factory = RemoteCalculationFactory
    setUp = test_remote_1.RemoteCalculationTestCase.setUp
    check = test_remote_1.RemoteCalculationTestCase.check

    def test_add(self):
        self.check("add", 7, 6, 13)

    def test_subtract(self):
        self.check("subtract", 82, 78, 4)

    def test_multiply(self):
        self.check("multiply", 2, 8, 16)

    def test_divide(self):
        self.check("divide", 14, 3, 4)

    def test_invalidParameters(self):
        self.proto.dataReceived(b"add foo bar\r\n")
        self.assertEqual(self.tr.value(), b"error\r\n")
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)
