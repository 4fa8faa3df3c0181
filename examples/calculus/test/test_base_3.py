"""T04: what is no number is refused."""

from calculus.base_3 import Calculation
from calculus.test import test_base_2b
from ropewalk.trial import unittest

# Pairs of which at least one is no number.
NO_NUMBERS = [("foo", 2), ("bar", "egg"), ([3], [8, 2]), ({"e": 3}, {"r": "t"})]


class CalculationTestCase(unittest.TestCase):
    check = test_base_2b.CalculationTestCase.check

    def setUp(self):
        self.calc = Calculation()

    def refused(self, operation):
        for a, b in NO_NUMBERS:
            self.assertRaises(TypeError, operation, a, b)

    def test_add(self):
        self.check(self.calc.add, 3, 8, 11)

    def test_subtract(self):
        self.check(self.calc.subtract, 7, 3, 4)

    def test_multiply(self):
        self.check(self.calc.multiply, 6, 9, 54)

    def test_divide(self):
        self.check(self.calc.divide, 12, 5, 2)

    def test_errorAdd(self):
        self.refused(self.calc.add)

    def test_errorSubtract(self):
        self.refused(self.calc.subtract)

    def test_errorMultiply(self):
        self.refused(self.calc.multiply)

    def test_errorDivide(self):
        self.refused(self.calc.divide)
