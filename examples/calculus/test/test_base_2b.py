"""T03: what the tests have in common is in ``setUp`` and in a method of its own."""

from calculus.base_2 import Calculation
from ropewalk.trial import unittest


class CalculationTestCase(unittest.TestCase):
    def setUp(self):
        self.calc = Calculation()

    def check(self, operation, a, b, expected):
        self.assertEqual(operation(a, b), expected)

    def test_add(self):
        self.check(self.calc.add, 3, 8, 11)

    def test_subtract(self):
        self.check(self.calc.subtract, 7, 3, 4)

    def test_multiply(self):
        self.check(self.calc.multiply, 6, 9, 54)

    def test_divide(self):
        self.check(self.calc.divide, 12, 5, 2)
